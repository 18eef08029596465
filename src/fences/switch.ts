import { isDeepStrictEqual } from 'node:util';
import { publicAliasFilter } from '../domain/document-model.ts';
import { RetryableError } from '../domain/errors.ts';
import { bounded } from '../domain/bounded-text.ts';
import { BlockedError } from '../engine/errors.ts';
import type { AliasAction, Aliases, AliasMember, AliasProperties } from '../engine/port.ts';

/** What an alias shall serve, and what it must serve right before. Order means nothing in either list. */
export type SwitchRequest = {
  readonly alias: string;
  /** The live version's indices; [] = the alias does not exist yet. */
  readonly expected: readonly string[];
  readonly next: readonly string[];
  /** All of them, for every member: what is left out here is not on the alias afterwards. */
  readonly properties: AliasProperties;
};

export type SwitchResult =
  | { readonly is: 'switched'; readonly members: readonly AliasMember[] }
  /** Somebody else changed the alias. Nothing is fought; `found` is what stands there now. */
  | { readonly is: 'drifted'; readonly found: readonly AliasMember[]; readonly message: string }
  /** The call may still come into effect. Call again: the alias itself then says on which side we are. */
  | { readonly is: 'unconfirmed'; readonly why?: RetryableError };

/** People search chunks; the file documents of the same index are for the indexer alone. */
export const publicAlias: AliasProperties = { filter: publicAliasFilter };

/**
 * Moves an alias from one version to another in one call that is also a compare-and-swap: of any number of contenders
 * that expect the same version, one wins. That call proves the presence of the expected members and nothing else, so
 * members and properties are read just before and just after it.
 *
 * With nothing expected there is nothing to compare: two first switches at once are only noticed by the read after.
 */
export async function switchAlias(aliases: Aliases, request: SwitchRequest): Promise<SwitchResult> {
  const before = await aliases.members(request.alias);
  if (isServed(before, request.next, request.properties)) return { is: 'switched', members: before };
  if (!isServed(before, request.expected, request.properties)) return drifted(request, before);
  const outcome = await updated(aliases, actionsOf(request));
  const after = await readBack(aliases, request.alias);
  if (after instanceof RetryableError) return { is: 'unconfirmed', why: after };
  if (isServed(after, request.next, request.properties)) return { is: 'switched', members: after };
  const unmoved = isServed(after, request.expected, request.properties);
  if (unmoved && outcome instanceof RetryableError) return { is: 'unconfirmed', why: outcome };
  return unmoved && outcome === 'unconfirmed' ? { is: 'unconfirmed' } : drifted(request, after);
}

function actionsOf({ alias, expected, next, properties }: SwitchRequest): readonly AliasAction[] {
  return [
    ...expected
      .filter(index => !next.includes(index))
      .map((index): AliasAction => ({ remove: { index, alias, must_exist: true } })),
    ...next.map((index): AliasAction => ({ add: { index, alias, ...properties } })),
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

/** Are these exactly the members, each with exactly these properties? */
export function isServed(
  members: readonly AliasMember[],
  indices: readonly string[],
  properties: AliasProperties,
): boolean {
  const names = members.map(member => member.index).sort();
  if (!isDeepStrictEqual(names, [...new Set(indices)].sort())) return false;
  return members.every(member => isDeepStrictEqual(complete(member.properties), complete(properties)));
}

/** Engines leave out what is false or absent. */
function complete(properties: AliasProperties): Required<{ [K in keyof AliasProperties]: unknown }> {
  return {
    filter: properties.filter ?? null,
    is_hidden: properties.is_hidden ?? false,
    is_write_index: properties.is_write_index ?? false,
    index_routing: properties.index_routing ?? null,
    search_routing: properties.search_routing ?? null,
  };
}

function drifted(request: SwitchRequest, found: readonly AliasMember[]): SwitchResult {
  const wanted = listed(request.expected);
  const names = found.map(member => member.index);
  const sameMembers = isDeepStrictEqual([...names].sort(), [...request.expected].sort());
  const difference = sameMembers ? 'with another filter, routing or flag than ours' : `expected ${wanted}`;
  return { is: 'drifted', found, message: bounded(`alias ${request.alias} points at ${listed(names)}: ${difference}`) };
}

function listed(indices: readonly string[]): string {
  return indices.length === 0 ? 'nothing' : indices.join(', ');
}
