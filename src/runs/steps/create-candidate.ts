import type { RunStep } from '../step.ts';
import { branchLabel } from '../../domain/ref.ts';
import { act, done, fail } from '../../plan/step.ts';
import type { Effect } from '../../effects/effect.ts';
import type { IndexBody, IndexMeta } from '../../domain/index-body.ts';
import type { IndexDescription } from '../../engine/port.ts';
import type { VersionRecord } from '../../domain/records.ts';
import { chunkerHash, schemaVersion, selectionHash } from '../../domain/document-model.ts';
import { isoSeconds } from '../../domain/progress.ts';
import { indexBody, shapeHash } from '../../domain/shape.ts';
import { shardsFor } from '../../domain/sizing.ts';
import { newVersionRecord, versionName } from '../../domain/versions.ts';
import { candidateIndex, candidateRecord, expectedSize, ground, holdsLock, requestText } from '../facts.ts';
import type { Observed } from '../observed.ts';

/** Reserves the next number, then makes the index and its record: replicas 0 and no refresh while it is built. */
export const createCandidate: RunStep = {
  name: 'create-candidate',
  phase: 'Preparing',
  look: o => {
    const { record, alias } = ground(o);
    if (candidateIndex(o) && candidateRecord(o)) return done;
    if (!candidateIndex(o) && o.jobs.length > 0)
      return fail('Drifted', 'the candidate was deleted by somebody else while it was built');
    if (record.candidate === null || (isTaken(o, record.candidate) && !candidateIndex(o)))
      return act('reserve a number', { do: 'reserve-version', alias, number: record.nextVersion });
    return act('create the candidate', creation(o, record.candidate));
  },
  undo: o => {
    const index = candidateIndex(o);
    if (!index || !o.repo) return emptyReservation(o);
    if (isNeeded(o, index)) return [];
    const number = Number(index.meta['version']);
    return [deletion(o.repo.spec.alias, number, index.name, o.repo.metadata.uid)];
  },
};

/** The number that this run reserved, and perhaps a record, when the index was not made yet or is deleted already. */
function emptyReservation(o: Observed): readonly Effect[] {
  const number = o.engine?.record?.candidate;
  if (number == null || !o.repo || !holdsLock(o) || isTakenByIndex(o, number)) return [];
  const { alias } = o.repo.spec;
  return [deletion(alias, number, versionName(alias, number), o.repo.metadata.uid)];
}

/** It went live, or somebody put the alias on it: then it is no longer this run's to take away. */
function isNeeded(o: Observed, index: IndexDescription): boolean {
  return (
    o.engine?.record?.live === index.meta['version'] ||
    (o.repo !== undefined && Object.hasOwn(index.aliases, o.repo.spec.alias)) ||
    index.meta['ownerUid'] !== o.repo?.metadata.uid
  );
}

function deletion(alias: string, number: number, index: string, ownerUid: string): Effect {
  return { do: 'delete-version', alias, number, index, ownerUid };
}

/** A number whose index or record exists belongs to whoever made that. */
function isTaken(o: Observed, number: number): boolean {
  const { engine, alias } = ground(o);
  return isTakenByIndex(o, number) || engine.versions.some(version => version.index === versionName(alias, number));
}

function isTakenByIndex(o: Observed, number: number): boolean {
  const { engine, alias } = ground(o);
  return engine.indices.some(index => index.name === versionName(alias, number));
}

function creation(o: Observed, number: number): Effect {
  const { alias } = ground(o);
  const index = versionName(alias, number);
  return { do: 'create-version', index, body: body(o, number), record: firstRecord(o, number) };
}

function body(o: Observed, number: number): IndexBody {
  const { repo, alias, engine } = ground(o);
  const shape = repo.spec.index;
  const meta: IndexMeta = {
    managedBy: 'reindeer',
    schema: schemaVersion,
    alias,
    version: number,
    ownerUid: repo.metadata.uid,
    requestUid: o.request.metadata.uid,
    request: requestText(o.request),
    token: engine.lock?.lease.token ?? 0,
    shapeHash: shapeHash(shape),
  };
  return indexBody({ shape, shards: shape.shards ?? shardsFor(expectedSize(o)), meta });
}

function firstRecord(o: Observed, number: number): VersionRecord {
  const { repo, alias } = ground(o);
  const { source, index } = repo.spec;
  const { replicas: _inPlace, ...shape } = index;
  return newVersionRecord({
    alias,
    number,
    ownerUid: repo.metadata.uid,
    branch: branchLabel(source.ref ?? ''),
    repoUrl: source.url,
    schema: schemaVersion,
    chunkerHash,
    selectionHash: selectionHash(source),
    shapeHash: shapeHash(index),
    shape,
    workerImage: repo.spec.worker?.image ?? o.defaults.image,
    since: isoSeconds(o.now),
  });
}
