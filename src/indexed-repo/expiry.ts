import { claimantOf } from '../alias/claimant.ts';
import { removeVersion, toDelete, type VersionToDelete } from '../alias/effects/delete-version.ts';
import { engineEffect } from '../alias/effects/engine-effect.ts';
import { granted } from '../alias/effects/lock.ts';
import { lockLeaseSeconds, retiredOf, tokenFloor, type Retired } from '../alias/ownership.ts';
import { durationMs } from '../api/duration.ts';
import type { Holder } from '../domain/records.ts';
import { nextExpiry, versionsToDelete } from '../domain/retention.ts';
import type { RepoEffect } from './effect.ts';
import type { Observed } from './observed.ts';

/** Retired versions that outlive `retain.for`; how many are kept is decided by the request that retires them. All pure. */

/**
 * What is to be deleted now, under the lock: a rollback to it may be on its way. A lock of ours that is found here was
 * left by an operator that died in between; it is given back even when nothing may be deleted.
 */
export function planExpiry(o: Observed, mayDelete: boolean): readonly RepoEffect[] {
  const { lock } = o.engine ?? {};
  const isOurs = lock?.held === true && lock.holder?.uid === o.repo.metadata.uid;
  if (lock?.held && !isOurs) return [];
  const numbers = mayDelete ? [...expired(o), ...halfDeleted(o)] : [];
  const versions = retired(o)
    .filter(({ number }) => numbers.includes(number))
    .map(toDelete);
  if (versions.length === 0 && !isOurs) return [];
  const { namespace, name, uid } = o.repo.metadata;
  const { operator } = o.engine ?? {};
  const holder = { kind: 'Heavy', name: `IndexedRepo/${namespace}/${name}`, uid, pod: '', operator } as const;
  const grant = { leaseSeconds: lockLeaseSeconds, tokenFloor: tokenFloor(claimantOf(o.repo), o.engine) };
  return [expireVersions({ alias: o.repo.spec.alias, holder, ...grant, versions, ownerUid: uid })];
}

/** When the next retired version expires; undefined when none does. */
export function expiresNext(o: Observed): Date | undefined {
  const { for: keptFor } = o.repo.spec.retain;
  return keptFor === undefined ? undefined : nextExpiry(whole(o), { versions: Infinity, forMs: durationMs(keptFor) });
}

function expired(o: Observed): readonly number[] {
  const { for: keptFor } = o.repo.spec.retain;
  if (keptFor === undefined) return [];
  return versionsToDelete(whole(o), { versions: Infinity, forMs: durationMs(keptFor) }, o.now);
}

function whole(o: Observed): readonly Retired[] {
  return retired(o).filter(({ indices, record }) => indices.length > 0 || record !== undefined);
}

/** Of which the alias record is all that is left: the last step of a deletion was not made. */
function halfDeleted(o: Observed): readonly number[] {
  return retired(o)
    .filter(({ indices, record }) => indices.length === 0 && record === undefined)
    .map(({ number }) => number);
}

function retired({ engine, repo, now }: Observed): readonly Retired[] {
  return engine ? retiredOf(claimantOf(repo), engine, now) : [];
}

type Expiry = {
  readonly alias: string;
  readonly holder: Holder;
  readonly leaseSeconds: number;
  readonly tokenFloor: number;
  readonly versions: readonly VersionToDelete[];
  readonly ownerUid: string;
};

/** Under the lock, which is given back at once: a rollback to one of them may be on its way. No versions = give it back. */
export const expireVersions = engineEffect({
  name: 'expire-versions',
  marks: ['deletes-version'],
  target: ({ alias }: Expiry) => alias,
  run: async ({ alias, holder, versions, ownerUid, ...grant }, hands) => {
    const lock = { of: 'alias', alias } as const;
    const { lease } = granted(await hands.settings.acquire(lock, holder, grant));
    try {
      for (const version of versions) await removeVersion({ alias, ...version, ownerUid }, hands);
    } finally {
      await hands.settings.release(lock, holder, lease.token);
    }
  },
});
