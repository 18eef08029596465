import type { Clock } from '../../../runtime/clock.ts';
import { cutByLines } from '../syntax/cut.ts';
import { DocumentThread } from './document-thread.ts';
import {
  type DocumentContext,
  fileDocuments,
  type FileDocuments,
  type FileEntry,
  plainDocuments,
  textOf,
} from './documents.ts';
import { unpacked } from './packing.ts';
import type { ThreadAnswer } from './thread-message.ts';

export type PoolOptions = {
  /** The most threads at a time. */
  readonly size: number;
  readonly clock: Clock;
  /** Ends all waiting with its reason. */
  readonly signal: AbortSignal;
  /** Another program and another patience, for tests. */
  readonly program?: URL;
  readonly cpuSecondsPerFile?: number;
};

type Job = {
  readonly context: DocumentContext;
  readonly entry: FileEntry;
  readonly bytes: Buffer;
  readonly resolve: (documents: FileDocuments) => void;
  readonly reject: (error: unknown) => void;
  /** Threads that were lost over it. */
  losses: number;
  /** CPU seconds of its thread when it was first seen at work. */
  seenAtCpu?: number;
};

type Thread = DocumentThread<Job>;

/** One at work and one to go on with. */
const jobsPerThread = 2;
/** So much waits before another thread is started: a start costs as much as some files. */
const waitingForThread = 16;
const waitingBytesForThread = 256 * 1024;
/** WebAssembly never gives memory back: a thread that took more is replaced after its file. */
const recycleAboveBytes = 64 * 1024 * 1024;
/** The bounds of the parser end a file long before: what gets here is a loop that makes no steps. */
const mostCpuSeconds = 30;
const watchEveryMs = 1000;
/** A used thread can fail where a fresh one does not; what fails in a fresh one too is up to the file. */
const mostLosses = 2;

/**
 * Makes the documents of files in threads, which are started as they are needed. A file that takes its thread down with it,
 * or that no CPU time is enough for, is tried once more in a fresh thread and is then cut by lines.
 */
export class DocumentPool {
  readonly #options: PoolOptions;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Job[] = [];
  readonly #closed = new AbortController();
  readonly #onAbort = (): void => this.#fail(this.#options.signal.reason);
  readonly #watching: Promise<void>;
  #ending: Promise<void>[] = [];

  constructor(options: PoolOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#watching = this.#watch();
  }

  async make(context: DocumentContext, entry: FileEntry, bytes: Buffer): Promise<FileDocuments> {
    this.#options.signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ context, entry, bytes, resolve, reject, losses: 0 });
      this.#dispatch();
    });
  }

  /** Ends every thread, whatever it is at. */
  async close(): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#closed.abort();
    for (const thread of this.#threads) this.#end(thread);
    await this.#watching;
    await Promise.all(this.#ending);
  }

  #dispatch(): void {
    for (let job = this.#waiting[0]; job !== undefined; job = this.#waiting[0]) {
      const thread = this.#threadFor(job);
      if (thread === undefined) return;
      this.#waiting.shift();
      thread.give(job);
    }
  }

  #threadFor(job: Job): Thread | undefined {
    const [idlest] = [...this.#threads].sort((one, other) => one.jobs.length - other.jobs.length);
    const canStart = this.#threads.size < this.#options.size;
    if (job.losses > 0) return canStart ? this.#start() : undefined;
    if (idlest === undefined || (canStart && idlest.jobs.length >= jobsPerThread && this.#isMuchWaiting())) {
      return this.#start();
    }
    return idlest.jobs.length < jobsPerThread ? idlest : undefined;
  }

  #isMuchWaiting(): boolean {
    if (this.#waiting.length >= waitingForThread) return true;
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes.length, 0) >= waitingBytesForThread;
  }

  #start(): Thread {
    const { program } = this.#options;
    const thread: Thread = new DocumentThread<Job>({
      program,
      onAnswer: (job, answer) => this.#onAnswer(thread, job, answer),
      onLost: error => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') this.#onLost(thread, thread.jobs);
        else this.#fail(error);
      },
    });
    this.#threads.add(thread);
    return thread;
  }

  #onAnswer(thread: Thread, job: Job, answer: ThreadAnswer): void {
    switch (answer.is) {
      case 'made':
        job.resolve(unpacked(answer.documents));
        if (answer.memoryBytes > recycleAboveBytes) this.#replace(thread, thread.jobs);
        break;
      case 'trapped':
        this.#onLost(thread, [job, ...thread.jobs]);
        break;
      case 'failed':
        job.reject(new Error(answer.message));
        break;
      default:
        answer satisfies never;
    }
    this.#dispatch();
  }

  /** The first of the jobs is what the thread was lost over; the others are as good as new. */
  #onLost(thread: Thread, [lost, ...others]: readonly Job[]): void {
    if (lost === undefined) {
      this.#replace(thread, []);
      return;
    }
    lost.losses += 1;
    delete lost.seenAtCpu;
    const isGivenUp = lost.losses >= mostLosses;
    if (isGivenUp) lost.resolve(byLines(lost));
    this.#replace(thread, isGivenUp ? others : [lost, ...others]);
  }

  #replace(thread: Thread, jobs: readonly Job[]): void {
    this.#waiting.unshift(...jobs);
    this.#end(thread);
    this.#dispatch();
  }

  #end(thread: Thread): void {
    this.#threads.delete(thread);
    this.#ending.push(thread.end());
  }

  #fail(error: unknown): void {
    const jobs = [...this.#waiting.splice(0), ...[...this.#threads].flatMap(thread => thread.jobs)];
    for (const thread of this.#threads) this.#end(thread);
    for (const job of jobs) job.reject(error);
  }

  /** CPU time, not time: a machine that stands still or is busy elsewhere changes no document. */
  async #watch(): Promise<void> {
    const { clock, cpuSecondsPerFile = mostCpuSeconds } = this.#options;
    for (;;) {
      await clock.sleep(watchEveryMs, this.#closed.signal);
      if (this.#closed.signal.aborted) return;
      for (const thread of this.#threads) {
        const [job] = thread.jobs;
        const cpu = job && (await thread.cpuSeconds());
        if (job === undefined || cpu === undefined || job !== thread.jobs[0] || !this.#threads.has(thread)) continue;
        job.seenAtCpu ??= cpu;
        if (cpu - job.seenAtCpu > cpuSecondsPerFile) this.#onLost(thread, thread.jobs);
      }
    }
  }
}

/** What a file becomes that no thread can make anything of. */
function byLines({ context, entry, bytes }: Job): FileDocuments {
  const found = textOf(entry.filePath, bytes);
  if (found.is === 'skipped') return plainDocuments(context, entry, bytes);
  return fileDocuments(context, entry, { ...found, size: bytes.length, cut: cutByLines(found.text) });
}
