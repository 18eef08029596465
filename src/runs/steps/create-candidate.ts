import { deletionOf } from '../../alias/effects/delete-version.ts';
import { engineEffect } from '../../alias/effects/engine-effect.ts';
import type { EngineHands } from '../../alias/engine-hands.ts';
import { versionSet, type VersionSet } from '../../alias/version-set.ts';
import { chunkerHash, schemaVersion, selectionHash } from '../../domain/document-model.ts';
import { ConflictError } from '../../domain/errors.ts';
import type { IndexBody, IndexMeta } from '../../domain/index-body.ts';
import { isoSeconds } from '../../domain/progress.ts';
import { newVersionRecord, type VersionRecord } from '../../domain/records.ts';
import { branchLabel } from '../../domain/ref.ts';
import { indexBody, shapeHash } from '../../domain/shape.ts';
import { buildZoneSettings } from '../../domain/zones.ts';
import { memberName, nameOf, versionName, type Member } from '../../domain/version.ts';
import { act, ask, done, fail } from '../../plan/step.ts';
import { candidateShards, liveBytes } from '../candidate-shards.ts';
import { candidateSet, ground, holdsLock, replacedBy, repoGround, requestText } from '../facts.ts';
import type { Observed } from '../observed.ts';
import type { RunStep, RunUndoing } from '../step.ts';
import { candidateStatus } from '../version-status.ts';
import { wantsBuildZone } from '../zones.ts';

/** Reserves the next number, then makes the indices and their record: replicas 0 and no refresh while they are built. */
export const createCandidate: RunStep = {
  name: 'create-candidate',
  phase: 'Preparing',
  look: o => {
    const { record, alias } = ground(o);
    const set = candidateSet(o);
    // The record is made last: where it stands every index was made.
    if (set?.record && set.isWhole) return done;
    if (set?.record || (!set && o.jobs.length > 0))
      return fail('Drifted', 'the candidate was deleted by somebody else while it was built');
    if (record.candidate === null || (isUsedUp(o, record.candidate) && !set))
      return act('reserve a number', reserveVersion({ alias, number: record.nextVersion }));
    const shards = candidateShards(o);
    if (shards === undefined) return ask(liveBytes);
    return act('create the candidate', creation(o, record.candidate, shards));
  },
  undo: o => {
    const set = candidateSet(o);
    if (!set || !o.target) return emptyReservation(o);
    return isNeeded(o, set) ? done : act('delete what was built', deletionOf(set, o.target.alias, o.target.uid));
  },
  tell: { field: 'to', of: o => candidateStatus(o) ?? o.request.status.to },
};

/** The number that this run reserved, and perhaps a record, when no index was made yet or all are deleted already. */
function emptyReservation(o: Observed): RunUndoing {
  const number = o.engine?.record?.candidate;
  if (number == null || !o.target || !o.engine || !holdsLock(o)) return done;
  const set = versionSet(o.engine, o.target.alias, number);
  if (set.indices.length > 0) return done;
  return act('give the number back', deletionOf(set, o.target.alias, o.target.uid));
}

/** It went live, or somebody put the alias on it: then it is no longer this run's to take away. */
function isNeeded({ engine, target }: Observed, { number, indices }: VersionSet): boolean {
  const alias = target?.alias ?? '';
  return (
    engine?.record?.live === number ||
    // It has served, and was left: retention decides about it.
    engine?.record?.retired.includes(number) === true ||
    indices.some(({ aliases, meta }) => Object.hasOwn(aliases, alias) || meta['ownerUid'] !== target?.uid)
  );
}

/** A number that is somebody else's, or that a version of this run had which was lost. */
function isUsedUp(o: Observed, number: number): boolean {
  return o.request.status.buildZone?.version === number || isTaken(o, number);
}

/** A number of which an index or the record exists belongs to whoever made that. */
function isTaken(o: Observed, number: number): boolean {
  const { engine, alias } = ground(o);
  const { record, indices } = versionSet(engine, alias, number);
  return record !== undefined || indices.length > 0;
}

function creation(o: Observed, number: number, shards: number) {
  const members = membersToMake(o, number);
  const bodies = members.map(({ index }): NewIndex => ({ index, body: body(o, number, shards) }));
  return createVersion({ bodies, record: firstRecord(o, { number, members }) });
}

function membersToMake(o: Observed, number: number): readonly Member[] {
  const { alias, target } = repoGround(o);
  return target.members.map(member => ({ ...member, index: memberName(alias, number, member.role) }));
}

function body(o: Observed, number: number, shards: number): IndexBody {
  const { target, alias, engine } = repoGround(o);
  const { shape, uid: ownerUid } = target;
  const zones = wantsBuildZone(o) ? o.zones : undefined;
  const meta: IndexMeta = {
    managedBy: 'reindeer',
    schema: schemaVersion,
    alias,
    version: number,
    ownerUid,
    requestUid: o.request.metadata.uid,
    request: requestText(o.request),
    token: engine.lock?.lease.token ?? 0,
    shapeHash: shapeHash(shape),
    ...replacedBy(o),
    ...(zones && { zones }),
  };
  const { settings, mappings } = indexBody({ shape, shards, meta });
  return { settings: { ...settings, ...(zones && buildZoneSettings(zones)) }, mappings };
}

function firstRecord(o: Observed, made: Pick<VersionRecord, 'number' | 'members'>): VersionRecord {
  const { alias, source, folder, uid: ownerUid, shape: declared } = repoGround(o).target;
  const { replicas: _inPlace, ...shape } = declared;
  return newVersionRecord({
    ...made,
    alias,
    ownerUid,
    branch: branchLabel(source.ref ?? ''),
    repoUrl: source.url,
    ...(folder !== undefined && { folder }),
    schema: schemaVersion,
    chunkerHash,
    selectionHash: selectionHash(source),
    shapeHash: shapeHash(declared),
    shape,
    workerImage: o.image,
    since: isoSeconds(o.now),
  });
}

export const reserveVersion = engineEffect({
  name: 'reserve-version',
  target: ({ alias, number }: { readonly alias: string; readonly number: number }) => versionName(alias, number),
  run: async ({ alias, number }, { settings }) => {
    await settings.changeAlias(alias, record =>
      record.nextVersion === number ? { ...record, candidate: number, nextVersion: number + 1 } : record,
    );
  },
});

type NewIndex = { readonly index: string; readonly body: IndexBody };
type NewVersion = { readonly bodies: readonly NewIndex[]; readonly record: VersionRecord };

export const createVersion = engineEffect({
  name: 'create-version',
  target: ({ record }: NewVersion) => nameOf(record),
  run: async ({ bodies, record }, hands) => {
    for (const { index, body } of bodies) await createIndex(index, body, record.writer.epoch, hands);
    await hands.settings.createVersion(record);
  },
});

async function createIndex(index: string, body: IndexBody, epoch: number, hands: EngineHands): Promise<void> {
  const aliases = hands.writeAliasOf(index, epoch);
  if ((await hands.engine.indices.create(index, { ...body, aliases })) !== 'exists') return;
  const [found] = await hands.engine.indices.describe(index);
  const wanted = body.mappings['_meta'] as { requestUid?: unknown } | undefined; // written by indexBody
  if (found?.meta['requestUid'] !== wanted?.requestUid) throw new ConflictError(`${index} was made by somebody else`);
}
