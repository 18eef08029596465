import type { SteadyClock } from '../runtime/clock.ts';

/** So long a free place is kept for the one whose turn it is. */
export const patienceMs = 30_000;

/**
 * How a request waits that has not begun, as a look at it found: for its turn; for something else, so that it stands aside and
 * those behind it go first; or no more, since it begins.
 */
export type Waits = 'in line' | 'aside' | 'begins';

/**
 * What this process remembers of requests that wait, by their names. One whose turn came and who does not take it in time
 * stands aside as well: whatever keeps it from being looked at, or from getting on, holds nothing up behind it.
 */
export class Line {
  readonly #clock: Pick<SteadyClock, 'elapsedMs'>;
  readonly #aside = new Set<string>();
  readonly #calledMs = new Map<string, number>();

  constructor(clock: Pick<SteadyClock, 'elapsedMs'>) {
    this.#clock = clock;
  }

  /** Its turn has come, if it had not before. */
  call(name: string): void {
    if (!this.#calledMs.has(name)) this.#calledMs.set(name, this.#clock.elapsedMs());
  }

  /** It was looked at. That it begins, and does not get on, is no reason to keep its place for longer. */
  looked(name: string, waits: Waits): void {
    if (waits === 'aside') this.#aside.add(name);
    else this.#aside.delete(name);
    if (waits !== 'begins') this.#calledMs.delete(name);
  }

  standsAside(name: string): boolean {
    const calledMs = this.#calledMs.get(name);
    return this.#aside.has(name) || (calledMs !== undefined && this.#clock.elapsedMs() - calledMs >= patienceMs);
  }

  /** It is at work, over, or gone. */
  forget(name: string): void {
    this.#aside.delete(name);
    this.#calledMs.delete(name);
  }
}
