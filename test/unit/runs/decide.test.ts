import { describe, expect, it } from '@jest/globals';
import { keys } from '../../../src/api/meta.ts';
import type { ReindexRequest } from '../../../src/api/reindex-request.ts';
import { publicAlias } from '../../../src/domain/document-model.ts';
import { shapeHash } from '../../../src/domain/shape.ts';
import { decideRequest } from '../../../src/runs/decide.ts';
import type { Decision } from '../../../src/runs/decision.ts';
import { requestText } from '../../../src/runs/facts.ts';
import type { Observed } from '../../../src/runs/observed.ts';
import {
  asRequest,
  aCreatedRun,
  aFreshRun,
  aJob,
  aLockedRun,
  aRecordedRun,
  aSwitchedRun,
  aVersionIndex,
  heldLock,
  onEngine,
  aTarget,
} from '../../support/objects/a-run.ts';
import {
  aCondition,
  aReindexRequest,
  anIndexedRepo,
  aSearchCluster,
  at,
  ended,
  t0,
} from '../../support/objects/an-object.ts';

const finalizers = [keys.finalizer];
const request = (given: Parameters<typeof aReindexRequest>[0] = {}): Observed['request'] =>
  aReindexRequest({ ...given, metadata: { finalizers, ...given.metadata } });
const failed = { conditions: [aCondition('Succeeded', 'False', 'WorkerFailed', 'it broke')] };
const away = { reason: 'EngineUnavailable', message: 'no answer' } as const;
const later = (seconds: number): Date => new Date(t0.getTime() + seconds * 1000);
const free = heldLock({}, { held: false, holder: null });

function decisionOf(o: Observed): Decision {
  const looked = decideRequest(o);
  if (looked.is === 'asks') throw new Error(`${looked.question.name} was not answered`);
  return looked.decision;
}

/** "walking fail: LockLost", "ended Succeeded: remove-finalizer/run". */
function decided(o: Observed): string {
  const decision = decisionOf(o);
  const effects = decision.effects.map(({ id }) => id).join(', ') || 'nothing';
  if (decision.is !== 'walking') return `${decision.is} ${decision.outcome.reason}: ${effects}`;
  const { verdict } = decision.standing;
  return `walking ${verdict.is === 'wait' || verdict.is === 'fail' ? `${verdict.is} ${verdict.reason}` : verdict.is}: ${effects}`;
}

