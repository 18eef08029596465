import { sameProperties } from '../domain/alias-member.ts';
import { publicAlias } from '../domain/document-model.ts';
import type { Key, ObjectMeta } from '../api/object.ts';
import { keys } from '../api/meta.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { RetiredVersion } from '../domain/retention.ts';
import type { IndexDescription } from '../engine/port.ts';
import type { BreakNote, BrokenLease, Owner, VersionRecord } from '../domain/records.ts';
import { versionName } from '../domain/versions.ts';
import type { AliasSide } from './observe.ts';
import type { Problem } from '../domain/problem.ts';

/** Who owns an alias, as the settings index records it. */
export function ownerOf(
  repo: IndexedRepo,
  { clusterUuid, operator }: { readonly clusterUuid: string; readonly operator: string },
): Owner {
  const { namespace, name, uid } = repo.metadata;
  return { clusterUuid, namespace, name, uid, operator };
}

/** What it has made outside of Kubernetes is cleaned up before it may go. */
export function hasFinalizer({ metadata }: { readonly metadata: ObjectMeta }): boolean {
  return metadata.finalizers?.includes(keys.finalizer) === true;
}

/** The alias record names this IndexedRepo as the owner. */
export function isOwned(repo: IndexedRepo, { record }: Pick<AliasSide, 'record'>): boolean {
  return record?.owner.uid === repo.metadata.uid;
}

/** An alias that its owner left behind on purpose (deletionPolicy Retain): the next one may have it. */
export function isLeftBehind({ record }: Pick<AliasSide, 'record'>): boolean {
  return record?.owner.uid === '';
}

/** Whether the owner in the record is an IndexedRepo that lives in this Kubernetes cluster. */
export type OwnerLook = { readonly operator: string; readonly ownerLives: boolean };

/**
 * The owner in the record is gone for good, and this IndexedRepo follows it: it has its namespace and name in the same
 * Kubernetes cluster, which knows the other uid no more, or whoever declared it says so. A restored object has a new uid.
 */
export function isHeir(
  repo: IndexedRepo,
  { record, operator, ownerLives }: Pick<AliasSide, 'record'> & Partial<OwnerLook>,
): boolean {
  if (!record || operator === undefined || ownerLives !== false) return false;
  const { owner } = record;
  if (owner.uid === '' || owner.uid === repo.metadata.uid) return false;
  const { namespace, name } = repo.metadata;
  const isNamesake = owner.operator === operator && owner.namespace === namespace && owner.name === name;
  return isNamesake || repo.metadata.annotations?.[keys.takeOverFrom] === owner.uid;
}

/** Long enough for an operator to be replaced without losing the lock; renewed at a third of it. */
export const lockLeaseSeconds = 60;

/** Losing the settings index must never let the token shrink: the status and the indices remember it too. */
export function tokenFloor(repo: IndexedRepo | undefined, engine: Pick<AliasSide, 'indices'> | undefined): number {
  const inIndices = (engine?.indices ?? []).map(index => Number(index.meta['token'] ?? 0));
  return Math.max(0, repo?.status.lock?.token ?? 0, ...inIndices.filter(Number.isFinite));
}

/** A retired version that is ours to delete, with what is left of it. */
export type Retired = RetiredVersion & {
  readonly record: VersionRecord | undefined;
  readonly index: IndexDescription | undefined;
};

/** An index that took the name of a retired version without being ours is left alone. */
export function retiredOf(
  repo: IndexedRepo,
  { record: aliasRecord, versions, indices }: Pick<AliasSide, 'record' | 'versions' | 'indices'>,
  now: Date,
): readonly Retired[] {
  const all = (aliasRecord?.retired ?? []).map(number => {
    const record = versions.find(version => version.number === number);
    const index = indices.find(each => each.name === versionName(repo.spec.alias, number));
    return { number, retiredAt: new Date(record?.since ?? now), record, index };
  });
  return all.filter(({ index }) => index === undefined || index.meta['ownerUid'] === repo.metadata.uid);
}

/** The leases that the holder with this uid lost to `reindeer lock break`, the last time that was used. */
export function takenFrom(holderUid: string, note: BreakNote | undefined): readonly BrokenLease[] {
  return note?.held.filter(each => each.holder?.uid === holderUid) ?? [];
}

