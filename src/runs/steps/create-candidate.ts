import { versionSet, type VersionSet } from '../../alias/version-set.ts';
import { chunkerHash, schemaVersion, selectionHash } from '../../domain/document-model.ts';
import type { IndexBody, IndexMeta } from '../../domain/index-body.ts';
import { isoSeconds } from '../../domain/progress.ts';
import { newVersionRecord, type VersionRecord } from '../../domain/records.ts';
import { branchLabel } from '../../domain/ref.ts';
import { indexBody, shapeHash } from '../../domain/shape.ts';
import { shardsFor } from '../../domain/sizing.ts';
import { mainRole, memberName, type Member } from '../../domain/version.ts';
import { deletionOf, type Effect, type NewIndex } from '../../effects/effect.ts';
import { act, done, fail } from '../../plan/step.ts';
import { candidateSet, expectedSize, ground, holdsLock, requestText } from '../facts.ts';
import type { Observed } from '../observed.ts';
import type { RunStep } from '../step.ts';

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
    if (record.candidate === null || (isTaken(o, record.candidate) && !set))
      return act('reserve a number', { do: 'reserve-version', alias, number: record.nextVersion });
    return act('create the candidate', creation(o, record.candidate));
  },
  undo: o => {
    const set = candidateSet(o);
    if (!set || !o.target) return emptyReservation(o);
    return isNeeded(o, set) ? [] : [deletionOf(set, o.target.alias, o.target.uid)];
  },
};

/** The number that this run reserved, and perhaps a record, when no index was made yet or all are deleted already. */
function emptyReservation(o: Observed): readonly Effect[] {
  const number = o.engine?.record?.candidate;
  if (number == null || !o.target || !o.engine || !holdsLock(o)) return [];
  const set = versionSet(o.engine, o.target.alias, number);
  return set.indices.length > 0 ? [] : [deletionOf(set, o.target.alias, o.target.uid)];
}

/** It went live, or somebody put the alias on it: then it is no longer this run's to take away. */
function isNeeded({ engine, target }: Observed, { number, indices }: VersionSet): boolean {
  const alias = target?.alias ?? '';
  return (
    engine?.record?.live === number ||
    indices.some(({ aliases, meta }) => Object.hasOwn(aliases, alias) || meta['ownerUid'] !== target?.uid)
  );
}

/** A number of which an index or the record exists belongs to whoever made that. */
function isTaken(o: Observed, number: number): boolean {
  const { engine, alias } = ground(o);
  const { record, indices } = versionSet(engine, alias, number);
  return record !== undefined || indices.length > 0;
}

function creation(o: Observed, number: number): Effect {
  const members = membersToMake(o, number);
  const bodies = members.map(({ index }): NewIndex => ({ index, body: body(o, number) }));
  return { do: 'create-version', bodies, record: firstRecord(o, { number, members }) };
}

/** What a version fed from Git is made of. */
function membersToMake(o: Observed, number: number): readonly Member[] {
  return [{ role: mainRole, index: memberName(ground(o).alias, number, mainRole) }];
}

function body(o: Observed, number: number): IndexBody {
  const { target, alias, engine } = ground(o);
  const { shape, uid: ownerUid } = target;
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
  };
  return indexBody({ shape, shards: shape.shards ?? shardsFor(expectedSize(o)), meta });
}

function firstRecord(o: Observed, made: Pick<VersionRecord, 'number' | 'members'>): VersionRecord {
  const { alias, source, worker, uid: ownerUid, shape: declared } = ground(o).target;
  const { replicas: _inPlace, ...shape } = declared;
  return newVersionRecord({
    ...made,
    alias,
    ownerUid,
    branch: branchLabel(source.ref ?? ''),
    repoUrl: source.url,
    schema: schemaVersion,
    chunkerHash,
    selectionHash: selectionHash(source),
    shapeHash: shapeHash(declared),
    shape,
    workerImage: worker?.image ?? o.defaults.image,
    since: isoSeconds(o.now),
  });
}