describe('a request', () => {
  it.each<readonly [string, Observed, string]>([
    ['gets its finalizer before anything else, and alone', aFreshRun(), 'walking act: add-finalizer/run'],
    ['then does what its step says', { ...aFreshRun(), request: request() }, 'walking act: take-lock/kibana'],
    [
      'renews a lock that it saw unmoved for a third of the lease',
      { ...onEngine(aCreatedRun(), { lock: heldLock({ stillMs: 20_000 }) }), request: request(), jobs: [aJob()] },
      'walking wait Running: renew-lock/kibana',
    ],
    [
      'leaves a lock that it renewed just now',
      { ...onEngine(aCreatedRun(), { lock: heldLock({ stillMs: 19_999 }) }), request: request(), jobs: [aJob()] },
      'walking wait Running: nothing',
    ],
    [
      'waits where it is when something hinders it',
      { ...aCreatedRun(), request: request(), jobs: [aJob()], hindrance: away, engine: undefined },
      'walking wait EngineUnavailable: nothing',
    ],
    [
      'stops its Jobs when the cluster is paused',
      { ...aCreatedRun(), request: request(), jobs: [aJob()], hindrance: { reason: 'ClusterPaused', message: '' } },
      'walking wait ClusterPaused: delete-job/job-0',
    ],
    [
      'fails when its deadline is over',
      { ...aCreatedRun(), request: request({ status: { started: at(0) } }), jobs: [aJob()], now: later(86_401) },
      'walking fail DeadlineExceeded: nothing',
    ],
    [
      'has no deadline any more once it switched',
      { ...aSwitchedRun(), request: request({ status: { started: at(0) } }), now: later(86_401) },
      'walking act: record-switch/kibana-v2',
    ],
    [
      'gives way to a rollback once it is at work',
      { ...aCreatedRun(), request: request({ status: { started: at(0) } }), preemptedBy: 'back' },
      'walking fail Superseded: nothing',
    ],
    [
      'does not give way any more once it switched',
      { ...aSwitchedRun(), request: request({ status: { started: at(0) } }), preemptedBy: 'back' },
      'walking act: record-switch/kibana-v2',
    ],
    [
      'is over when every step is done, and keeps its finalizer until that is written',
      { ...onEngine(aRecordedRun(), { lock: free }), request: request() },
      'ended Succeeded: forget-run/job-0-uid',
    ],
    [
      'lets go of its finalizer once its end is written',
      { ...aFreshRun(), request: request({ status: ended('Succeeded') }) },
      'ended Succeeded: remove-finalizer/run',
    ],
    [
      'undoes what it made in reverse, the lock last, once its failure is written',
      { ...aCreatedRun(), request: request({ status: failed }), jobs: [aJob()] },
      'undoing WorkerFailed: forget-run/job-0-uid, delete-job/job-0, delete-version/kibana-v2, release-lock/kibana, forget-run/job-0-uid',
    ],
    [
      'keeps its outcome while the engine is away before all is undone',
      { ...aCreatedRun(), request: request({ status: failed }), hindrance: away, engine: undefined },
      'undoing WorkerFailed: nothing',
    ],
    [
      'that failed is over when nothing is left to undo',
      { ...aFreshRun(), request: request({ status: failed }) },
      'ended WorkerFailed: nothing',
    ],
    [
      'that is deleted in the middle is undone',
      { ...aCreatedRun(), request: request({ metadata: { deletionTimestamp: at(0) } }) },
      'undoing Deleting: delete-version/kibana-v2, release-lock/kibana',
    ],
    [
      'that is deleted waits a minute for an engine that is away',
      {
        ...aCreatedRun(),
        request: request({ metadata: { deletionTimestamp: at(0) } }),
        hindrance: away,
        engine: undefined,
        now: later(60),
      },
      'undoing Deleting: nothing',
    ],
    [
      'that is deleted goes after that minute',
      {
        ...aCreatedRun(),
        request: request({ metadata: { deletionTimestamp: at(0) } }),
        hindrance: away,
        engine: undefined,
        now: later(61),
      },
      'ended Deleting: remove-finalizer/run',
    ],
    [
      'whose IndexedRepo is being deleted ends even while something hinders it',
      {
        ...aFreshRun(),
        request: request(),
        target: aTarget({ metadata: { deletionTimestamp: at(0) } }),
        hindrance: away,
        engine: undefined,
      },
      'walking fail TargetNotFound: nothing',
    ],
    [
      'that is finished is left alone',
      { ...aFreshRun(), request: aReindexRequest({ status: ended('WorkerFailed') }) },
      'ended WorkerFailed: nothing',
    ],
  ])('%s', (_row, o, expected) => {
    expect(decided(o)).toBe(expected);
  });

  it('is deleted when its time to live is over, and looked at again then', () => {
    const status = { ...ended('Succeeded'), finished: at(0) };
    const o = { ...aFreshRun(), request: aReindexRequest({ spec: { ttlAfterFinished: '10m' }, status }) };
    expect(decisionOf({ ...o, now: later(599) })).toMatchObject({ effects: [], againInMs: 1000 });
    expect(decided({ ...o, now: later(600) })).toBe('ended Succeeded: delete-request/run');
  });

  it('that goes back to what serves already ends at once and owns nothing', () => {
    const back = aReindexRequest({ spec: { strategy: 'Rollback', rollback: { toVersion: 1 } } });
    expect(decided(asRequest(aFreshRun(), back))).toBe('ended AlreadyLive: nothing');
  });

  it.each<readonly [string, object, ReindexRequest, string]>([
    ['that was made anew after it built what serves ends at once', {}, aReindexRequest(), 'ended AlreadyLive: nothing'],
    [
      'with another time to live is the same',
      {},
      aReindexRequest({ spec: { ttlAfterFinished: '1h' } }),
      'ended AlreadyLive',
    ],
    ['of that name with another spec runs', {}, aReindexRequest({ spec: { deadline: '2h' } }), 'walking act'],
    ['that built what serves itself has succeeded', { requestUid: 'run-uid' }, aReindexRequest(), 'ended Succeeded'],
    ['runs when another shape is declared by now', { shapeHash: 'other' }, aReindexRequest(), 'walking act'],
    ['runs when another IndexedRepo owned what it built', { ownerUid: 'other' }, aReindexRequest(), 'walking'],
    ['that has begun goes on', {}, aReindexRequest({ status: { started: at(0) } }), 'walking act'],
  ])('%s', (_row, meta, request, expected) => {
    const o = aFreshRun({ request });
    const shape = shapeHash(anIndexedRepo().spec.index);
    const built = { request: requestText(aReindexRequest()), shapeHash: shape, ...meta };
    const index = { ...aVersionIndex(1, built), aliases: { kibana: publicAlias } };
    expect(decided(onEngine(o, { indices: [index] }))).toMatch(expected);
  });

  it('never asks its steps while the cluster is paused', () => {
    const cluster = aSearchCluster({ spec: { paused: true } });
    const o = {
      ...aLockedRun(),
      cluster,
      hindrance: { reason: 'ClusterPaused', message: '' } as const,
      engine: undefined,
    };
    expect(decided(o)).toBe('walking wait ClusterPaused: nothing');
  });
});
