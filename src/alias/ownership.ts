import type { IndexedRepo } from '../api/indexed-repo.ts';
import { keys } from '../api/meta.ts';
import type { Key, ObjectMeta } from '../api/object.ts';
import { type AliasMember, sameProperties } from '../domain/alias-member.ts';
import { isBare, ownerName } from '../domain/owner-name.ts';
import type { Problem } from '../domain/problem.ts';
import {
  servingNumbers,
  type BreakNote,
  type BrokenLease,
  type Owner,
  type VersionMembers,
} from '../domain/records.ts';
import type { RetiredVersion } from '../domain/retention.ts';
import { membersNamed, membersOf, servedBy, versionName, versionNamed } from '../domain/version.ts';
import type { Claimant } from './claimant.ts';
import type { AliasSide } from './observe.ts';
import { versionSet, type VersionSet } from './version-set.ts';

/** What it has made outside of Kubernetes is cleaned up before it may go. */
export function hasFinalizer({ metadata }: { readonly metadata: ObjectMeta }): boolean {
  return metadata.finalizers?.includes(keys.finalizer) === true;
}

/** The alias record names this claimant as the owner. */
export function isOwned({ uid }: Claimant, { record }: Pick<AliasSide, 'record'>): boolean {
  return record?.owner.uid === uid;
}

/**
 * An alias that its owner left behind on purpose (deletionPolicy Retain): the next one may have it. What requests copied has
 * documents of applications: no IndexedRepo gets it, whose workers would write theirs beside them.
 */
export function isLeftBehind(claimant: Claimant, { record }: Pick<AliasSide, 'record'>): boolean {
  return record?.owner.uid === '' && (isBare(claimant) || !isBare(record.owner));
}

/** Whether the owner in the record is an IndexedRepo that lives in this Kubernetes cluster. */
export type OwnerLook = { readonly operator: string; readonly ownerLives: boolean };

/**
 * The owner in the record is gone for good, and this claimant follows it: it has its namespace and name in the same
 * Kubernetes cluster, which knows the other uid no more, or whoever declared it says so. A restored object has a new uid.
 */
export function isHeir(
  claimant: Claimant,
  { record, operator, ownerLives }: Pick<AliasSide, 'record'> & Partial<OwnerLook>,
): boolean {
  if (!record || operator === undefined || ownerLives !== false) return false;
  const { uid, namespace, name, takesOverFrom } = claimant;
  const { owner } = record;
  // What requests own has no object that could be made anew.
  if (isBare(owner) || isBare(claimant)) return false;
  if (owner.uid === '' || owner.uid === uid) return false;
  const isNamesake = owner.operator === operator && owner.namespace === namespace && owner.name === name;
  return isNamesake || takesOverFrom === owner.uid;
}

/** Long enough for an operator to be replaced without losing the lock; renewed at a third of it. */
export const lockLeaseSeconds = 60;

/** Losing the settings index must never let the token shrink: the status and the indices remember it too. */
export function tokenFloor(claimant: Claimant | undefined, engine: Pick<AliasSide, 'indices'> | undefined): number {
  const inIndices = (engine?.indices ?? []).map(index => Number(index.meta['token'] ?? 0));
  return Math.max(0, claimant?.tokenSeen ?? 0, ...inIndices.filter(Number.isFinite));
}

/** A retired version that is ours to delete, with what is left of it. */
export type Retired = RetiredVersion & VersionSet;

/** A version of which an index was made anew by somebody else is left alone. */
export function retiredOf(
  { alias, uid }: Claimant,
  side: Pick<AliasSide, 'record' | 'versions' | 'indices'>,
  now: Date,
): readonly Retired[] {
  const all = (side.record?.retired ?? []).map(number => {
    const set = versionSet(side, alias, number);
    return { ...set, retiredAt: new Date(set.record?.since ?? now) };
  });
  return all.filter(({ indices }) => indices.every(({ meta }) => meta['ownerUid'] === uid));
}

