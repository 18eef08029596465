import { isServed, type AliasMember } from '../domain/alias-member.ts';
import { bounded } from '../domain/bounded-text.ts';
import { RetryableError } from '../domain/errors.ts';
import { BlockedError } from '../engine/errors.ts';
import type { AliasAction, Aliases } from '../engine/port.ts';

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
  const after = await readBack(aliases, request.alias);
  if (after instanceof RetryableError) return { is: 'unconfirmed', why: after };
  if (isServed(after, request.next)) return { is: 'switched', members: after };
  const unmoved = isServed(after, request.expected);
  if (unmoved && outcome instanceof RetryableError) return { is: 'unconfirmed', why: outcome };
  return unmoved && outcome === 'unconfirmed' ? { is: 'unconfirmed' } : drifted(request, after);
}

function actionsOf({ alias, expected, next }: SwitchRequest): readonly AliasAction[] {
  const stays = new Set(next.map(({ index }) => index));
  return [
    ...expected
      .filter(({ index }) => !stays.has(index))
      .map(({ index }): AliasAction => ({ remove: { index, alias, must_exist: true } })),
    ...next.map(({ index, properties }): AliasAction => ({ add: { index, alias, ...properties } })),
  ];
}

async function updated(
  aliases: Aliases,
  actions: readonly AliasAction[],
): Promise<'applied' | 'refused' | 'unconfirmed' | RetryableError> {
  try {
    return await aliases.update(actions);
  } catch (error) {
    if (error instanceof RetryableError && !(error instanceof BlockedError)) return error;
    throw error;
  }
}

async function readBack(aliases: Aliases, alias: string): Promise<readonly AliasMember[] | RetryableError> {
  try {
    return await aliases.members(alias);
  } catch (error) {
    if (error instanceof RetryableError) return error;
    throw error;
  }
}

function drifted({ alias, expected }: SwitchRequest, found: readonly AliasMember[]): SwitchResult {
  const [wanted, names] = [listed(expected), listed(found)];
  const difference = names === wanted ? 'with another filter, routing or flag than ours' : `expected ${wanted}`;
  return { is: 'drifted', found, message: bounded(`alias ${alias} points at ${names}: ${difference}`) };
}

function listed(members: readonly AliasMember[]): string {
  const names = members.map(({ index }) => index).sort();
  return names.length === 0 ? 'nothing' : names.join(', ');
}
