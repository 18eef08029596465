import { isoSeconds } from '../../domain/progress.ts';
import type { RunRecord } from '../../domain/records.ts';
import type { SteadyClock } from '../../runtime/clock.ts';
import { Rate } from './rate.ts';

export type Progress = { readonly done: number; readonly total: number; readonly perSecond: number };

/** What a run is about, as its record says it. */
export type Subject = Pick<RunRecord, 'alias' | 'index' | 'mode' | 'commit' | 'unit'> & {
  /** Names the run record. */
  readonly runUid: string;
};

/** How often the run record is written while the run is at work. */
const recordEveryMs = 3000;
/** How often somebody who watches is told. */
const tellEveryMs = 200;

/** Where a run writes what it says of itself. */
export type RunBook = {
  /** What stands there of an earlier pod of the same run. */
  read(): Promise<Pick<RunRecord, 'attempts'> | undefined>;
  /** The first word of a pod. */
  begin(record: RunRecord): Promise<void>;
  /** Any later one; refused once the record was deleted. */
  write(record: RunRecord): Promise<void>;
};

export type ReporterOptions = {
  readonly book: RunBook;
  readonly subject: Subject;
  readonly clock: SteadyClock;
  readonly onProgress: (progress: Progress) => void;
};

/** Counts files or documents and tells about it: the run record for the operator, `onProgress` for a terminal. */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #started: string;
  readonly #stop = new AbortController();
  readonly #rate = new Rate();
  #beating: Promise<void> | undefined;
  #attempts = 1;
  #bulkRetries = 0;
  #message = '';
  #done = 0;
  #total = 0;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#started = isoSeconds(options.clock.now());
  }

  /** Whether anything was recorded that has to be ended. */
  get isStarted(): boolean {
    return this.#beating !== undefined;
  }

  /** Bulk requests that had to be sent again, so far. */
  get bulkRetries(): number {
    return this.#bulkRetries;
  }

  bulkRetried(): void {
    this.#bulkRetries += 1;
  }

  /** Writes the first record, then one every few seconds. A pod that replaces another goes on counting attempts. */
  async start(): Promise<void> {
    const { book } = this.#options;
    const before = await book.read();
    this.#attempts = (before?.attempts ?? 0) + 1;
    await book.begin(this.#record('running', '', ''));
    this.#beating = this.#beat();
  }

  /** How many there are to do, from here on; those that were done before count, where they are given. */
  expect(toDo: number, before = 0): void {
    this.#total = before + toDo;
    this.#done = before;
    this.#rate.begin(this.#options.clock.elapsedMs(), before);
    this.#tell(true);
  }

  /** So many more are done. */
  did(more: number): void {
    this.#done += more;
    // What is copied grows meanwhile.
    this.#total = Math.max(this.#total, this.#done);
    this.#tell(this.#done === this.#total);
  }

  /** Says at once, and from now on, what it is at. Throws where the record was deleted, or cannot be written. */
  async say(message: string): Promise<void> {
    this.#message = message;
    await this.#options.book.write(this.#record('running', '', message));
  }

  /** Writes the last record. The run's own end is not held up by a record that cannot be written. */
  async end(outcome: RunRecord['outcome'], reason: string, message: string): Promise<void> {
    this.#stop.abort();
    await this.#beating;
    await this.#options.book.write(this.#record(outcome, reason, message)).catch(() => undefined);
  }

  async #beat(): Promise<void> {
    const { clock, book } = this.#options;
    for (;;) {
      await clock.sleep(recordEveryMs, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      // A heartbeat that is missed shows in the next one.
      await book.write(this.#record('running', '', this.#message)).catch(() => undefined);
    }
  }

  #tell(always: boolean): void {
    const ms = this.#options.clock.elapsedMs();
    if (!always && ms - this.#toldMs < tellEveryMs) return;
    this.#toldMs = ms;
    this.#options.onProgress(this.#progress(ms));
  }

  #progress(ms: number): Progress {
    const perSecond = this.#rate.at(ms, this.#done);
    return { done: this.#done, total: this.#total, perSecond: Math.round(perSecond * 10) / 10 };
  }

  #record(outcome: RunRecord['outcome'], reason: string, message: string): RunRecord {
    const { subject, clock } = this.#options;
    const { runUid, ...about } = subject;
    return {
      kind: 'run',
      uid: runUid,
      ...about,
      outcome,
      reason,
      message,
      ...this.#progress(clock.elapsedMs()),
      heartbeat: isoSeconds(clock.now()),
      started: this.#started,
      attempts: this.#attempts,
    };
  }
}
