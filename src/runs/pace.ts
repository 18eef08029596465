import type { SteadyClock } from '../runtime/clock.ts';

/** Every status that is written comes back through the watch: without a pace of its own each look would be a write. */
export const progressPaceMs = 5_000;
/** How often a version in its bake is checked. */
export const bakePaceMs = 60_000;

/** Says when something about a run is worth another look: at most once in this time for each. */
export class Pace {
  readonly #clock: SteadyClock;
  readonly #ms: number;
  readonly #looked = new Map<string, number>();

  constructor(clock: SteadyClock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** True at most once in that time; whoever hears true looks now. */
  isDue(id: string): boolean {
    const nowMs = this.#clock.elapsedMs();
    const lookedMs = this.#looked.get(id);
    if (lookedMs !== undefined && nowMs - lookedMs < this.#ms) return false;
    this.#looked.set(id, nowMs);
    return true;
  }

  forget(id: string): void {
    this.#looked.delete(id);
  }
}