/** The indices with names of versions of the alias that are not this claimant's: what it lists, and never touches. */
export function foreignIndices({ alias, uid }: Claimant, { indices }: Pick<AliasSide, 'indices'>): readonly string[] {
  const foreign = indices.filter(({ name, meta }) => versionNamed(name)?.alias === alias && meta['ownerUid'] !== uid);
  return foreign.map(({ name }) => name).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** The leases that the holder with this uid lost to `reindeer lock break`, the last time that was used. */
export function takenFrom(holderUid: string, note: BreakNote | undefined): readonly BrokenLease[] {
  return note?.held.filter(each => each.holder?.uid === holderUid) ?? [];
}

/** An alias as far as it says whether it serves what it should, and whose it is. */
export type AliasServing = Pick<AliasSide, 'settingsIndex' | 'aliasIs' | 'members' | 'record'> & {
  readonly versions: readonly VersionMembers[];
} & Partial<OwnerLook>;

/** Why this claimant may not touch its alias, or undefined when it may. Nothing of this is ever fought over. */
export function aliasTrouble(claimant: Claimant, engine: AliasServing): Problem | undefined {
  const { alias } = claimant;
  const own = ownIndex(claimant, engine);
  if (own) return own;
  if (engine.aliasIs === 'index')
    return {
      reason: 'AliasIsIndex',
      message: `"${alias}" is a concrete index: rename or delete it, or choose another alias`,
    };
  const wanted = expected(alias, engine);
  return (
    otherOwner(claimant, engine) ??
    unexpectedMembers(alias, engine, wanted) ??
    alteredMembers(alias, engine, wanted) ??
    missingMembers(alias, engine)
  );
}

/** Records are kept in the one index of ours that no alias may be named like. */
export function ownIndex(
  { alias }: Claimant,
  { settingsIndex }: Pick<AliasServing, 'settingsIndex'>,
): Problem | undefined {
  if (alias !== settingsIndex) return undefined;
  return {
    reason: 'AliasIsIndex',
    message: `"${alias}" is the settings index of this cluster: choose another alias`,
  };
}

/** The alias has an owner that is not this one, and that this one does not follow. */
export function otherOwner(
  claimant: Claimant,
  engine: Pick<AliasSide, 'record'> & Partial<OwnerLook>,
): Problem | undefined {
  const { record } = engine;
  if (!record || isOwned(claimant, engine) || isLeftBehind(claimant, engine) || isHeir(claimant, engine))
    return undefined;
  return { reason: 'AliasOwnedElsewhere', message: ownedElsewhere(claimant, record.owner) };
}

/**
 * The alias points at what the records do not name, or at a part of what they name: somebody moved it. Its filter, routing and
 * flags are not compared: they belong to whoever searches.
 */
export function movedMembers({ alias }: Claimant, engine: AliasServing): Problem | undefined {
  return unexpectedMembers(alias, engine, expected(alias, engine)) ?? missingMembers(alias, engine);
}

/**
 * The alias should serve a version and points at nothing: somebody removed it, or deleted the live index. Nothing is
 * put back by itself, but a rebuild that somebody asks for may do so: there is nothing left that it could displace.
 */
export function aliasLost(
  { alias }: Claimant,
  { record, members }: Pick<AliasServing, 'record' | 'members'>,
): Problem | undefined {
  if (record?.live == null || members.length > 0) return undefined;
  return {
    reason: 'Drifted',
    message: `"${alias}" should point at ${versionName(alias, record.live)} and points at nothing`,
  };
}

/** An owner of the same name may be the very object that was deleted: only the uid tells them apart. */
function ownedElsewhere(claimant: Claimant, owner: Owner): string {
  const { alias, name, takesOverFrom: asked } = claimant;
  if (owner.uid === '')
    return `"${alias}" serves what ${ownerName(owner)} copied, and is for a request that adopts it: choose another alias`;
  const released = `reindeer lock release-owner ${alias} --uid ${owner.uid} --reason TEXT`;
  // There is no object to annotate, or none that would follow such an owner.
  if (isBare(claimant) || isBare(owner))
    return `"${alias}" belongs to ${ownerText(owner)}, uid ${owner.uid}; if it is to have another owner: ${released}`;
  const missed =
    asked === undefined || asked === owner.uid ? '' : `, not to uid ${asked} that ${keys.takeOverFrom} names`;
  const annotate = `kubectl annotate irepo ${name} ${keys.takeOverFrom}=${owner.uid}`;
  const way = `${annotate}, or ${released}`;
  return `"${alias}" belongs to ${ownerText(owner)}, uid ${owner.uid}${missed}; if that is gone for good: ${way}`;
}

function ownerText(owner: Owner): string {
  return owner.namespace === '' ? `${owner.name}, outside this operator` : ownerName(owner);
}

/** What the live version and the candidate have behind the alias while they serve. */
function expected(alias: string, { record, versions }: AliasServing): readonly AliasMember[] {
  return (record ? servingNumbers(record) : []).flatMap(number => {
    const known = versions.find(version => version.number === number);
    return servedBy(known ? membersOf(known) : membersNamed(alias, number, []));
  });
}

function unexpectedMembers(alias: string, engine: AliasServing, wanted: readonly AliasMember[]): Problem | undefined {
  const known = new Set(wanted.map(({ index }) => index));
  const strangers = engine.members.map(member => member.index).filter(index => !known.has(index));
  if (strangers.length === 0) return undefined;
  const reason = engine.record?.live == null ? 'AliasAmbiguous' : 'Drifted';
  return { reason, message: `"${alias}" points at ${strangers.join(', ')}, which Reindeer did not put there` };
}

function alteredMembers(alias: string, engine: AliasServing, wanted: readonly AliasMember[]): Problem | undefined {
  const altered = engine.members.filter(({ index, properties }) =>
    wanted.some(each => each.index === index && !sameProperties(each.properties, properties)),
  );
  if (altered.length === 0) return undefined;
  const names = altered.map(({ index }) => index).join(', ');
  return {
    reason: 'Drifted',
    message: `"${alias}" on ${names} has another filter, routing or flag than Reindeer wrote`,
  };
}

/** A version serves as a whole: an alias that lost some of its members shows a part of what it should. */
function missingMembers(alias: string, { members, record, versions }: AliasServing): Problem | undefined {
  const serving = versions.find(version => version.number === record?.live);
  if (!serving || members.length === 0) return undefined;
  const parts = membersOf(serving);
  const lacking = parts.filter(({ index }) => !members.some(member => member.index === index));
  if (lacking.length === 0 || lacking.length === parts.length) return undefined;
  const names = lacking.map(({ index }) => index).join(', ');
  return { reason: 'Drifted', message: `"${alias}" should also point at ${names}` };
}

/** Is the owner in the record an IndexedRepo that is there? */
export function ownerLives(
  { record }: Pick<AliasSide, 'record'>,
  repos: { readonly get: (key: Key) => IndexedRepo | undefined },
): boolean {
  const { namespace = '', name = '', uid } = record?.owner ?? {};
  return uid !== undefined && repos.get({ namespace, name })?.metadata.uid === uid;
}
