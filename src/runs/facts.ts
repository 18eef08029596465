import { recordSwitch } from '../alias/effects/switch.ts';
import { takenFrom } from '../alias/ownership.ts';
import { versionSet, type VersionSet } from '../alias/version-set.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import type { AliasMember } from '../domain/alias-member.ts';
import { findCondition } from '../domain/conditions.ts';
import { declarationHash } from '../domain/declaration-hash.ts';
import type { IndexMeta } from '../domain/index-body.ts';
import { isoSeconds } from '../domain/progress.ts';
import type { AliasRecord, VersionRecord } from '../domain/records.ts';
import { shapeHash } from '../domain/shape.ts';
import { mainRole, servedBy } from '../domain/version.ts';
import type { IndexDescription } from '../engine/port.ts';
import type { EngineSide, Observed } from './observed.ts';
import type { RepoTarget, Target } from './target.ts';

/** Questions that several steps ask of what was observed. All pure. */

/** What every step after take-lock may rely on; asking before that is a bug. */
export type Ground = {
  readonly target: Target;
  readonly engine: EngineSide;
  readonly record: AliasRecord;
  readonly alias: string;
};

export function ground(o: Observed): Ground {
  if (!o.target || !o.engine?.record) throw new Error('a step past take-lock was asked without its ground');
  return { target: o.target, engine: o.engine, record: o.engine.record, alias: o.target.alias };
}

/** What steps may rely on that build from Git: asking them about an alias that has no source is a bug as well. */
export function repoGround(o: Observed): Ground & { readonly target: RepoTarget } {
  const { target, ...rest } = ground(o);
  if (target.is !== 'Repo') throw new Error(`a step that builds from Git was asked about the alias ${rest.alias}`);
  return { ...rest, target };
}

/** True when the lock is this run's own. */
export function holdsLock(o: Observed): boolean {
  const lease = o.engine?.lock?.lease;
  return lease?.held === true && lease.holder?.uid === o.holder.uid;
}

/** Somebody took a lease from the holder with this uid by hand (`reindeer lock break`): who and why, for people. */
export function brokenUnder(o: Observed, holderUid: string): string | undefined {
  const note = o.engine?.lock?.broken;
  const taken = takenFrom(holderUid, note);
  if (note === undefined || taken.length === 0) return undefined;
  return `${taken.map(each => each.of).join(', ')} taken away by ${note.by} at ${note.at}: ${note.reason}`;
}

/**
 * The version that the alias shall serve. A rebuild made its indices, and their `_meta` says so by the uid of the request; a
 * rollback returns to one that is there already as a whole, and carries the owner's uid. Never by name alone.
 */
export function candidateSet({ request, target, traits, engine: side }: Observed): VersionSet | undefined {
  if (!side || !target) return undefined;
  if (traits.builds) {
    const made = side.indices.find(index => metaOf(index).requestUid === request.metadata.uid);
    const number = made && metaOf(made).version;
    return number === undefined ? undefined : versionSet(side, target.alias, number);
  }
  const number = returnNumber(request, target, side);
  const set = number === undefined ? undefined : versionSet(side, target.alias, number);
  const isOurs = set?.indices.every(index => metaOf(index).ownerUid === target.uid);
  return set?.isWhole && isOurs ? set : undefined;
}

/** The index of it that workers write into. */
export function candidateIndex(o: Observed): IndexDescription | undefined {
  const set = candidateSet(o);
  const main = set?.members.find(({ role }) => role === mainRole);
  return set?.indices.find(({ name }) => name === main?.index);
}

/** The version that a rollback returns to: once it is written down it stays the same, whatever is retired since. */
export function returnNumber(
  request: ReindexRequest,
  target: Target,
  side: Pick<EngineSide, 'record' | 'versions'>,
): number | undefined {
  return request.status.to?.number ?? request.spec.rollback?.toVersion ?? newestToReturnTo(target, side);
}

/**
 * "The version before", however often it is asked for: never forward to what somebody has left already, and never to the
 * shape that is held back. Two people on call who both ask for it must not end on the bad version.
 */
function newestToReturnTo(
  { heldShape }: Target,
  { record, versions }: Pick<EngineSide, 'record' | 'versions'>,
): number | undefined {
  const shapeOf = (number: number): string | undefined => versions.find(each => each.number === number)?.shapeHash;
  return record?.retired.find(
    number => number < (record.live ?? Infinity) && (heldShape === undefined || shapeOf(number) !== heldShape),
  );
}

/** The version that this run has replaced, while the alias can go back to it: ours, whole, and retired or serving again. */
export function versionBefore({ request, engine, target }: Observed): VersionSet | undefined {
  const number = request.status.from?.number;
  if (number === undefined || !engine?.record || !target) return undefined;
  const { live, retired } = engine.record;
  const set = versionSet(engine, target.alias, number);
  const isOurs = set.isWhole && set.indices.every(index => metaOf(index).ownerUid === target.uid);
  return isOurs && (live === number || retired.includes(number)) ? set : undefined;
}

