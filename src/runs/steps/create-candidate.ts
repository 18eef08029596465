import { deletionOf } from '../../alias/effects/delete-version.ts';
import { engineEffect } from '../../alias/effects/engine-effect.ts';
import type { EngineHands } from '../../alias/engine-hands.ts';
import { versionSet, type VersionSet } from '../../alias/version-set.ts';
import { chunkerHash, schemaVersion, selectionHash } from '../../domain/document-model.ts';
import { copiedBody } from '../../domain/copied-shape.ts';
import { ConflictError, TerminalError } from '../../domain/errors.ts';
import type { IndexBody, IndexMeta } from '../../domain/index-body.ts';
import type { Problem } from '../../domain/problem.ts';
import { isoSeconds } from '../../domain/progress.ts';
import { newVersionRecord, notFromGit, type VersionRecord } from '../../domain/records.ts';
import { branchLabel } from '../../domain/ref.ts';
import { indexBody, shapeHash } from '../../domain/shape.ts';
import { buildZoneSettings } from '../../domain/zones.ts';
import { mainRole, memberName, nameOf, versionName } from '../../domain/version.ts';
import { act, ask, done, fail } from '../../plan/step.ts';
import { candidateShards, liveBytes } from '../candidate-shards.ts';
import { copiedIndex, copiedSet, copyGround } from '../copying.ts';
import { candidateSet, ground, holdsLock, pointsAt, replacedBy, repoGround, requestText, serves } from '../facts.ts';
import type { Observed } from '../observed.ts';
import type { RunStep, RunUndoing } from '../step.ts';
import { candidateStatus } from '../version-status.ts';
import { wantsBuildZone } from '../zones.ts';

/** Reserves the next number, then makes the indices and their record: replicas 0 and no refresh while they are built. */
export const createCandidate: RunStep = {
  name: 'create-candidate',
  phase: 'Preparing',
  look: o => {
    const { target, record, alias } = ground(o);
    const set = candidateSet(o);
    // The record is made last: where it stands every index was made.
    if (set?.record && set.isWhole) return done;
    if (set?.record || (!set && o.jobs.length > 0))
      return fail('Drifted', 'the candidate was deleted by somebody else while it was built');
    if (record.candidate === null || (isUsedUp(o, record.candidate) && !set))
      return act('reserve a number', reserveVersion({ alias, number: record.nextVersion }));
    const made = target.is === 'Alias' ? copyOf(o, record.candidate) : versionOf(o, record.candidate);
    if (made === 'asks') return ask(liveBytes);
    return 'reason' in made ? fail(made.reason, made.message) : act('create the candidate', createVersion(made));
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

/** A version that is built from Git. */
function versionOf(o: Observed, number: number): NewVersion | 'asks' {
  const shards = candidateShards(o);
  if (shards === undefined) return 'asks';
  const { alias, target } = repoGround(o);
  const members = target.members.map(member => ({ ...member, index: memberName(alias, number, member.role) }));
  const bodies = members.map(({ index }): NewIndex => ({ index, body: body(o, number, shards) }));
  return { bodies, record: firstRecord(o, { number, members }) };
}

function body(o: Observed, number: number, shards: number): IndexBody {
  const { target } = repoGround(o);
  const zones = wantsBuildZone(o) ? o.zones : undefined;
  const meta = { ...metaOfNew(o, number), ...(zones && { zones }) };
  const { settings, mappings } = indexBody({ shape: target.shape, shards, meta });
  return { settings: { ...settings, ...(zones && buildZoneSettings(zones)) }, mappings };
}

function metaOfNew(o: Observed, number: number): IndexMeta {
  const { target, alias, engine } = ground(o);
  return {
    managedBy: 'reindeer',
    schema: schemaVersion,
    alias,
    version: number,
    ownerUid: target.uid,
    requestUid: o.request.metadata.uid,
    request: requestText(o.request),
    token: engine.lock?.lease.token ?? 0,
    shapeHash: shapeHash(target.shape),
    ...replacedBy(o),
  };
}

function firstRecord(o: Observed, made: Made): VersionRecord {
  const { source, folder } = repoGround(o).target;
  return newVersionRecord({
    ...ofAnyVersion(o, made),
    branch: branchLabel(source.ref ?? ''),
    repoUrl: source.url,
    ...(folder !== undefined && { folder }),
    chunkerHash,
    selectionHash: selectionHash(source),
  });
}

type Made = Pick<VersionRecord, 'number' | 'members'>;

function ofAnyVersion(o: Observed, made: Made) {
  const { alias, uid: ownerUid, shape: declared } = ground(o).target;
  const { replicas: _inPlace, ...shape } = declared;
  return {
    ...made,
    ...{ alias, ownerUid, schema: schemaVersion, shapeHash: shapeHash(declared), shape },
    ...{ workerImage: o.image, since: isoSeconds(o.now) },
  };
}

/** A version that is copied from the live one; why there can be none. */
function copyOf(o: Observed, number: number): NewVersion | Problem {
  const { target, engine, alias } = copyGround(o);
  const [set, live] = [copiedSet(o), copiedIndex(o)];
  if (!set || !live || !serves(engine, set))
    return { reason: 'Drifted', message: `${pointsAt(o)}: nothing was copied` };
  const index = memberName(alias, number, mainRole);
  const { properties } = set.members.find(({ role }) => role === mainRole) ?? {};
  const members = [{ role: mainRole, index, properties }];
  try {
    const bodies = [{ index, body: copiedBody(live, target.shape, metaOfNew(o, number)) }];
    return { bodies, record: newVersionRecord({ ...ofAnyVersion(o, { number, members }), ...notFromGit }) };
  } catch (error) {
    if (error instanceof TerminalError) return { reason: error.reason, message: error.message };
    throw error;
  }
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
