import { isServed, type AliasMember } from '../domain/alias-member.ts';
import { bounded } from '../domain/bounded-text.ts';
import { RetryableError } from '../domain/errors.ts';
import { BlockedError } from '../engine/errors.ts';
import type { AliasAction, Aliases } from '../engine/port.ts';
import { takenAway, type GuardName } from './move-names.ts';

/** What an alias shall serve, and what it must serve right before. Order means nothing in either list. */
export type SwitchRequest = {
  readonly alias: string;
  /** The live version's members; [] = the alias does not exist yet. */
  readonly expected: readonly AliasMember[];
  /** With all properties of each: what is left out here is not on the alias afterwards. */
  readonly next: readonly AliasMember[];
};

export type SwitchResult =
  | { readonly is: 'switched'; readonly members: readonly AliasMember[] }
  /** Somebody else changed the alias. Nothing is fought; `found` is what stands there now. */
  | { readonly is: 'drifted'; readonly found: readonly AliasMember[]; readonly message: string }
  /** The call may still come into effect. Call again: the alias itself then says on which side we are. */
  | { readonly is: 'unconfirmed'; readonly why?: RetryableError };

/**
 * Moves an alias from one version to another in one call that is also a compare-and-swap: of any number of contenders
 * that expect the same version, one wins. That call proves the presence of the expected members and nothing else, so
 * members and properties are read just before and just after it.
 *
 * With nothing expected there is nothing to compare: two first switches at once are only noticed by the read after.
 */
export async function switchAlias(aliases: Aliases, request: SwitchRequest): Promise<SwitchResult> {
  const before = await aliases.members(request.alias);
  if (isServed(before, request.next)) return { is: 'switched', members: before };
  if (!isServed(before, request.expected)) return drifted(request, before);
  const outcome = await updated(aliases, actionsOf(request));
  const after = await readBack(() => aliases.members(request.alias));
  if (after instanceof RetryableError) return { is: 'unconfirmed', why: after };
  if (isServed(after, request.next)) return { is: 'switched', members: after };
  if (isServed(after, request.expected) && isUnclear(outcome)) return unconfirmed(outcome);
  return drifted(request, after);
}

/** Several aliases that move together, and the names without which they must not. */
export type GuardedSwitch = { readonly moves: readonly SwitchRequest[]; readonly guard: readonly GuardName[] };

export type GuardedResult =
  | { readonly is: 'switched' }
  /** As of one alias; also where the aliases were moved although the guard stands. */
  | { readonly is: 'drifted'; readonly message: string }
  /** The guard is not there, and nothing was moved or ever will be by this call. */
  | { readonly is: 'refused' }
  /** The call may still come into effect, as long as the guard stands. */
  | { readonly is: 'unconfirmed'; readonly why?: RetryableError };

/**
 * The same for several aliases in one call, which also takes the guard away and has no effect without it: whoever moves
 * the guard before makes sure that this switch never happens.
 */
export async function switchGuarded(aliases: Aliases, request: GuardedSwitch): Promise<GuardedResult> {
  const before = await standing(aliases, request);
  if (before.is !== 'before') return before;
  const outcome = await updated(aliases, [...request.moves.flatMap(actionsOf), ...takenAway(request.guard)]);
  const after = await readBack(() => standing(aliases, request));
  if (after instanceof RetryableError) return { is: 'unconfirmed', why: after };
  if (after.is !== 'before') return after;
  // Both stand and it was refused: something was not there for a moment. Only the guard can tell that it stays so.
  return outcome === 'refused' ? { is: 'unconfirmed' } : unconfirmed(outcome);
}

/** On which side all of it is; `before` = the aliases serve what is expected, and the guard stands. One request. */
export async function standing(
  aliases: Aliases,
  { moves, guard }: GuardedSwitch,
): Promise<{ readonly is: 'before' } | Exclude<GuardedResult, { is: 'unconfirmed' }>> {
  const seen = await aliases.seen([...moves, ...guard].map(({ alias }) => alias));
  const guardStands = guard.every(({ index }, at) =>
    seen[moves.length + at]?.members.some(member => member.index === index),
  );
  const found = moves.map((move, at) => ({ move, members: seen[at]?.members ?? [] }));
  if (found.every(({ move, members }) => isServed(members, move.next))) {
    if (!guardStands) return { is: 'switched' };
    return { is: 'drifted', message: bounded(`${namesOf(moves)}: moved to the next version by somebody else`) };
  }
  const strange = found.find(({ move, members }) => !isServed(members, move.expected));
  if (strange) return { is: 'drifted', message: drifted(strange.move, strange.members).message };
  return { is: guardStands ? 'before' : 'refused' };
}

function namesOf(moves: readonly SwitchRequest[]): string {
  return moves.map(({ alias }) => alias).join(', ');
}

function actionsOf({ alias, expected, next }: SwitchRequest): readonly AliasAction[] {
  const stays = new Set(next.map(({ index }) => index));
  return [
    ...takenAway(expected.filter(({ index }) => !stays.has(index)).map(({ index }) => ({ index, alias }))),
    ...next.map(({ index, properties }): AliasAction => ({ add: { index, alias, ...properties } })),
  ];
}

type Outcome = 'applied' | 'refused' | 'unconfirmed' | RetryableError;

function isUnclear(outcome: Outcome): boolean {
  return outcome === 'unconfirmed' || outcome instanceof RetryableError;
}

function unconfirmed(outcome: Outcome): { readonly is: 'unconfirmed'; readonly why?: RetryableError } {
  return outcome instanceof RetryableError ? { is: 'unconfirmed', why: outcome } : { is: 'unconfirmed' };
}

async function updated(aliases: Aliases, actions: readonly AliasAction[]): Promise<Outcome> {
  try {
    return await aliases.update(actions);
  } catch (error) {
    if (error instanceof RetryableError && !(error instanceof BlockedError)) return error;
    throw error;
  }
}

async function readBack<T>(read: () => Promise<T>): Promise<T | RetryableError> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RetryableError) return error;
    throw error;
  }
}

function drifted(
  { alias, expected }: SwitchRequest,
  found: readonly AliasMember[],
): Extract<SwitchResult, { is: 'drifted' }> {
  const [wanted, names] = [listed(expected), listed(found)];
  const difference = names === wanted ? 'with another filter, routing or flag than ours' : `expected ${wanted}`;
  return { is: 'drifted', found, message: bounded(`alias ${alias} points at ${names}: ${difference}`) };
}

function listed(members: readonly AliasMember[]): string {
  const names = members.map(({ index }) => index).sort();
  return names.length === 0 ? 'nothing' : names.join(', ');
}
