import type { SteadyClock } from '../runtime/clock.ts';

type Timer<T> = { readonly id: string; readonly value: T; readonly dueMs: number };

/** Values that come due, one per id, on a single sleep: thousands of pending wake-ups cost one timer. */
export class TimerHeap<T> {
  readonly #clock: SteadyClock;
  readonly #onDue: (value: T) => void;
  /** Binary heap, earliest first. An entry that is no longer the current one of its id is skipped when it comes up. */
  readonly #heap: Timer<T>[] = [];
  readonly #current = new Map<string, Timer<T>>();
  #sleep: AbortController | undefined;

  constructor(clock: SteadyClock, onDue: (value: T) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Wakes `value` in `ms`, unless its id has an earlier time already. */
  set(id: string, value: T, ms: number): void {
    const timer: Timer<T> = { id, value, dueMs: this.#clock.elapsedMs() + ms };
    const before = this.#current.get(id);
    if (before !== undefined && before.dueMs <= timer.dueMs) return;
    this.#current.set(id, timer);
    this.#push(timer);
    if (this.#heap[0] === timer) this.#sleepUntilFirst();
  }

  clear(): void {
    this.#heap.length = 0;
    this.#current.clear();
    this.#sleep?.abort();
  }

  #sleepUntilFirst(): void {
    this.#sleep?.abort();
    const first = this.#heap[0];
    if (first === undefined) return;
    const sleep = new AbortController();
    this.#sleep = sleep;
    void this.#clock.sleep(first.dueMs - this.#clock.elapsedMs(), sleep.signal).then(() => {
      if (!sleep.signal.aborted) this.#wakeDue();
    });
  }

  #wakeDue(): void {
    // Timers may fire a fraction of a millisecond early.
    const nowMs = this.#clock.elapsedMs() + 1;
    for (let first = this.#heap[0]; first !== undefined && first.dueMs <= nowMs; first = this.#heap[0]) {
      this.#pop();
      if (this.#current.get(first.id) !== first) continue;
      this.#current.delete(first.id);
      this.#onDue(first.value);
    }
    this.#sleepUntilFirst();
  }

  #push(timer: Timer<T>): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || parent.dueMs <= timer.dueMs) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (let child = this.#earlierChild(at); child !== undefined; child = this.#earlierChild(at)) {
      if (last.dueMs <= child.timer.dueMs) break;
      heap[at] = child.timer;
      at = child.at;
    }
    heap[at] = last;
  }

  #earlierChild(at: number): { readonly at: number; readonly timer: Timer<T> } | undefined {
    const leftAt = 2 * at + 1;
    const left = this.#heap[leftAt];
    const right = this.#heap[leftAt + 1];
    if (left === undefined) return undefined;
    return right !== undefined && right.dueMs < left.dueMs
      ? { at: leftAt + 1, timer: right }
      : { at: leftAt, timer: left };
  }
}
