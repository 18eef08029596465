import type { SteadyClock } from '../runtime/clock.ts';

/**
 * Without a byte or an acknowledged probe for this long a socket counts as dead. Probes go out every 15 s where the
 * server speaks HTTP/2; elsewhere this is below the minute between two bookmarks, and a quiet watch is opened anew.
 */
export const silenceLimitMs = 45_000;
/** Two bookmarks missing: the socket may live, the server's watch behind it does not. */
export const quietLimitMs = 130_000;

export type WatchdogRule = {
  /** What must not stay away. */
  readonly what: string;
  readonly limitMs: number;
  /** When it last came, on the clock's `elapsedMs`. */
  readonly sinceMs: () => number;
};

export type Watchdog = {
  /** Aborted once a rule is broken. */
  readonly barked: AbortSignal;
  /** Which rule that was. */
  reason(): Error | undefined;
  stop(): void;
};

/** Sleeps until the next rule could be broken, so it costs nothing while there is life. */
export const watchdog = (clock: SteadyClock, rules: readonly WatchdogRule[]): Watchdog => {
  const stopped = new AbortController();
  const barked = new AbortController();
  let reason: Error | undefined;
  const leftMs = (rule: WatchdogRule): number => rule.sinceMs() + rule.limitMs - clock.elapsedMs();
  const guard = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const broken = rules.find(rule => leftMs(rule) <= 0);
      if (broken !== undefined) {
        reason = new Error(`no ${broken.what} for ${broken.limitMs / 1000} s`);
        barked.abort();
        return;
      }
      await clock.sleep(Math.min(...rules.map(leftMs)), stopped.signal);
    }
  };
  void guard();
  return { barked: barked.signal, reason: () => reason, stop: () => stopped.abort() };
};
