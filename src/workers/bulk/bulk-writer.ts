import { BulkSender, type RefusedOperation, type SenderOptions } from './bulk-sender.ts';
import type { Operation } from './operation.ts';

/** Everything that is written for one file, in this order: chunks, then deletes of stale chunks, then its document. */
export type FileWrite = {
  readonly filePath: string;
  /** Lazy, so that a large file is stringified as fast as it is sent. */
  readonly chunks: Iterable<Operation>;
  readonly stale: readonly Operation[];
  /** Index or delete of the file document: the commit marker of the file. Absent = it stays as it is. */
  readonly document?: Operation;
};

export type WriterOptions = SenderOptions & {
  readonly concurrency: number;
  /** Called once per file whose document was taken. */
  readonly onWritten: (filePath: string) => void;
};

/** A file that cannot be written as it is; it has no document that says otherwise. */
export type FailedFile = { readonly filePath: string; readonly reason: string };

type Stage = 'chunks' | 'stale' | 'document';

/** Where a file stands. A stage begins when the engine has taken everything of the one before. */
type Progress = {
  readonly write: FileWrite;
  stage: Stage;
  /** Operations of this stage that are queued or on their way. */
  open: number;
  /** All operations of this stage are queued. */
  sealed: boolean;
  failed: boolean;
};

type Queued = { readonly operation: Operation; readonly file: Progress };

/**
 * Writes files through bulks of a size in bytes, some at a time, with bounded memory: `write` waits while more than the
 * bulks on their way and one more are held. Later stages ride along with the chunks of other files, before them.
 */
export class BulkWriter {
  readonly #options: WriterOptions;
  readonly #sender: BulkSender;
  readonly #queue: Queued[] = [];
  /** Later stages: sent first, so that a file is finished soon after it is begun. */
  readonly #urgent: Queued[] = [];
  readonly #failed: FailedFile[] = [];
  readonly #waiting = new Set<() => void>();
  #queuedBytes = 0;
  #heldBytes = 0;
  #inFlight = 0;
  #finishing = false;
  #error: Error | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#sender = new BulkSender(options);
  }

  /** Files that the engine refused, so far. */
  get failed(): readonly FailedFile[] {
    return this.#failed;
  }

  /** Resolves when the file is queued as a whole. Throws whatever ended the writer. */
  async write(file: FileWrite): Promise<void> {
    const progress: Progress = { write: file, stage: 'chunks', open: 0, sealed: false, failed: false };
    for (const operation of file.chunks) {
      this.#push(this.#queue, operation, progress);
      await this.#room();
    }
    progress.sealed = true;
    this.#advance(progress);
    await this.#room();
  }

  /** Resolves when the engine has taken everything. */
  async finish(): Promise<void> {
    this.#finishing = true;
    this.#pump();
    while (this.#error === undefined && (this.#inFlight > 0 || this.#queuedBytes > 0)) await this.#change();
    await this.#throwError();
  }

  async #room(): Promise<void> {
    const { bulkBytes, concurrency } = this.#options;
    this.#pump();
    while (this.#error === undefined && this.#heldBytes > bulkBytes * (concurrency + 1)) await this.#change();
    await this.#throwError();
  }

  /** Not before every request that is on its way was answered: nobody would await it any more. */
  async #throwError(): Promise<void> {
    if (this.#error === undefined) return;
    while (this.#inFlight > 0) await this.#change();
    throw this.#error;
  }

  #change(): Promise<void> {
    return new Promise(resolve => this.#waiting.add(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #push(queue: Queued[], operation: Operation, file: Progress): void {
    file.open += 1;
    queue.push({ operation, file });
    this.#queuedBytes += operation.bytes.length;
    this.#heldBytes += operation.bytes.length;
  }

  #pump(): void {
    const { concurrency } = this.#options;
    while (this.#error === undefined && this.#inFlight < concurrency && this.#isDue()) {
      const batch = this.#takeBatch();
      this.#inFlight += 1;
      void this.#sendBatch(batch);
    }
  }

  #isDue(): boolean {
    return this.#queuedBytes >= this.#sender.bodyBytes || (this.#finishing && this.#queuedBytes > 0);
  }

  #takeBatch(): readonly Queued[] {
    const batch: Queued[] = [];
    let bytes = 0;
    for (const queue of [this.#urgent, this.#queue]) {
      let taken = 0;
      while (taken < queue.length && bytes < this.#sender.bodyBytes) {
        const queued = queue[taken] as Queued; // taken is below the length
        batch.push(queued);
        bytes += queued.operation.bytes.length;
        taken += 1;
      }
      queue.splice(0, taken);
    }
    this.#queuedBytes -= bytes;
    return batch;
  }

  async #sendBatch(batch: readonly Queued[]): Promise<void> {
    try {
      const refused = await this.#sender.send(batch.map(queued => queued.operation));
      this.#settle(batch, refused);
    } catch (error) {
      this.#error ??= error instanceof Error ? error : new Error(String(error));
    }
    this.#inFlight -= 1;
    this.#pump();
    this.#wake();
  }

  #settle(batch: readonly Queued[], refused: readonly RefusedOperation[]): void {
    const reasons = new Map(refused.map(({ operation, reason }) => [operation, reason]));
    for (const { operation, file } of batch) {
      this.#heldBytes -= operation.bytes.length;
      file.open -= 1;
      const reason = reasons.get(operation);
      if (reason !== undefined && !file.failed) {
        file.failed = true;
        this.#failed.push({ filePath: file.write.filePath, reason });
      }
      this.#advance(file);
    }
  }

  /** A failed file goes no further: without its document the next run does it again. */
  #advance(file: Progress): void {
    if (file.failed || !file.sealed || file.open > 0) return;
    const { stale, document, filePath } = file.write;
    if (file.stage === 'chunks' && stale.length > 0) {
      file.stage = 'stale';
      for (const operation of stale) this.#push(this.#urgent, operation, file);
    } else if (file.stage !== 'document' && document !== undefined) {
      file.stage = 'document';
      this.#push(this.#urgent, document, file);
    } else {
      this.#options.onWritten(filePath);
    }
  }
}
