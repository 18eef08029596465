import { TerminalError } from './errors.ts';

/**
 * The external version that a copied document carries: which filling of which version it belongs to, then the order of the
 * source's shard. A later filling, a later primary and a later operation each have the higher one.
 */
export type CopiedVersion = {
  /** Number of the version that is filled; below 2^12. */
  readonly run: number;
  /** Primary term of the source's shard; below 2^14. */
  readonly term: number;
  /** Sequence number of the operation in that shard; below 2^36. */
  readonly seqNo: number;
};

const termBits = 14n;
const seqNoBits = 36n;
const bounds = { run: 2 ** 12, term: 2 ** Number(termBits), seqNo: 2 ** Number(seqNoBits) } as const;

/** Below 2^62: engines wrap above 2^63 without a word, and a number of JavaScript does not hold it. Throws TerminalError(VersionSpaceExhausted). */
export function copiedVersion(parts: CopiedVersion): bigint {
  const { run, term, seqNo } = parts;
  for (const [name, bound] of Object.entries(bounds) as [keyof CopiedVersion, number][])
    if (!Number.isSafeInteger(parts[name]) || parts[name] < 0 || parts[name] >= bound)
      throw new TerminalError('VersionSpaceExhausted', `${name} is ${parts[name]}: a copy counts it below ${bound}`);
  return (BigInt(run) << (termBits + seqNoBits)) | (BigInt(term) << seqNoBits) | BigInt(seqNo);
}

/** What {@link copiedVersion} was made of; meaningless for a version that it did not make. */
export function readCopiedVersion(version: bigint): CopiedVersion {
  return {
    run: Number(version >> (termBits + seqNoBits)),
    term: Number((version >> seqNoBits) % (1n << termBits)),
    seqNo: Number(version % (1n << seqNoBits)),
  };
}

/** The lowest that {@link copiedVersion} makes: a version is filled from number 1 on. */
const lowestCopied = 1n << (termBits + seqNoBits);

/**
 * Did an application give this version itself? Counted by the engine a document's version is the number of its operations, of
 * which each has a sequence number of its own in the shard. In an index that was copied they are counted on from what the copy gave.
 */
export function isExternalVersion(version: bigint, { seqNo, wasCopied }: VersionOrigin): boolean {
  return version > BigInt(seqNo) + 1n && !(wasCopied && version >= lowestCopied);
}

export type VersionOrigin = {
  /** Of the last operation on the document. */
  readonly seqNo: number;
  /** The index that it is in was filled by a copy. */
  readonly wasCopied: boolean;
};
