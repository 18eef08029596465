import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { DocumentContext, FileEntry } from './documents.ts';
import type { ThreadAnswer, ThreadTask } from './thread-message.ts';

/** Beside this file, in whatever form this file is run. */
const ownProgram = new URL(`./thread${extname(import.meta.filename)}`, import.meta.url);

/** A syntax tree that is looked at, the pieces, one file's documents: far below this for any text of a megabyte. */
const heapMegabytes = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 } as const;

/** The file that a thread is at (or will be next), by the one who asked. */
export type ThreadJob = { readonly context: DocumentContext; readonly entry: FileEntry; readonly bytes: Buffer };

export type ThreadOptions<Job extends ThreadJob> = {
  /** Another program, for tests. */
  readonly program?: URL | undefined;
  readonly onAnswer: (job: Job, answer: ThreadAnswer) => void;
  /** The thread is gone, and with it the job that it was at. */
  readonly onLost: (error: Error & { readonly code?: string }) => void;
};

/** One thread and the jobs that it was given, in the order in which it does them. */
export class DocumentThread<Job extends ThreadJob> {
  readonly #worker: Worker;
  readonly #jobs: Job[] = [];
  #ended = false;

  constructor({ program = ownProgram, onAnswer, onLost }: ThreadOptions<Job>) {
    this.#worker = new Worker(program, { resourceLimits: heapMegabytes });
    this.#worker.on('message', (answer: ThreadAnswer) => {
      const job = this.#jobs.shift();
      if (job !== undefined && !this.#ended) onAnswer(job, answer);
    });
    this.#worker.on('error', (error: Error) => {
      if (!this.#ended) onLost(error);
    });
    this.#worker.on('exit', () => {
      if (!this.#ended) onLost(new Error('a thread that makes documents ended by itself'));
    });
  }

  /** Given and not answered, the one at work first. */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  give(job: Job): void {
    // A copy: the bytes are needed again should the thread be lost.
    const bytes = new Uint8Array(job.bytes);
    this.#jobs.push(job);
    this.#worker.postMessage({ context: job.context, entry: job.entry, bytes } satisfies ThreadTask, [bytes.buffer]);
  }

  /** CPU seconds since the thread began; undefined when it is gone. */
  async cpuSeconds(): Promise<number | undefined> {
    const usage = await this.#worker.cpuUsage().catch(() => undefined);
    return usage && (usage.user + usage.system) / 1e6;
  }

  /** Ends the thread in the middle of whatever it does; nothing more is heard of it. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#worker.terminate();
  }
}
