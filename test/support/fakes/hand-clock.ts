import type { SteadyClock } from '../../../src/runtime/clock.ts';
import { areTurnsLeft } from './turns.ts';

/** A clock that stands still until a test turns it. */
export type HandClock = SteadyClock & {
  /** Wakes every sleeper due within `ms`, each at its own time, and lets what it started settle before the next. */
  advance(ms: number): Promise<void>;
  /** Moves the time of day and nothing else, as an administrator or a time server does. */
  jump(ms: number): void;
  /** How many sleeps have not ended. */
  readonly sleepers: number;
};

type Sleeper = { readonly dueMs: number; readonly wake: () => void };

/** Lets promise chains and immediates that are ready now run to their next wait, and fakes that are asked answer. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5 || areTurnsLeft(); turn += 1) await new Promise(resolve => setImmediate(resolve));
};

/** `const clock = handClock(); ... await clock.advance(5_000)` */
export const handClock = (start = new Date('2026-01-01T00:00:00Z')): HandClock => {
  let passedMs = 0;
  let jumpedMs = 0;
  const sleepers = new Set<Sleeper>();
  const earliest = (): Sleeper | undefined => [...sleepers].sort((a, b) => a.dueMs - b.dueMs)[0];
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise(resolve => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const wake = (): void => {
        sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper: Sleeper = { dueMs: passedMs + Math.max(0, ms), wake };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
    });
  const advance = async (ms: number): Promise<void> => {
    const endMs = passedMs + ms;
    await settle();
    for (let next = earliest(); next !== undefined && next.dueMs <= endMs; next = earliest()) {
      passedMs = Math.max(passedMs, next.dueMs);
      next.wake();
      await settle();
    }
    passedMs = endMs;
  };
  return {
    now: () => new Date(start.getTime() + passedMs + jumpedMs),
    elapsedMs: () => passedMs,
    sleep,
    advance,
    jump: ms => {
      jumpedMs += ms;
    },
    get sleepers() {
      return sleepers.size;
    },
  };
};
