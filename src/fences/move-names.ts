import type { AliasProperties } from '../domain/alias-member.ts';
import { RetryableError } from '../domain/errors.ts';
import type { AliasAction, Engine } from '../engine/port.ts';

/** A hidden alias of ours on an index. */
export type GuardName = { readonly index: string; readonly alias: string };

const hidden: AliasProperties = { is_hidden: true, is_write_index: true };

/** For one `_aliases` call: each of these names has to be there. */
export function takenAway(names: readonly GuardName[]): readonly AliasAction[] {
  return names.map(({ index, alias }) => ({ remove: { index, alias, must_exist: true } }));
}

/**
 * Compare-and-swap of hidden aliases in one call. `refused` = one of `from` was not there, and nothing was changed.
 * RetryableError: not confirmed, it may still come into effect; calling again is safe.
 */
export async function moveNames(
  { aliases, indices }: Pick<Engine, 'aliases' | 'indices'>,
  from: readonly GuardName[],
  to: readonly GuardName[],
): Promise<'applied' | 'refused'> {
  const put = to.map(({ index, alias }): AliasAction => ({ add: { index, alias, ...hidden } }));
  const outcome = await aliases.update([...takenAway(from), ...put]);
  if (outcome === 'applied') return 'applied';
  const involved = new Set([...from, ...to].map(({ index }) => index));
  const found = await indices.describe([...involved].join(','));
  const stands = ({ index, alias }: GuardName): boolean =>
    found.some(({ name, aliases: on }) => name === index && Object.hasOwn(on, alias));
  if (to.every(stands) && !from.some(stands)) return 'applied';
  if (outcome === 'refused') return 'refused';
  const names = to.map(({ alias }) => alias).join(', ');
  throw new RetryableError('EngineUnavailable', `the write alias ${names} is not confirmed yet`);
}
