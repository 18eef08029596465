import { durationMs } from '../api/duration.ts';
import { nextExpiry, versionsToDelete, type RetiredVersion } from '../domain/retention.ts';
import { versionName } from '../domain/versions.ts';
import type { Effect } from '../plan/effect.ts';
import { metaOf } from '../reindex-request/facts.ts';
import { lockLeaseSeconds, tokenFloor } from '../reindex-request/ownership.ts';
import type { Observed } from './observed.ts';

/** Retired versions that outlive `retain.for`; how many are kept is decided by the request that retires them. All pure. */

/**
 * What is to be deleted now, under the lock: a rollback to it may be on its way. A lock of ours that is found here was
 * left by an operator that died in between; it is given back even when nothing may be deleted.
 */
export function planExpiry(o: Observed, mayDelete: boolean): readonly Effect[] {
  const { lock } = o.engine ?? {};
  const isOurs = lock?.held === true && lock.holder?.uid === o.repo.metadata.uid;
  if (lock?.held && !isOurs) return [];
  const versions = mayDelete ? [...expired(o), ...halfDeleted(o)] : [];
  if (versions.length === 0 && !isOurs) return [];
  const { name, uid } = o.repo.metadata;
  const holder = { kind: 'Heavy', name: `IndexedRepo/${name}`, uid, pod: '' } as const;
  const grant = { leaseSeconds: lockLeaseSeconds, tokenFloor: tokenFloor(o.repo, o.engine) };
  return [{ do: 'expire-versions', alias: o.repo.spec.alias, holder, ...grant, versions, ownerUid: uid }];
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

/** Those that are ours to delete: an index that took the name of a retired version without being ours is left alone. */
function whole(o: Observed): readonly RetiredVersion[] {
  const ownerUid = o.repo.metadata.uid;
  return retired(o)
    .filter(({ index, record }) => (index ? metaOf(index).ownerUid === ownerUid : record !== undefined))
    .map(({ number, record }) => ({ number, retiredAt: new Date(record?.since ?? o.now) }));
}

/** Of which the alias record is all that is left: the last step of a deletion was not made. */
function halfDeleted(o: Observed): readonly number[] {
  return retired(o)
    .filter(({ index, record }) => index === undefined && record === undefined)
    .map(({ number }) => number);
}

function retired({ engine, repo }: Observed) {
  return (engine?.record?.retired ?? []).map(number => ({
    number,
    record: engine?.versions.find(version => version.number === number),
    index: engine?.indices.find(each => each.name === versionName(repo.spec.alias, number)),
  }));
}
