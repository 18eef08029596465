import { RetryableError } from '../../domain/errors.ts';
import type { Lease, PartRecord } from '../../domain/records.ts';
import { fenceWriters } from '../../fences/write-alias.ts';
import { takeLease, withLease, type HeldLease } from '../run/held-lease.ts';
import type { IndexingPorts } from './input.ts';
import { isDone, type PartitionInput } from './part-record.ts';
import { Tally } from './verify/tally.ts';
import { verifyCounts, verifyFingerprint } from './verify/verify.ts';
import { currentRecord, isUpToDate, recordCommit } from './version-record.ts';
import { writerLease } from '../run/writer-lease.ts';

/**
 * The last step of a run over several parts, taken by whoever finds all of them done: shuts every writer of the run out,
 * compares the version with the sum of the parts, and records it, once. Gives the token that recorded it; undefined when
 * parts are missing still, or when another pod of the run has the last step: its part of the Job is not over before.
 */
export async function finishRun(input: PartitionInput, ports: IndexingPorts): Promise<number | undefined> {
  const parts = await ports.settings.partRecords(input.runUid);
  if (!isWhole(parts, input.partition.count)) return undefined;
  if (isUpToDate(input, await currentRecord(input, ports))) return undefined;
  const held = await takeLastStep(input, ports);
  if (held === undefined) return undefined;
  return withLease(held, () => finish(input, ports, { parts, lease: held.lease }));
}

/** Every part is there and done. Pure. */
export function isWhole(parts: readonly PartRecord[], count: number): boolean {
  return parts.length === count && parts.every(isDone);
}

/** A part that just ended may have renewed the lease in between. */
const mostTries = 5;

/** The lease that the parts held together goes to this pod at once: nobody writes any more when all parts are done. */
async function takeLastStep(input: PartitionInput, ports: IndexingPorts): Promise<HeldLease | undefined> {
  const isShared = ({ holder }: Lease): boolean => holder?.uid === input.holder.uid && holder.pod === '';
  for (let tries = 1; ; tries += 1) {
    try {
      return await takeLease({ ...writerLease(input, ports), displaces: isShared });
    } catch (error) {
      if (!(error instanceof RetryableError) || error.reason !== 'Queued') throw error;
      const { writer } = await currentRecord(input, ports);
      if (writer.held && writer.holder?.uid !== input.holder.uid) throw error;
      if (writer.held && writer.holder?.pod !== '') return undefined;
      if (tries === mostTries) throw error;
    }
  }
}

type Finish = { readonly parts: readonly PartRecord[]; readonly lease: Lease };

async function finish(input: PartitionInput, ports: IndexingPorts, { parts, lease }: Finish): Promise<number> {
  const { engine } = ports;
  const record = await currentRecord(input, ports);
  if (isUpToDate(input, record)) return lease.token;
  await fenceWriters(engine, input.index, lease.epoch);
  await engine.indices.refresh(input.index);
  const expected = Tally.sum(parts);
  const verification = { engine, index: input.index, expected, sample: [] };
  await verifyCounts(verification);
  await verifyFingerprint(verification);
  const tree = parts[0]?.tree ?? '';
  await recordCommit(input, ports, { totals: expected.totals, tree, base: record.commit, lease });
  return lease.token;
}