/**
 * The run does not wait any more after its switch: its IndexedRepo is being deleted, which goes only once its runs are over, or
 * another run of the alias goes before it.
 */
export function isCutShort({ target, preemptedBy }: Pick<Observed, 'target' | 'preemptedBy'>): boolean {
  return target?.leavingSince !== undefined || preemptedBy !== undefined;
}

/** Its outcome is written down, and is that the version before serves again. */
export function isReturning({ request }: Pick<Observed, 'request'>): boolean {
  return findCondition(request.status.conditions, 'Succeeded')?.reason === 'RolledBack';
}

export function candidateRecord(o: Observed): VersionRecord | undefined {
  return candidateSet(o)?.record;
}

/** What the indices of a new version say of the one that goes for it, where the target removes what it replaces. */
export function replacedBy(o: Observed): Pick<IndexMeta, 'replaces'> {
  const { target, record } = ground(o);
  return target.removes === 'Replaced' && record.live !== null ? { replaces: record.live } : {};
}

/** `_meta` as we write it; an index of somebody else has none of these fields. */
export function metaOf(index: Pick<IndexDescription, 'meta'>): Partial<IndexMeta> {
  return index.meta;
}

/** Who it is by name and by what it asks for: the same for a finished request that a sync tool or a backup made anew. */
export function requestText({ metadata, spec }: ReindexRequest): string {
  const {
    ttlAfterFinished: _ttl,
    paused: _paused,
    abort: _abort,
    approved: _approved,
    dryRun: _dry,
    ...lasting
  } = spec;
  return `${metadata.name}/${declarationHash(lasting)}`;
}

/** The alias already serves exactly what this request built. Everything before the switch is then past. */
export function isSwitched(o: Observed): boolean {
  const set = candidateSet(o);
  return set !== undefined && o.engine !== undefined && serves(o.engine, set);
}

/** Where the alias of a run points, for people. */
export function pointsAt({ target, engine }: Pick<Observed, 'target' | 'engine'>): string {
  return `${target?.alias ?? ''} points at ${engine?.members.map(({ index }) => index).join(', ') || 'nothing'}`;
}

/** The alias points at each member of this version, and at nothing else. */
export function serves({ members }: Pick<EngineSide, 'members'>, set: VersionSet): boolean {
  return (
    set.isWhole &&
    members.length === set.members.length &&
    set.members.every(({ index }) => members.some(member => member.index === index))
  );
}

/**
 * What the alias serves, if a request of this name with this very spec built it, its uid being another: sync tools and
 * backups make finished one-shot objects anew. Not when another shape has been declared since.
 */
export function liveByItsNamesake({ request, target, engine }: Observed): IndexDescription | undefined {
  if (!target || !engine) return undefined;
  const served = engine.members.flatMap(({ index }) => engine.indices.find(({ name }) => name === index) ?? []);
  const isByNamesake = served.every(index => {
    const meta = metaOf(index);
    const isOurs = meta.ownerUid === target.uid && meta.shapeHash === shapeHash(target.shape);
    return isOurs && meta.request === requestText(request) && meta.requestUid !== request.metadata.uid;
  });
  return isByNamesake && served.length === engine.members.length ? served[0] : undefined;
}

/** How large the version will be, by the live one; a first build has nothing to go by: zero of everything. */
export function expectedSize({ record, versions }: Pick<EngineSide, 'record' | 'versions'>): {
  readonly files: number;
  readonly documents: number;
  readonly bytes: number;
} {
  const live = versions.find(({ number }) => number === record?.live);
  const files = live?.files ?? 0;
  const documents = files + (live?.chunks ?? 0);
  // 2 kB a document: seed 001 measured 2 GB for a million.
  return { files, documents, bytes: documents * 2000 };
}

/** What the alias should point at now, by the records: the expected side of the switch. */
export function expectedMembers(record: AliasRecord, engine: EngineSide): readonly AliasMember[] {
  // An alias that somebody removed altogether has nothing to compare with: the switch then only adds.
  if (record.live === null || engine.members.length === 0) return [];
  return servedBy(versionSet(engine, record.alias, record.live).members);
}

/** Writes down that a version is live, and that the one before it is retired. */
export function switchRecord(o: Observed, live: number) {
  const { alias, record } = ground(o);
  const before = record.live === null || record.live === live ? [] : [record.live];
  const retired = [...before, ...record.retired.filter(number => number !== live && !before.includes(number))];
  return recordSwitch({ alias, live, retired, since: isoSeconds(o.now) });
}
