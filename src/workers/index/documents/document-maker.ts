import { availableParallelism } from 'node:os';
import type { Clock } from '../../../runtime/clock.ts';
import { grammarOf } from '../syntax/grammar-choice.ts';
import type { DocumentPool } from './document-pool.ts';
import { plainDocuments, type DocumentContext, type FileDocuments, type FileEntry } from './documents.ts';

export type MakerOptions = {
  readonly context: DocumentContext;
  /** How many files the run has to do. */
  readonly files: number;
  /** The most threads at a time; absent = one for each CPU, and four at most. */
  readonly threads?: number;
  /** Threads that other runs use too, which are not ended with this one; absent = its own. */
  readonly shared?: (() => Promise<DocumentPool>) | undefined;
  readonly clock: Clock;
  /** Ends all waiting with its reason. */
  readonly signal: AbortSignal;
};

const mostThreads = 4;

/** From so many files on, threads pay for those as well that need no grammar. */
const manyFiles = 200;

/** Makes the documents of files: in threads where that pays or a grammar is at work, which may fail; else right here. */
export class DocumentMaker {
  readonly #options: MakerOptions;
  #pool: Promise<DocumentPool> | undefined;

  constructor(options: MakerOptions) {
    this.#options = options;
  }

  get context(): DocumentContext {
    return this.#options.context;
  }

  async make(entry: FileEntry, bytes: Buffer): Promise<FileDocuments> {
    const needsThread = this.#options.files >= manyFiles || grammarOf(entry.filePath) !== undefined;
    if (!needsThread) return plainDocuments(this.context, entry, bytes);
    this.#pool ??= this.#openPool();
    return (await this.#pool).make(this.context, entry, bytes);
  }

  async close(): Promise<void> {
    if (this.#shared === undefined) await (await this.#pool)?.close();
  }

  /** A number of threads that was asked for is that of this run. */
  get #shared(): MakerOptions['shared'] {
    return this.#options.threads === undefined ? this.#options.shared : undefined;
  }

  /** Loaded when it is needed: a run that finds nothing to do pays nothing for it. */
  async #openPool(): Promise<DocumentPool> {
    if (this.#shared) return this.#shared();
    const { DocumentPool } = await import('./document-pool.ts');
    const { threads = Math.min(availableParallelism(), mostThreads) } = this.#options;
    return new DocumentPool({ ...this.#options, size: threads });
  }
}