/** An alias as far as it says whether it serves what it should, and whose it is. */
type AliasServing = Pick<AliasSide, 'settingsIndex' | 'aliasIs' | 'members' | 'record'> & Partial<OwnerLook>;

/** Why this IndexedRepo may not touch its alias, or undefined when it may. Nothing of this is ever fought over. */
export function aliasTrouble(repo: IndexedRepo, engine: AliasServing): Problem | undefined {
  const { alias } = repo.spec;
  if (alias === engine.settingsIndex)
    return {
      reason: 'AliasIsIndex',
      message: `"${alias}" is the settings index of this cluster: choose another alias`,
    };
  if (engine.aliasIs === 'index')
    return {
      reason: 'AliasIsIndex',
      message: `"${alias}" is a concrete index: rename or delete it, or choose another alias`,
    };
  if (engine.record && !isOwned(repo, engine) && !isLeftBehind(engine) && !isHeir(repo, engine))
    return { reason: 'AliasOwnedElsewhere', message: ownedElsewhere(repo, engine.record.owner) };
  return unexpectedMembers(alias, engine) ?? alteredMembers(alias, engine);
}

/**
 * The alias should serve a version and points at nothing: somebody removed it, or deleted the live index. Nothing is
 * put back by itself, but a rebuild that somebody asks for may do so: there is nothing left that it could displace.
 */
export function aliasLost(repo: IndexedRepo, { record, members }: AliasServing): Problem | undefined {
  if (record?.live == null || members.length > 0) return undefined;
  const { alias } = repo.spec;
  return {
    reason: 'Drifted',
    message: `"${alias}" should point at ${versionName(alias, record.live)} and points at nothing`,
  };
}

/** An owner of the same name may be the very object that was deleted: only the uid tells them apart. */
function ownedElsewhere({ metadata, spec }: IndexedRepo, owner: Owner): string {
  const asked = metadata.annotations?.[keys.takeOverFrom];
  const missed =
    asked === undefined || asked === owner.uid ? '' : `, not to uid ${asked} that ${keys.takeOverFrom} names`;
  const annotate = `kubectl annotate irepo ${metadata.name} ${keys.takeOverFrom}=${owner.uid}`;
  const way = `${annotate}, or reindeer lock release-owner ${spec.alias} --uid ${owner.uid} --reason TEXT`;
  return `"${spec.alias}" belongs to ${ownerName(owner)}, uid ${owner.uid}${missed}; if that is gone for good: ${way}`;
}

function ownerName(owner: Owner): string {
  return owner.namespace === ''
    ? `${owner.name}, outside this operator`
    : `IndexedRepo ${owner.namespace}/${owner.name}`;
}

function unexpectedMembers(alias: string, engine: AliasServing): Problem | undefined {
  const known = new Set(
    [engine.record?.live, engine.record?.candidate]
      .filter(number => number != null)
      .map(number => versionName(alias, number)),
  );
  const strangers = engine.members.map(member => member.index).filter(index => !known.has(index));
  if (strangers.length === 0) return undefined;
  const reason = engine.record?.live == null ? 'AliasAmbiguous' : 'Drifted';
  return { reason, message: `"${alias}" points at ${strangers.join(', ')}, which this IndexedRepo did not put there` };
}

function alteredMembers(alias: string, { members }: AliasServing): Problem | undefined {
  const altered = members.filter(member => !sameProperties(member.properties, publicAlias)).map(member => member.index);
  if (altered.length === 0) return undefined;
  return {
    reason: 'Drifted',
    message: `"${alias}" on ${altered.join(', ')} has another filter, routing or flag than Reindeer wrote`,
  };
}

/** Is the owner in the record an IndexedRepo that is there? */
export function ownerLives(
  { record }: Pick<AliasSide, 'record'>,
  repos: { readonly get: (key: Key) => IndexedRepo | undefined },
): boolean {
  const { namespace = '', name = '', uid } = record?.owner ?? {};
  return uid !== undefined && repos.get({ namespace, name })?.metadata.uid === uid;
}
