import { fastClock } from './fast-clock.ts';
import type { HandClock } from './hand-clock.ts';

/** A clock that turns itself, `factor` times as fast as the world: for stories with a part that is real. */
export function liveClock(factor: number): HandClock {
  const clock = fastClock(factor);
  return {
    ...clock,
    advance: async ms => clock.sleep(ms),
    jump: () => {
      throw new Error('this clock cannot be set');
    },
    sleepers: 0,
  };
}
