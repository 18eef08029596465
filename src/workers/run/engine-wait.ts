import { backOffMs } from '../../domain/back-off.ts';
import { RetryableError } from '../../domain/errors.ts';
import type { SteadyClock } from '../../runtime/clock.ts';

const patienceMs = 300_000;
const backOff = { firstMs: 500, longestMs: 5_000 };

type EngineWait = {
  readonly clock: SteadyClock;
  readonly signal: AbortSignal;
  /** Called once, when it begins to wait: a pod that stands for minutes has to say for what. */
  readonly onAway: (absence: RetryableError) => void;
};

/**
 * Waits until the engine answers `ask`, for 5 minutes at most, or until the signal is aborted. Never throws: what the
 * engine says afterwards, the run finds out by itself.
 * A pod that ended at once would cost one of its Job's few retries, and Kubernetes keeps each next pod waiting twice as long
 * as the one before: after an engine was away for two minutes, nobody would be at work for two more.
 */
export async function waitForEngine(ask: () => Promise<unknown>, { clock, signal, onAway }: EngineWait): Promise<void> {
  const endMs = clock.elapsedMs() + patienceMs;
  for (let failures = 1; ; failures += 1) {
    const absence = await absenceOf(ask);
    if (absence === undefined) return;
    if (failures === 1) onAway(absence);
    if (signal.aborted || clock.elapsedMs() >= endMs) return;
    await clock.sleep(backOffMs(failures, backOff), signal);
  }
}

/** What the engine was found away by; undefined where it answered. A refusal is an answer too. */
async function absenceOf(ask: () => Promise<unknown>): Promise<RetryableError | undefined> {
  try {
    await ask();
    return undefined;
  } catch (error) {
    return error instanceof RetryableError ? error : undefined;
  }
}
