import { ConflictError, RetryableError } from '../domain/errors.ts';
import type { Engine } from '../engine/port.ts';
import { drainWriters, epochOf, fenceWriters, moveWriters, writeAliases, writeAliasName } from './write-alias.ts';

/**
 * The write fence of a version that several workers fill at once. Its write alias is divided into one for each partition,
 * which names the epoch of the version's lease and the epoch of the partition's own:
 *
 *   {index}.W3 --one call--> {index}.W3.P0.0, .P1.0, .P2.0         a run over three partitions begins
 *   .P1.0 --one call--> .P1.1.draining --block, unblock--> .P1.1   another pod takes partition 1 over, the others write on
 *   .P0.0, .P1.1, .P2.0 --> {index}.W4.draining --> {index}.W4     whoever takes the version over shuts all of them out
 *
 * Each call names what it replaces, as with a single writer: a fencer that was overtaken itself opens nothing.
 */
export type PartitionWriter = {
  readonly index: string;
  /** Of the version's lease, which all partitions of a run hold together. */
  readonly versionEpoch: number;
  readonly partition: number;
  readonly partitions: number;
  /** Of the partition's own lease. */
  readonly epoch: number;
};

/** The name that a partition writes through. */
export function partitionAliasName({ index, versionEpoch, partition, epoch }: PartitionWriter): string {
  return `${writeAliasName(index, versionEpoch)}.P${partition}.${epoch}`;
}

/** How often a call that met another partition's is tried again. */
const mostTries = 20;

/**
 * Before the first bulk of a partition, with both leases held: makes its write alias the only one of this partition. Other
 * partitions do the same at the same time: what one of them moved is looked at again after `pause`. ConflictError: somebody
 * else writes the version, or this partition.
 */
export async function openPartition(
  engine: Engine,
  writer: PartitionWriter,
  pause: () => Promise<void>,
): Promise<void> {
  for (let tries = 1; ;) {
    const step = stepToOpen(await writeAliases(engine, writer.index), writer);
    if (step.is === 'open') return;
    if (step.is === 'overtaken')
      throw new ConflictError(`partition ${writer.partition} of ${writer.index} has a newer writer`);
    try {
      await carryOut(engine, writer, step);
    } catch (error) {
      if (tries === mostTries || !(error instanceof ConflictError || error instanceof RetryableError)) throw error;
      tries += 1;
      await pause();
    }
  }
}

/** What is to be done next until a partition may write. */
export type OpeningStep =
  | { readonly is: 'open' }
  | { readonly is: 'overtaken' }
  | { readonly is: 'fence' }
  | { readonly is: 'divide' }
  | { readonly is: 'succeed'; readonly from: string };

/** By the write aliases that are there. Pure. */
export function stepToOpen(names: readonly string[], writer: PartitionWriter): OpeningStep {
  const { index, versionEpoch, partition } = writer;
  if (names.includes(partitionAliasName(writer))) return { is: 'open' };
  if (names.some(name => epochOf(name, index) > versionEpoch)) return { is: 'overtaken' };
  const whole = writeAliasName(index, versionEpoch);
  if (names.length === 1 && names[0] === whole) return { is: 'divide' };
  const own = names.find(name => name.startsWith(`${whole}.P${partition}.`));
  if (own === undefined) return { is: 'fence' };
  const isNewer = Number.parseInt(own.slice(`${whole}.P${partition}.`.length), 10) > writer.epoch;
  return isNewer ? { is: 'overtaken' } : { is: 'succeed', from: own };
}

async function carryOut(
  engine: Engine,
  writer: PartitionWriter,
  step: Exclude<OpeningStep, { is: 'open' | 'overtaken' }>,
): Promise<void> {
  const { index, versionEpoch } = writer;
  switch (step.is) {
    case 'fence':
      await fenceWriters(engine, index, versionEpoch);
      return;
    case 'divide':
      return moveWriters(engine, index, { from: [writeAliasName(index, versionEpoch)], to: allPartitions(writer) });
    case 'succeed':
      return succeed(engine, writer, step.from);
    default:
      return step satisfies never;
  }
}

/** The others begin at epoch 0: one that is further moves its own on, as in every take-over. */
function allPartitions(writer: PartitionWriter): readonly string[] {
  return Array.from({ length: writer.partitions }, (_, partition) =>
    partitionAliasName(partition === writer.partition ? writer : { ...writer, partition, epoch: 0 }),
  );
}

async function succeed(engine: Engine, writer: PartitionWriter, from: string): Promise<void> {
  const open = partitionAliasName(writer);
  const draining = `${open}.draining`;
  if (from !== draining) await moveWriters(engine, writer.index, { from: [from], to: [draining] });
  await drainWriters(engine, writer.index);
  await moveWriters(engine, writer.index, { from: [draining], to: [open] });
}
