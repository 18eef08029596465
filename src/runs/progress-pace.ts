import type { SteadyClock } from '../runtime/clock.ts';

/** Every status that is written comes back through the watch; without a pace of its own each look would be a write. */
const paceMs = 5000;

/** Says when the progress of a run is worth another look: at most every 5 s for each run. */
export class ProgressPace {
  readonly #clock: SteadyClock;
  readonly #looked = new Map<string, number>();

  constructor(clock: SteadyClock) {
    this.#clock = clock;
  }

  /** True at most every 5 s; whoever hears true looks now. */
  isDue(uid: string): boolean {
    const nowMs = this.#clock.elapsedMs();
    const lookedMs = this.#looked.get(uid);
    if (lookedMs !== undefined && nowMs - lookedMs < paceMs) return false;
    this.#looked.set(uid, nowMs);
    return true;
  }

  forget(uid: string): void {
    this.#looked.delete(uid);
  }
}
