import { createHash, type Hash } from 'node:crypto';
import { TerminalError } from '../../../domain/errors.ts';
import type { Engine, Hit } from '../../../engine/port.ts';
import { readPages } from '../tree/pages.ts';
import { withinPartition, type Partition } from '../tree/partition.ts';

/** What was put together again and compared. */
export type Digested = { readonly files: number; readonly chunks: number };

type Read = {
  readonly engine: Pick<Engine, 'documents'>;
  readonly index: string;
  /** How many chunks there are, as far as is known. */
  readonly chunks: number;
  readonly partition: Partition | undefined;
  readonly signal: AbortSignal;
};

const buckets = 256;
/** Each page of a sorted search looks at all that it sorts: beyond this it is read bucket by bucket. */
const mostAtOnce = 100_000;

/** Chunks in their order, then the file document. */
const order = [{ filePath: 'asc' }, { doc: 'asc' }, { seq: 'asc' }];

/**
 * Reads every chunk of a refreshed version back and compares the text of each file with the hash that its file document
 * holds. Throws TerminalError(VerificationFailed) with the path of the first one that differs.
 */
export async function verifyDigest(read: Read): Promise<Digested> {
  const digest = new Digest();
  for (const partition of partitionsOf(read)) {
    const query = withinPartition({ match_all: {} }, partition);
    const body = { query, sort: order, _source: ['filePath', 'doc', 'content', 'text_hash'] };
    for await (const hits of readPages(read.engine.documents, read.index, body)) {
      read.signal.throwIfAborted();
      for (const hit of hits) digest.take(hit);
    }
    digest.endOfPaths();
  }
  return digest.digested;
}

/** The parts that are read one after another; undefined = all at once. */
export function partitionsOf({
  chunks,
  partition,
}: Pick<Read, 'chunks' | 'partition'>): readonly (Partition | undefined)[] {
  if (chunks <= mostAtOnce) return [partition];
  const { index = 0, count = 1 } = partition ?? {};
  return Array.from({ length: buckets }, (_, bucket) => ({ index: bucket, count: buckets })).filter(
    each => each.index % count === index,
  );
}

/** Takes documents by path, the chunks of a file in their order and its file document after them. */
class Digest {
  #files = 0;
  #chunks = 0;
  /** The path whose chunks were taken last, and what they come to so far. */
  #open: { readonly filePath: string; readonly hash: Hash } | undefined;

  get digested(): Digested {
    return { files: this.#files, chunks: this.#chunks };
  }

  take({ source }: Pick<Hit, 'source'>): void {
    const filePath = String(source['filePath']);
    if (this.#open !== undefined && this.#open.filePath !== filePath) throw withoutFile(this.#open.filePath);
    if (source['doc'] !== 'file') {
      this.#open ??= { filePath, hash: createHash('sha256') };
      this.#open.hash.update(typeof source['content'] === 'string' ? source['content'] : '');
      this.#chunks += 1;
      return;
    }
    const found = this.#open?.hash ?? createHash('sha256');
    const hadText = this.#open !== undefined || source['text_hash'] !== undefined;
    this.#open = undefined;
    this.#files += 1;
    // A file that was skipped has neither.
    if (hadText && found.digest('hex') !== source['text_hash'])
      throw failed(`the chunks of ${filePath} are not its text`);
  }

  endOfPaths(): void {
    if (this.#open !== undefined) throw withoutFile(this.#open.filePath);
  }
}

function withoutFile(filePath: string): TerminalError {
  return failed(`there are chunks of ${filePath}, and no file document`);
}

function failed(message: string): TerminalError {
  return new TerminalError('VerificationFailed', message);
}
