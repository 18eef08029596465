import { blockNamesIn, isLaterTurn, turnOf, writeAliasesIn, type Turn } from '../domain/fence-names.ts';
import type { IndexDescription } from '../engine/port.ts';
import type { GuardName } from './move-names.ts';

/**
 * The guard of a cut-over: a pair of hidden aliases, one on the version that is filled and one on the version that serves.
 *
 *   {candidate}.W3.1   what the cut-over writes through
 *   {live}.C3.1        what it blocks and unblocks through
 *
 * The first number is the epoch of the candidate's writer lease, the second counts attempts. The switch takes both away,
 * whoever gives up moves both on first: a call of an attempt that is over finds no name. Both numbers only grow, so a name
 * that was taken away never comes back.
 */
export type Pair = {
  /** The index that is filled. */
  readonly candidate: string;
  /** The index that serves. */
  readonly live: string;
};

/** What the passes of this turn write through. */
export function writersName({ candidate }: Pair, { epoch, attempt }: Turn): string {
  return `${candidate}.W${epoch}.${attempt}`;
}

/** What this turn blocks and unblocks through. */
export function blockName({ live }: Pair, { epoch, attempt }: Turn): string {
  return `${live}.C${epoch}.${attempt}`;
}

/** The pair, as long as this turn may still switch. */
export function guardOf(pair: Pair, turn: Turn): readonly [GuardName, GuardName] {
  return [
    { index: pair.candidate, alias: writersName(pair, turn) },
    { index: pair.live, alias: blockName(pair, turn) },
  ];
}

/** What is left of the pair while this turn takes it over, or gives it up. */
export function movedGuardOf(pair: Pair, turn: Turn): { readonly draining: GuardName; readonly lifting: GuardName } {
  return {
    draining: { index: pair.candidate, alias: `${writersName(pair, turn)}.draining` },
    lifting: { index: pair.live, alias: `${blockName(pair, turn)}.lifting` },
  };
}

/** The names of ours that stand on the two indices. */
export type GuardSeen = {
  readonly writers: readonly GuardName[];
  /** Any = a cut-over has blocked the live index, or may do so yet. */
  readonly blocks: readonly GuardName[];
};

/** An index that is not among them is not there. Pure. */
export function guardIn(
  { candidate, live }: Pair,
  found: readonly Pick<IndexDescription, 'name' | 'aliases'>[],
): GuardSeen {
  const named = (index: string, aliasesOf: (on: (typeof found)[number]) => readonly string[]): readonly GuardName[] =>
    found.filter(({ name }) => name === index).flatMap(on => aliasesOf(on).map(alias => ({ index, alias })));
  return { writers: named(candidate, writeAliasesIn), blocks: named(live, blockNamesIn) };
}

/**
 * The first turn of this epoch that no name tells of. A lease that was released cleanly is granted again with the same epoch:
 * attempts go on from those of its last holder.
 */
export function turnAfter(seen: GuardSeen, epoch: number): Turn {
  const turns = [...seen.writers, ...seen.blocks].map(turnOf).filter(of => of.epoch === epoch);
  return { epoch, attempt: Math.max(0, ...turns.map(({ attempt }) => attempt)) + 1 };
}

/** The highest epoch that any of the names tells; 0 of none. */
export function epochIn({ writers, blocks }: GuardSeen): number {
  return Math.max(0, ...[...writers, ...blocks].map(name => turnOf(name).epoch));
}

/** Is the turn of this name later than the other one? */
export function isLater(name: GuardName, turn: Turn): boolean {
  return isLaterTurn(turnOf(name), turn);
}
