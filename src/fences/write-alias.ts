import { isDeepStrictEqual } from 'node:util';
import type { AliasProperties } from '../domain/alias-member.ts';
import { ConflictError } from '../domain/errors.ts';
import { writeAliasesIn } from '../domain/fence-names.ts';
import type { JsonObject } from '../domain/json.ts';
import { BlockedError } from '../engine/errors.ts';
import type { BulkItem, Engine } from '../engine/port.ts';
import { moveNames } from './move-names.ts';

/**
 * The write fence. Writers send bulks with `require_alias` to a hidden alias of the index that names the epoch of
 * their lease, and every document carries `version = token`. A take-over moves the index to the next epoch:
 *
 *   {index}.W3 --one call--> {index}.W4.draining --write block, unblock--> --one call--> {index}.W4
 *
 * The first call shuts earlier writers out, the block waits for those of their bulks that were already resolved
 * (thousands of operations land without it, as tried), the last call opens the index. Each call names what it
 * replaces, so that a slow fencer whose own lease was taken over fails; each state says what is left to do, so that a
 * crash anywhere in between is finished by whoever comes next.
 */

const properties: AliasProperties = { is_hidden: true, is_write_index: true };

/**
 * The name that writers of one epoch write through. The capital letter is part of the fence: no index can have such a
 * name. Deletes ignore `require_alias`, and one with an external version creates the index that it names, so a late
 * delete through a lower-case name would make an index and look like a success (tried on Elasticsearch 8.19).
 */
export function writeAliasName(index: string, epoch: number): string {
  return `${index}.W${epoch}`;
}

/** For the body that creates an index: its first write alias. */
export function writeAliasOf(index: string, epoch: number): JsonObject {
  return { [writeAliasName(index, epoch)]: properties };
}

/**
 * Before the first bulk of a grant, with the lease held: makes the epoch's write alias the only one. 'unchanged' is
 * the answer after every clean release and costs one read. ConflictError: somebody else moved the alias, so the lease
 * is gone. RetryableError: not confirmed; calling again is safe. Lifts a write block that somebody else may have set.
 */
export async function fenceWriters(engine: Engine, index: string, epoch: number): Promise<'unchanged' | 'fenced'> {
  const open = writeAliasName(index, epoch);
  const draining = `${open}.draining`;
  const names = await writeAliases(engine, index);
  if (isDeepStrictEqual(names, [open])) return 'unchanged';
  if (names.some(name => epochOf(name, index) > epoch)) throw moved(index);
  if (!isDeepStrictEqual(names, [draining])) await moveWriters(engine, index, { from: names, to: [draining] });
  await drainWriters(engine, index);
  await moveWriters(engine, index, { from: [draining], to: [open] });
  return 'fenced';
}

/** How often a block is set anew when another fencer of the same index was in the middle of its own. */
const mostBlocks = 5;

/**
 * Returns when every bulk to an index, or to the one behind an alias, that was resolved before has finished or been refused;
 * ConflictError when nothing has that name. Only a block of our own counts: one that
 * stood there already may be lifted by whoever set it before our bulks are over.
 */
export async function drainWriters({ indices }: Pick<Engine, 'indices'>, index: string): Promise<void> {
  const isBlocked = (await blockAnew(indices, index)) === 'blocked';
  if (!isBlocked || (await indices.unblockWrites(index)) === 'gone') throw new ConflictError(`${index} is gone`);
}

/**
 * Blocks writes to an index, or to the one behind an alias, and returns when those that were on their way have finished;
 * `gone` = nothing has that name any more. Only a block of this call counts: one that stood before it may have drained nothing,
 * say when the first answer was lost.
 */
export async function blockAnew(indices: Engine['indices'], name: string): Promise<'blocked' | 'gone'> {
  for (let blocks = 0; blocks < mostBlocks; blocks += 1) {
    const answer = await indices.blockWrites(name);
    if (answer !== 'already') return answer;
    if ((await indices.unblockWrites(name)) === 'gone') return 'gone';
  }
  throw new BlockedError('WritesBlocked', `${name} is being blocked by somebody else all the time`);
}

/**
 * Does this item of a bulk through a write alias say that the writer is shut out: by the epoch (the alias is gone) or
 * by a higher token? Then it must stop at once; nothing that it could still do would be right.
 */
export function isShutOut(item: BulkItem): boolean {
  return item.status === 409 || shutOut.has(item.errorType ?? '');
}

const shutOut: ReadonlySet<string> = new Set(['index_not_found_exception', 'invalid_index_name_exception']);

export type Move = { readonly from: readonly string[]; readonly to: readonly string[] };

/** Compare-and-swap of write aliases: ConflictError unless every name in `from` is still there. */
export async function moveWriters(engine: Engine, index: string, { from, to }: Move): Promise<void> {
  const [before, after] = [from, to].map(names => names.map(alias => ({ index, alias })));
  if ((await moveNames(engine, before ?? [], after ?? [])) === 'refused') throw moved(index);
}

function moved(index: string): ConflictError {
  return new ConflictError(`the write alias of ${index} was moved by somebody else`);
}

/** The epoch of a write alias of this index, of a partition's too. */
export function epochOf(name: string, index: string): number {
  return Number.parseInt(name.slice(`${index}.W`.length), 10);
}

/** The write aliases of an index now, sorted. */
export async function writeAliases(engine: Engine, index: string): Promise<readonly string[]> {
  const [found] = await engine.indices.describe(index);
  if (found === undefined) throw new ConflictError(`index ${index} does not exist`);
  return writeAliasesIn(found);
}
