import { copiedVersion } from '../../domain/copied-version.ts';
import type { Operation } from '../bulk/operation.ts';
import { throughViews, type ConfirmedView } from './confirmed-view.ts';
import { CopyWriter, type Refusals } from './copy-writer.ts';
import { FingerprintMap, fingerprintOf, isInRound, roundsFor, type Fingerprint } from './fingerprint-map.ts';
import { copiedDelete } from './operations.ts';
import type { CopyPace, CopyParts } from './parts.ts';
import { pagesOf } from './read-view.ts';
import type { ReadDocument } from './splice.ts';

export type SweepOrder = CopyPace & {
  /** The index that is copied. */
  readonly from: string;
  /** The candidate, and the write alias that it is written through. */
  readonly index: string;
  readonly target: string;
  /** Number of the version that is filled. */
  readonly run: number;
};

export type Swept = {
  /** Documents of the source, and of the candidate before anything was deleted, as they were read. */
  readonly live: number;
  readonly candidate: number;
  readonly deleted: number;
  /** Not deleted, because something newer stood there, or nothing of the source: left to a later sweep. */
  readonly left: number;
  readonly refused: Refusals;
};

/** Per shard of the source the version of the last operation that was sure to be seen; undefined = there was none. */
type Marks = Map<number, bigint | undefined>;

/**
 * Deletes from a candidate what its source has no more: engines forget deletes, so a pass cannot see them. A document that is
 * made anew meanwhile wins: what is deleted carries the version of the last operation that was sure to be seen **before** the
 * ids were read, in the shard that the id lies in. Read afterwards, or of another shard, it would shut the new one out for good.
 *
 * What it leaves is the source only if nothing is written into that, and no pass is at work. Throws as a pass does.
 */
export async function sweep(parts: CopyParts, order: SweepOrder): Promise<Swept> {
  const writer = new CopyWriter(parts, order.target, order);
  const rounds = roundsFor(await parts.engine.indices.count(order.from));
  const counts = { live: 0, candidate: 0, left: 0 };
  try {
    for (let round = 0; round < rounds; round += 1) {
      const isDue = (id: Fingerprint): boolean => isInRound(id, round, rounds);
      const { marks, ids } = await idsOfSource(parts, order, isDue);
      const deleter = new Deleter(parts, { order, marks, writer });
      counts.live += ids.size;
      await eachId(parts, { index: order.index, order }, async page => {
        const printed = page.map(document => ({ document, print: fingerprintOf(document.id) }));
        const here = printed.filter(({ print }) => isDue(print));
        counts.candidate += here.length;
        const gone = here.filter(({ print }) => ids.get(print) === undefined);
        const left = await deleter.delete(gone.map(({ document }) => document));
        counts.left += left;
        parts.onProgress?.({ read: counts.live + counts.candidate, done: writer.taken + writer.conflicts });
      });
    }
  } finally {
    await writer.finish();
  }
  const { live, candidate, left } = counts;
  return { live, candidate, deleted: writer.taken, left: left + writer.conflicts, refused: writer.refused };
}

async function idsOfSource(
  parts: CopyParts,
  order: SweepOrder,
  isDue: (id: Fingerprint) => boolean,
): Promise<{ readonly marks: Marks; readonly ids: FingerprintMap }> {
  const ids = new FingerprintMap();
  const marks: Marks = new Map();
  const mark = ({ shard, primaryTerm, checkpoint }: ConfirmedView): void => {
    const last = { run: order.run, term: primaryTerm, seqNo: checkpoint };
    // A shard into which nothing was written is the home of nothing that was copied.
    marks.set(shard, checkpoint < 0 ? undefined : copiedVersion(last));
  };
  const there: Fingerprint = [1, 1];
  await eachId(parts, { index: order.from, order, mark }, async page => {
    for (const { id } of page) {
      const print = fingerprintOf(id);
      if (isDue(print)) ids.set(print, there);
    }
  });
  return { marks, ids };
}

type Reading = {
  readonly index: string;
  readonly order: CopyPace;
  readonly mark?: (view: ConfirmedView) => void;
};

/** Every document of an index without its source, through confirmed views: a copy of a shard that lags would hide some. */
async function eachId(
  parts: CopyParts,
  { index, order, mark }: Reading,
  work: (page: readonly ReadDocument[]) => Promise<void>,
): Promise<void> {
  const { bulkBytes: pageBytes, concurrency: width } = order;
  await throughViews(parts, { index, width }, async (view, signal) => {
    mark?.(view);
    for await (const page of pagesOf(parts, view, { above: -1, sources: false, pageBytes, signal })) await work(page);
  });
}

type Deleting = { readonly order: SweepOrder; readonly marks: Marks; readonly writer: CopyWriter };

/** How many shards of ids are asked for at once. */
const asksAtOnce = 8;

class Deleter {
  readonly #parts: CopyParts;
  readonly #deleting: Deleting;

  constructor(parts: CopyParts, deleting: Deleting) {
    this.#parts = parts;
    this.#deleting = deleting;
  }

  /** How many of them are left, for nothing says by which version they would have to be deleted. */
  async delete(documents: readonly ReadDocument[]): Promise<number> {
    const operations: Operation[] = [];
    for (let from = 0; from < documents.length; from += asksAtOnce) {
      this.#parts.signal.throwIfAborted();
      const asked = documents.slice(from, from + asksAtOnce).map(async document => this.#operation(document));
      operations.push(...(await Promise.all(asked)).filter(operation => operation !== undefined));
    }
    if (operations.length > 0) await this.#deleting.writer.add(operations);
    return documents.length - operations.length;
  }

  async #operation(document: ReadDocument): Promise<Operation | undefined> {
    const { id, routing } = document;
    const version = await this.#version(document);
    return version === undefined ? undefined : copiedDelete({ id, routing, version });
  }

  /** Where it may lie in several shards the lowest: what is too low is refused, and tried again by the next sweep. */
  async #version({ id, routing = id, version }: ReadDocument): Promise<bigint | undefined> {
    const { order, marks } = this.#deleting;
    const [only] = marks.values();
    if (marks.size === 1) return only;
    const shards = await this.#parts.engine.views.shardsOf(order.from, routing);
    // Between the operation that was copied and one that made it anew lies at least the delete, in whichever shard.
    if (shards === undefined) return version + 1n;
    const [first, ...others] = shards.map(shard => marks.get(shard));
    return others.reduce(lower, first);
  }
}

function lower(one: bigint | undefined, other: bigint | undefined): bigint | undefined {
  if (one === undefined || other === undefined) return undefined;
  return one < other ? one : other;
}
