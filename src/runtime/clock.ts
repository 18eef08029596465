/** Wall-clock time and waiting, passed in so that tests turn it by hand. Nothing else in `src` reads the clock. */
export type Clock = {
  now(): Date;
  /** Resolves after `ms`, or at once when the signal is (or gets) aborted: an ended wait is not an error. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

/** For measuring how long something took: never jumps when the wall clock is set. */
export type SteadyClock = Clock & {
  /** Milliseconds since some fixed moment in the past; only differences mean anything. */
  elapsedMs(): number;
};

/** `setTimeout` fires at once above 2^31-1 ms; longer waits are cut in pieces of this. */
const longestTimerMs = 2 ** 31 - 1;

const sleepOnce = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise(resolve => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });

const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
  for (let leftMs = Math.max(0, ms); !signal?.aborted; leftMs -= longestTimerMs) {
    await sleepOnce(Math.min(leftMs, longestTimerMs), signal);
    if (leftMs <= longestTimerMs) return;
  }
};

/** The machine's clock. */
export const systemClock: SteadyClock = { now: () => new Date(), sleep, elapsedMs: () => performance.now() };
