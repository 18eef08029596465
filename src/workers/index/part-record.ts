import { TerminalError } from '../../domain/errors.ts';
import { isoSeconds } from '../../domain/progress.ts';
import type { Holder, Lease, PartRecord, RunRecord } from '../../domain/records.ts';
import type { Settings } from '../../registry/port.ts';
import type { AppliedPart } from './apply-changes.ts';
import type { IndexingInput, IndexingPorts } from './input.ts';
import type { RunBook } from '../run/reporter.ts';
import { leaveNothing } from '../run/run-record.ts';
import type { Partition } from './tree/partition.ts';

/** The record of one part of a run: what a pod that comes later goes by. */

/** A run that fills one part of a version. */
export type PartitionInput = IndexingInput & { readonly partition: Partition };

type PartOf = { readonly run: string; readonly partition: number; readonly holder: Holder };

/** Progress goes into the record of the part, as long as it is this pod's to write and not finished. */
export function partBook(settings: Settings, { run, partition, holder }: PartOf): RunBook {
  const write = async (record: RunRecord): Promise<void> => {
    await settings.changePart(run, partition, part =>
      isDone(part) || isOfAnother(part, holder) ? part : { ...part, ...record, kind: 'part' },
    );
  };
  return { read: () => settings.partRecord(run, partition), begin: write, write };
}

/** The part is filled and verified: nothing of it is ever written again. */
export function isDone(part: PartRecord): boolean {
  return part.outcome === 'succeeded';
}

function isOfAnother({ lease }: PartRecord, holder: Holder): boolean {
  return lease.held && lease.holder?.pod !== holder.pod;
}

/** The record of this part; made when it is the first time that the run comes to it. */
export async function ensurePart(input: PartitionInput, { settings, clock }: IndexingPorts): Promise<PartRecord> {
  const now = isoSeconds(clock.now());
  await settings.createPart({
    kind: 'part',
    uid: input.runUid,
    partition: input.partition.index,
    partitions: input.partition.count,
    alias: input.alias,
    index: input.index,
    mode: input.mode,
    outcome: 'running',
    reason: '',
    message: '',
    commit: input.commit,
    unit: 'Files',
    ...{ done: 0, total: 0, perSecond: 0, attempts: 0 },
    ...{ files: 0, chunks: 0, skipped: 0, fingerprint: '', tree: '' },
    heartbeat: now,
    started: now,
    lease: { held: false, holder: null, token: 0, epoch: 0, leaseSeconds: 0 },
  });
  await leaveNothing(settings, { run: input.runUid, index: input.index, partitions: input.partition.count });
  return partRecord(input, settings);
}

export async function partRecord({ runUid, partition }: PartitionInput, settings: Settings): Promise<PartRecord> {
  const found = await settings.partRecord(runUid, partition.index);
  if (found !== undefined) return found;
  throw new TerminalError('Drifted', `the record of partition ${partition.index} was deleted while it was at work`);
}

/** The part's verified end, in one write with the return of its lease. LockLost when another pod has that lease now. */
export async function recordPart(
  { runUid, partition }: PartitionInput,
  settings: Settings,
  { totals, tree, lease }: Pick<AppliedPart, 'totals' | 'tree'> & { readonly lease: Lease },
): Promise<void> {
  await settings.changePart(runUid, partition.index, part => {
    if (!part.lease.held || part.lease.token !== lease.token)
      throw new TerminalError('LockLost', `partition ${partition.index} was taken over by another pod`);
    const free = { ...part.lease, held: false, holder: null };
    const counts = { done: totals.files, total: totals.files, perSecond: 0 };
    return { ...part, ...counts, ...totals, tree, outcome: 'succeeded', reason: '', message: '', lease: free };
  });
}
