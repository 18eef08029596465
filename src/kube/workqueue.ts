import type { Key } from '../api/object.ts';
import { backOffMs, withJitter } from '../domain/back-off.ts';
import type { SteadyClock } from '../runtime/clock.ts';
import type { QueueMeter } from './meters.ts';
import { TimerHeap } from './timer-heap.ts';

export type WorkQueueOptions = {
  readonly clock: SteadyClock;
  /** First and longest back-off; default 5 ms and 5 min. */
  readonly minDelayMs?: number;
  readonly maxDelayMs?: number;
  /** In [0, 1); default Math.random. */
  readonly random?: () => number;
  /** Default: nobody counts. */
  readonly meter?: Partial<QueueMeter>;
};

const idOf = (key: Key): string => `${key.namespace}/${key.name}`;

type Waiting = { readonly key: Key; readonly sinceMs: number };

/**
 * Keys with work to do, first in first out. Equal keys merge; a key is never handed out twice at once: one that is
 * added while it is being worked on comes again after `done`. Who gets a key must call `done` for it.
 *
 *   add(key) | addAfter(key, ms) | addRateLimited(key, {maxMs?}) -> delay in ms | forget(key)
 *   get(): Promise<Key | undefined>, undefined once shut down | done(key) | shutDown() | drained(): Promise<void>
 */
export class WorkQueue {
  readonly #clock: SteadyClock;
  readonly #minDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #random: () => number;
  readonly #meter: Partial<QueueMeter>;
  readonly #waiting = new Map<string, Waiting>();
  /** Ids of `#waiting` in the order of work; what lies before `#head` was handed out. */
  #order: string[] = [];
  #head = 0;
  readonly #working = new Map<string, { readonly startedMs: number; again: Key | undefined }>();
  readonly #failures = new Map<string, number>();
  readonly #timers: TimerHeap<Key>;
  readonly #getters: ((key: Key | undefined) => void)[] = [];
  readonly #drainers: (() => void)[] = [];
  #closed = false;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock;
    this.#minDelayMs = options.minDelayMs ?? 5;
    this.#maxDelayMs = options.maxDelayMs ?? 300_000;
    this.#random = options.random ?? Math.random;
    this.#meter = options.meter ?? {};
    this.#timers = new TimerHeap<Key>(options.clock, key => this.add(key));
  }

  /** Keys that wait to be handed out; those on a timer or being worked on are not counted. */
  get length(): number {
    return this.#waiting.size;
  }

  add(key: Key): void {
    const id = idOf(key);
    if (this.#closed || this.#waiting.has(id)) return;
    this.#meter.added?.();
    const current = this.#working.get(id);
    if (current !== undefined) {
      current.again = key;
      return;
    }
    this.#waiting.set(id, { key, sinceMs: this.#clock.elapsedMs() });
    this.#order.push(id);
    this.#meter.depth?.(this.#waiting.size);
    this.#handOut();
  }

  /** Adds the key once `ms` have passed; of several such calls for one key the earliest time holds. */
  addAfter(key: Key, ms: number): void {
    if (this.#closed) return;
    if (ms <= 0) this.add(key);
    else this.#timers.set(idOf(key), key, ms);
  }

  /**
   * Adds the key after its back-off, which doubles with each call until `forget`, and says how long that is in ms
   * (half of it is jitter). `maxMs` bounds it below the queue's own bound.
   */
  addRateLimited(key: Key, { maxMs = this.#maxDelayMs }: { readonly maxMs?: number } = {}): number {
    const id = idOf(key);
    const failures = this.#failures.get(id) ?? 0;
    this.#failures.set(id, failures + 1);
    this.#meter.retried?.();
    const longestMs = Math.min(maxMs, this.#maxDelayMs);
    const delayMs = withJitter(backOffMs(failures + 1, { firstMs: this.#minDelayMs, longestMs }), this.#random);
    this.addAfter(key, delayMs);
    return delayMs;
  }

  /** The key did well: its next back-off starts from the first delay again. */
  forget(key: Key): void {
    this.#failures.delete(idOf(key));
  }

  /** How many times in a row the key was added by `addRateLimited`. */
  failures(key: Key): number {
    return this.#failures.get(idOf(key)) ?? 0;
  }

  /** The next key, as soon as there is one; undefined once the queue is shut down. */
  async get(): Promise<Key | undefined> {
    if (this.#closed) return undefined;
    return new Promise(resolve => {
      this.#getters.push(resolve);
      this.#handOut();
    });
  }

  done(key: Key): void {
    const id = idOf(key);
    const current = this.#working.get(id);
    if (current === undefined) return;
    this.#working.delete(id);
    this.#meter.worked?.((this.#clock.elapsedMs() - current.startedMs) / 1000);
    if (current.again !== undefined) this.add(current.again);
    if (this.#closed && this.#working.size === 0) this.#drainers.splice(0).forEach(tell => tell());
  }

  /** Hands out nothing any more and drops what waits; it will be seen again at the next start. */
  shutDown(): void {
    this.#closed = true;
    this.#timers.clear();
    this.#waiting.clear();
    this.#order = [];
    this.#head = 0;
    this.#meter.depth?.(0);
    this.#getters.splice(0).forEach(tell => tell(undefined));
  }

  /** Resolves when, after `shutDown`, every key that was handed out is done. */
  async drained(): Promise<void> {
    if (this.#closed && this.#working.size === 0) return;
    await new Promise<void>(resolve => this.#drainers.push(resolve));
  }

  #handOut(): void {
    for (let getter = this.#getterForNext(); getter !== undefined; getter = this.#getterForNext()) {
      const { id, key, sinceMs } = this.#takeFirst();
      const startedMs = this.#clock.elapsedMs();
      this.#working.set(id, { startedMs, again: undefined });
      this.#meter.depth?.(this.#waiting.size);
      this.#meter.waited?.((startedMs - sinceMs) / 1000);
      getter(key);
    }
  }

  #getterForNext(): ((key: Key | undefined) => void) | undefined {
    return this.#waiting.size === 0 ? undefined : this.#getters.shift();
  }

  #takeFirst(): Waiting & { readonly id: string } {
    const id = this.#order[this.#head] ?? '';
    const first = this.#waiting.get(id);
    if (first === undefined) throw new Error('work queue: order and waiting keys disagree');
    this.#waiting.delete(id);
    this.#head += 1;
    // Cutting off what was handed out only now and then keeps a get at constant cost.
    if (this.#head > 1_000 && this.#head * 2 > this.#order.length) {
      this.#order = this.#order.slice(this.#head);
      this.#head = 0;
    }
    return { id, ...first };
  }
}
