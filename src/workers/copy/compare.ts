import { copiedVersion } from '../../domain/copied-version.ts';
import { throughViews } from './confirmed-view.ts';
import { FingerprintMap, fingerprintOf, isInRound, roundsFor, type Fingerprint } from './fingerprint-map.ts';
import { onOneLine } from './one-line.ts';
import { checkpointOf, type Checkpoints, type CopyPace, type CopyParts } from './parts.ts';
import { pagesOf } from './read-view.ts';
import type { ReadDocument } from './splice.ts';

export type CompareOrder = CopyPace & {
  /** The index that is copied. */
  readonly from: string;
  /** The candidate. */
  readonly index: string;
  /** Number of the version that is filled. */
  readonly run: number;
  /** What the candidate has of each shard of the source: what was written later is left out. */
  readonly checkpoints: Checkpoints;
};

export type Compared = {
  /** Documents of the source that stand since the checkpoints or longer. */
  readonly live: number;
  /** Those of them that the candidate has. */
  readonly candidate: number;
  /** As many: each was compared by its contents and by the operation that it is of. */
  readonly compared: number;
  /** Other contents, or another operation. */
  readonly differing: number;
  /** Some that are missing or differ. */
  readonly ids: readonly string[];
};

const mostIds = 5;

/**
 * Whether a candidate holds what its source held at the checkpoints, by a hash of each document's bytes, its routing and the version
 * that it was copied with. Both are read as a whole, in rounds over a share of the ids when there are many; nothing may write into the
 * candidate meanwhile.
 */
export async function compareCopies(parts: CopyParts, order: CompareOrder): Promise<Compared> {
  const rounds = roundsFor(await parts.engine.indices.count(order.index));
  const counts = { live: 0, candidate: 0, differing: 0 };
  const ids: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const isDue = (id: Fingerprint): boolean => isInRound(id, round, rounds);
    const copies = new FingerprintMap();
    await eachDocument(parts, { index: order.index, order }, copy => {
      const print = fingerprintOf(copy.id);
      if (isDue(print)) copies.set(print, contentOf(copy));
    });
    await eachDocument(parts, { index: order.from, order, upTo: order.checkpoints }, document => {
      const print = fingerprintOf(document.id);
      if (!isDue(print)) return;
      const { primaryTerm: term, seqNo, routing, source } = document;
      const version = copiedVersion({ run: order.run, term, seqNo });
      const wanted = contentOf({ version, routing, source: source && onOneLine(source) });
      const found = copies.get(print);
      const isSame = found?.[0] === wanted[0] && found[1] === wanted[1];
      counts.live += 1;
      if (found) counts.candidate += 1;
      if (found && !isSame) counts.differing += 1;
      if (!isSame && ids.length < mostIds) ids.push(document.id);
    });
  }
  return { ...counts, compared: counts.candidate, ids };
}

/** Of what stands there, by which routing it is found, and by which operation it came. */
function contentOf({ version, routing, source }: Pick<ReadDocument, 'version' | 'routing' | 'source'>): Fingerprint {
  const [low, high] = fingerprintOf(source ?? '');
  const [ofVersion, ofRouting] = fingerprintOf(JSON.stringify([version.toString(), routing]));
  return [(low ^ ofVersion) >>> 0, (high ^ ofRouting) >>> 0];
}

type Reading = { readonly index: string; readonly order: CopyPace; readonly upTo?: Checkpoints };

async function eachDocument(
  parts: CopyParts,
  { index, order, upTo }: Reading,
  work: (document: ReadDocument) => void,
): Promise<void> {
  const { bulkBytes: pageBytes, concurrency: width } = order;
  await throughViews(parts, { index, width }, async (view, signal) => {
    const last = upTo === undefined ? Number.POSITIVE_INFINITY : checkpointOf(upTo, view.shard);
    for await (const page of pagesOf(parts, view, { above: -1, sources: true, pageBytes, signal }))
      for (const document of page) if (document.seqNo <= last) work(document);
  });
}
