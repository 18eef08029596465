import { ConflictError, RetryableError, TerminalError } from '../../domain/errors.ts';
import type { PartRecord } from '../../domain/records.ts';
import { openPartition, partitionAliasName, type PartitionWriter } from '../../fences/partition-fence.ts';
import type { WorkerResult } from '../../work/contract.ts';
import { takeLease, withLease, type HeldLease } from '../run/held-lease.ts';
import { applyPart, type AppliedPart } from './apply-changes.ts';
import { finishRun } from './finish-run.ts';
import type { IndexingPorts } from './input.ts';
import { causeOf } from '../run/outcome.ts';
import { emptyResult } from './empty-result.ts';
import { ensurePart, isDone, partRecord, recordPart, type PartitionInput } from './part-record.ts';
import type { Reporter } from '../run/reporter.ts';
import { writerLease } from '../run/writer-lease.ts';

const pauseMs = 200;

/**
 * Fills one part of a version and, when it was the last one, finishes the run (docs/design/0007). A part that is done
 * already costs a look. All parts of a run hold the version's lease together, each its own one besides.
 */
export async function runPartition(
  input: PartitionInput,
  ports: IndexingPorts,
  reporter: Reporter,
): Promise<WorkerResult> {
  const before = await ensurePart(input, ports);
  const applied = isDone(before) ? undefined : await fillPart(input, ports, reporter);
  const written = applied?.written;
  const token = await finishRun(input, ports);
  const part = await partRecord(input, ports.settings);
  return {
    ...emptyResult(input),
    files: {
      total: part.files,
      indexed: written?.indexed ?? 0,
      skipped: part.skipped,
      deleted: written?.removed ?? 0,
      failed: 0,
    },
    chunks: { total: part.chunks, written: written?.chunks ?? 0, deleted: written?.staleChunks ?? 0 },
    skips: applied?.skips ?? {},
    ...digestOf(input, part, applied),
    fingerprint: part.fingerprint,
    verify: 'ok',
    token: token ?? part.lease.token,
  };
}

/** A part is recorded only once it was read back; by this pod, or by one before it. */
function digestOf(
  { digest = 'Sample' }: PartitionInput,
  { files, chunks }: PartRecord,
  applied: AppliedPart | undefined,
): Pick<WorkerResult, 'digest'> {
  if (applied) return { digest: applied.digest };
  return digest === 'Full' ? { digest: { of: digest, files, chunks } } : {};
}

/** What was written; undefined when another pod had finished the part before we came to it. */
async function fillPart(
  input: PartitionInput,
  ports: IndexingPorts,
  reporter: Reporter,
): Promise<AppliedPart | undefined> {
  await reporter.start();
  const version = await takeLease(writerLease(input, ports, { holder: { ...input.holder, pod: '' } }));
  try {
    const of = { of: 'part', alias: input.alias, run: input.runUid, partition: input.partition.index } as const;
    const own = await takeLease(writerLease(input, ports, { of }));
    return await withLease(own, onLostReply => withBoth(input, ports, { version, own, reporter, onLostReply }));
  } catch (error) {
    if (!isLockLost(error)) throw error;
    // Another pod of this part was faster.
    if (isDone(await partRecord(input, ports.settings))) return undefined;
    throw await asSeenByRun(error, input, ports);
  } finally {
    // Never given back by a part: the others go on with it, and the last one replaces it.
    version.abandon();
  }
}

type Leases = {
  readonly version: HeldLease;
  readonly own: HeldLease;
  readonly reporter: Reporter;
  readonly onLostReply: () => void;
};

async function withBoth(
  input: PartitionInput,
  ports: IndexingPorts,
  { version, own, reporter, onLostReply }: Leases,
): Promise<AppliedPart | undefined> {
  // Another pod may have finished it while we waited for the lease.
  if (isDone(await partRecord(input, ports.settings))) return undefined;
  const { index, partition } = input;
  const writer: PartitionWriter = {
    index,
    versionEpoch: version.lease.epoch,
    partition: partition.index,
    partitions: partition.count,
    epoch: own.lease.epoch,
  };
  const signal = AbortSignal.any([ports.signal, version.lost, own.lost]);
  await openPartition(ports.engine, writer, () => ports.clock.sleep(pauseMs, signal));
  const held = { lease: own.lease, target: partitionAliasName(writer), reporter, onLostReply };
  const applied = await applyPart(input, { ...ports, signal }, held).catch((error: unknown) => {
    throw causeOf(error, { signal });
  });
  await recordPart(input, ports.settings, { ...applied, lease: own.lease });
  return applied;
}

function isLockLost(error: unknown): boolean {
  return error instanceof ConflictError || (error instanceof TerminalError && error.reason === 'LockLost');
}

/**
 * A lost lock is the end of a run when the version went to somebody else; as long as the run itself holds the version, it
 * only means that another pod of the same part is at work: worth another try.
 */
async function asSeenByRun(error: unknown, input: PartitionInput, { settings }: IndexingPorts): Promise<unknown> {
  const writer = (await settings.versionRecord(input.index))?.source.writer;
  if (writer?.held !== true || writer.holder?.uid !== input.holder.uid) return error;
  const message = `another pod of this run has partition ${input.partition.index}: try again when it has ended`;
  return new RetryableError('Queued', message, { cause: error });
}
