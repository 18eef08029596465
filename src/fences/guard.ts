import type { IndexDescription } from '../engine/port.ts';
import type { GuardName } from './move-names.ts';
import { writeAliasesIn } from './write-alias.ts';

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

/** The epoch of the candidate's writer lease, from 0; and which attempt of it, from 1. The operator, which gives up alone, has 0. */
export type Turn = { readonly epoch: number; readonly attempt: number };

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

/** The aliases that cut-overs block an index through: none but while one is under way, or was left. Pure. */
export function blockNamesIn({ name, aliases }: Pick<IndexDescription, 'name' | 'aliases'>): readonly string[] {
  return Object.keys(aliases)
    .filter(alias => alias.startsWith(`${name}.C`) && /^\d+\.\d+(\.lifting)?$/.test(alias.slice(`${name}.C`.length)))
    .sort();
}

/** Of a name of either kind. */
export function turnOf({ index, alias }: GuardName): Turn {
  const [, epoch = '0', attempt = '0'] = /^(\d+)(?:\.(\d+))?/.exec(alias.slice(index.length + '.W'.length)) ?? [];
  return { epoch: Number(epoch), attempt: Number(attempt) };
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
export function isLater(name: GuardName, { epoch, attempt }: Turn): boolean {
  const of = turnOf(name);
  return of.epoch === epoch ? of.attempt > attempt : of.epoch > epoch;
}
