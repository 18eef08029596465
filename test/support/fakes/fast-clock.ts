import { systemClock, type SteadyClock } from '../../../src/runtime/clock.ts';

/** A clock that runs `factor` times as fast as the world: for waits on leases that have to run out. */
export function fastClock(factor: number): SteadyClock {
  const startedAt = systemClock.now().getTime();
  const startedMs = systemClock.elapsedMs();
  const elapsedMs = (): number => (systemClock.elapsedMs() - startedMs) * factor;
  return {
    now: () => new Date(startedAt + elapsedMs()),
    elapsedMs,
    sleep: (ms, stop) => systemClock.sleep(ms / factor, stop),
  };
}
