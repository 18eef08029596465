import { TerminalError } from '../../domain/errors.ts';
import { versionName } from '../../domain/version.ts';
import type { EngineHands } from '../engine-hands.ts';
import type { VersionSet } from '../version-set.ts';
import { engineEffect } from './engine-effect.ts';

export type VersionToDelete = {
  readonly number: number;
  /** Of all its members, whether they are there or not. */
  readonly indices: readonly string[];
};

type Deletion = VersionToDelete & { readonly alias: string; readonly ownerUid: string };

export const deleteVersion = engineEffect({
  name: 'delete-version',
  marks: ['deletes-version'],
  target: ({ alias, number }: Deletion) => versionName(alias, number),
  run: removeVersion,
});

/** Removes a version of an owner, whatever of it is there. */
export function deletionOf(set: Pick<VersionSet, 'number' | 'members'>, alias: string, ownerUid: string) {
  return deleteVersion({ alias, ...toDelete(set), ownerUid });
}

/** A version with all of its indices, as it is named for deletion. */
export function toDelete({ number, members }: Pick<VersionSet, 'number' | 'members'>): VersionToDelete {
  return { number, indices: members.map(({ index }) => index) };
}

/**
 * Looks again right before it deletes: only indices that carry our owner uid and that the alias does not serve, and none of
 * them where one is not so.
 */
export async function removeVersion(
  { alias, number, indices, ownerUid }: Deletion,
  { engine, settings }: EngineHands,
): Promise<void> {
  const found = await engine.indices.describe(indices.join(','));
  for (const { name, meta, aliases } of found) {
    if (meta['ownerUid'] !== ownerUid)
      throw new TerminalError('AliasOwnedElsewhere', `${name} does not carry our owner uid: left alone`);
    if (Object.hasOwn(aliases, alias)) throw new TerminalError('Drifted', `${name} is served by ${alias}: left alone`);
  }
  for (const { name } of found) await engine.indices.delete(name);
  await settings.deleteVersion(versionName(alias, number));
  await settings.changeAlias(alias, record => ({
    ...record,
    candidate: record.candidate === number ? null : record.candidate,
    retired: record.retired.filter(each => each !== number),
    writeSet: record.writeSet.filter(each => each !== number),
  }));
}
