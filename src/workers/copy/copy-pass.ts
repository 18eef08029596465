import { copiedVersion, isExternalVersion } from '../../domain/copied-version.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { Operation } from '../bulk/operation.ts';
import { throughViews, type ConfirmedView } from './confirmed-view.ts';
import { CopyWriter, type Refusals } from './copy-writer.ts';
import { copyOperation } from './operations.ts';
import { checkpointOf, type Checkpoints, type CopyPace, type CopyParts } from './parts.ts';
import { pagesOf } from './read-view.ts';
import type { ReadDocument } from './splice.ts';

export type PassOrder = CopyPace & {
  /** The index that is read. */
  readonly from: string;
  /** The write alias of the candidate: never an index. */
  readonly target: string;
  /** Number of the version that is filled. */
  readonly run: number;
  /** Of the pass before; {} = from the beginning. */
  readonly checkpoints: Checkpoints;
  /** The index that is read was filled by a copy itself. Absent: it was not. */
  readonly wasCopied?: boolean;
  /**
   * Awaited for each shard once its view was opened, before a document of it is written: what the source has for its
   * documents by then, such as fields of its mapping, it had for all that the view shows.
   */
  readonly beforeWrites?: () => Promise<void>;
};

export type Passed = {
  readonly read: number;
  readonly written: number;
  /** Stood there already. */
  readonly conflicts: number;
  readonly refused: Refusals;
  /** For the next pass. Only a pass that ended as a whole has any. */
  readonly checkpoints: Checkpoints;
};

/**
 * Copies what was written into an index since a checkpoint, shard by shard. It ends however much is written meanwhile: a
 * view shows what was there when it was opened. Doing it again is cheap and changes nothing. Of what was deleted it knows
 * nothing: that is what sweeps are for.
 *
 * Throws TerminalError(LockLost) when the write alias is gone or blocked for good, RetryableError when the source could
 * not be read for certain or the candidate took no more, TerminalError(VersionSpaceExhausted), TerminalError(ExternalVersions), or what the signal carries.
 */
export async function copyPass(parts: CopyParts, order: PassOrder): Promise<Passed> {
  const writer = new CopyWriter(parts, order.target, order);
  const checkpoints: Record<string, number> = { ...order.checkpoints };
  let read = 0;
  const tell = (): void => parts.onProgress?.({ read, done: writer.taken + writer.conflicts });
  const copyShard = async (view: ConfirmedView, signal: AbortSignal): Promise<void> => {
    const above = checkpointOf(order.checkpoints, view.shard);
    let isPrepared = false;
    for await (const page of pagesOf(parts, view, { above, sources: true, pageBytes: order.bulkBytes, signal })) {
      read += page.length;
      if (!isPrepared && page.length > 0) {
        await order.beforeWrites?.();
        isPrepared = true;
      }
      await writer.add(operationsOf(page, order, writer));
      tell();
    }
    checkpoints[view.shard] = Math.max(above, view.checkpoint);
  };
  try {
    await throughViews(parts, { index: order.from, width: order.concurrency }, copyShard);
  } finally {
    // Nothing may be on its way when this has ended, however it ended.
    await writer.finish();
  }
  tell();
  return { read, written: writer.taken, conflicts: writer.conflicts, refused: writer.refused, checkpoints };
}

function operationsOf(
  page: readonly ReadDocument[],
  { from, run, wasCopied = false }: PassOrder,
  writer: CopyWriter,
): readonly Operation[] {
  return page.flatMap(({ id, routing, version, seqNo, primaryTerm, source }) => {
    if (isExternalVersion(version, { seqNo, wasCopied })) throw external(from, id, version);
    if (source !== undefined)
      return [copyOperation({ id, routing, version: copiedVersion({ run, term: primaryTerm, seqNo }) }, source)];
    writer.refuse({ id, reason: 'the index keeps no source of it' });
    return [];
  });
}

/** After the switch every write of an application that goes on by its own count would be refused. */
function external(from: string, id: string, version: bigint): TerminalError {
  const message = `${id} in ${from} has version ${version}, which an application gave it: a copy gives versions of its own`;
  return new TerminalError('ExternalVersions', message);
}
