import { ConflictError } from '../../domain/errors.ts';
import { newVersionRecord, notFromGit, type VersionRecord } from '../../domain/records.ts';
import { mainRole, nameOf, versionName } from '../../domain/version.ts';
import type { Claimant } from '../claimant.ts';
import type { AliasSide } from '../observe.ts';
import { engineEffect } from './engine-effect.ts';

type Adoption = { readonly record: VersionRecord };

/**
 * Writes down that what an alias serves is a version of it, under its next number. The alias record last: as long as that names
 * nothing live, this is done again. The index itself is not touched: without our owner in its `_meta` nothing deletes it.
 */
export const adoptIndex = engineEffect({
  name: 'adopt-index',
  target: ({ record }: Adoption) => nameOf(record),
  run: async ({ record }, { settings }) => {
    const { alias, number, ownerUid } = record;
    const found = (await settings.aliasRecord(alias))?.source;
    if (found?.owner.uid !== ownerUid || found.live !== null || found.nextVersion > number)
      throw new ConflictError(`${alias} is not what it was when ${nameOf(record)} was to be adopted`);
    if ((await settings.createVersion(record)) === 'exists')
      await settings.changeVersion(nameOf(record), known => anew(known, record));
    await settings.changeAlias(alias, known =>
      known.owner.uid === ownerUid && known.live === null && known.nextVersion <= number
        ? { ...known, live: number, writeSet: [number], nextVersion: number + 1 }
        : known,
    );
  },
});

/** One that was written down and never went live says what an earlier try has found. */
function anew(known: VersionRecord, record: VersionRecord): VersionRecord {
  if (known.ownerUid !== record.ownerUid)
    throw new ConflictError(`${nameOf(record)} is recorded for another owner, uid ${known.ownerUid}`);
  return known.index === record.index ? known : record;
}

/** The record of the version that an alias of one index serves, before any run of ours; undefined where it serves none. */
export function adoptedVersion(
  { alias, uid: ownerUid }: Claimant,
  { record, members, indices }: Pick<AliasSide, 'record' | 'members' | 'indices'>,
  since: string,
): VersionRecord | undefined {
  const [member] = members;
  if (!record || !member) return undefined;
  const number = freeNumber(alias, record.nextVersion, { indices, adopted: member.index });
  const madeByOthers = { ...notFromGit, schema: 0, shapeHash: '', workerImage: '' };
  const version = newVersionRecord({
    ...{ alias, number, ownerUid, since, ...madeByOthers },
    members: [{ role: mainRole, ...member }],
  });
  return { ...version, index: member.index, phase: 'Live' };
}

/** Not one that the name of another index holds: that would look like a member of it. */
function freeNumber(
  alias: string,
  from: number,
  { indices, adopted }: Pick<AliasSide, 'indices'> & { readonly adopted: string },
): number {
  const taken = new Set(indices.map(({ name }) => name).filter(name => name !== adopted));
  let number = from;
  while (taken.has(versionName(alias, number))) number += 1;
  return number;
}
