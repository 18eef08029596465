/** The shortest time that a rate is taken of, and the longest, which an hour's build does not outgrow. */
const shortestMs = 10_000;
const longestMs = 600_000;
/** Marks are no closer, so that there are a few hundred of them. */
const apartMs = 1000;

type Mark = { readonly ms: number; readonly done: number };

/**
 * Units per second over the later half of the work so far, ten seconds to ten minutes: it follows what happens, and what is
 * expected by it does not jump with each large file or pause of the engine.
 */
export class Rate {
  #marks: Mark[] = [];
  #begunMs = 0;

  /** Forgets what was; counts from here. */
  begin(ms: number, done: number): void {
    this.#begunMs = ms;
    this.#marks = [{ ms, done }];
  }

  /** 0 while no time has passed. */
  at(ms: number, done: number): number {
    const marks = this.#marks;
    if (ms - (marks.at(-1)?.ms ?? Number.NEGATIVE_INFINITY) >= apartMs) marks.push({ ms, done });
    const windowMs = Math.min(longestMs, Math.max(shortestMs, (ms - this.#begunMs) / 2));
    // The one before the window stays, so that all of the window is counted.
    while (ms - (marks[1]?.ms ?? ms) >= windowMs) marks.shift();
    const first = marks[0] ?? { ms, done };
    const seconds = (ms - first.ms) / 1000;
    return seconds > 0 ? (done - first.done) / seconds : 0;
  }
}
