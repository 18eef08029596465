import { describe, expect, it } from '@jest/globals';
import type { Reason } from '../../../src/api/reasons.ts';
import { heldShapeOf } from '../../../src/domain/held-shape.ts';
import { repoConditions } from '../../../src/indexed-repo/conditions.ts';
import { decideRepo } from '../../../src/indexed-repo/decide.ts';
import type { Observed } from '../../../src/indexed-repo/observed.ts';
import { aKeptRepo, aLaggingRepo, aLightJob, aRestingRepo, onAlias } from '../../support/objects/a-repo-look.ts';
import { c1, c2, heldLock } from '../../support/objects/a-run.ts';
import { aCondition, aReindexRequest, aSearchCluster, at, t0 } from '../../support/objects/an-object.ts';

const resting = aRestingRepo();
const settled = resting.engine!.health!;
const nothingYet = onAlias(resting, {
  record: undefined,
  live: undefined,
  liveIndices: [],
  members: [],
  aliasIs: 'none',
});
const away = aRestingRepo({ engine: undefined, hindrance: { reason: 'EngineUnavailable', message: 'no answer' } });
const unreachable = { is: 'problem', lasting: false, reason: 'RemoteUnreachable', message: '' } as const;
const outsideLease = heldLock({}, { holder: { kind: 'External', name: 'cli', uid: 'c', pod: '' } }).lease;
const behindSince = (seconds: number): Observed =>
  aLaggingRepo({ repo: aKeptRepo({ status: { source: { commit: 'x', behindSince: at(seconds) } } }), now: t0 });

function aRequestThat(
  reconciles: 'True' | 'False',
  stalls: 'True' | 'False',
  reason: Reason = 'PodPending',
): ReturnType<typeof aReindexRequest> {
  const conditions = [
    aCondition('Reconciling', reconciles, reason),
    aCondition('Stalled', stalls, reason),
    aCondition('Succeeded', 'Unknown', reason),
  ];
  return aReindexRequest({ status: { conditions } });
}

const failedRun = {
  job: 'job-1',
  outcome: 'Failed',
  reason: 'WorkerFailed',
  from: '',
  to: '',
  started: at(-120),
  finished: at(-60),
} as const;

const left = { index: { shards: 3 } };
const heldBack = aRestingRepo({
  repo: aKeptRepo({
    spec: left,
    status: {
      live: { name: 'kibana-v1', number: 1, indices: ['kibana-v1'] },
      rebuild: { heldShape: heldShapeOf(aKeptRepo({ spec: left }).spec) },
    },
  }),
});

function aTrouble(seconds: number) {
  return { reason: 'PodPending', message: 'no such image', since: at(seconds) } as const;
}

function shown(o: Observed): Record<string, string> {
  return Object.fromEntries(
    repoConditions(o, decideRepo(o)).map(({ type, status, reason }) => [type, `${status} ${reason}`]),
  );
}

describe('the conditions of an IndexedRepo', () => {
  it('are all there, and all well at rest', () => {
    expect(shown(resting)).toEqual({
      Ready: 'True Live',
      Fresh: 'True UpToDate',
      Reconciling: 'False Idle',
      Stalled: 'False Idle',
      Locked: 'False Free',
      Paused: 'False NotPaused',
    });
  });

  it.each<readonly [string, Observed, Record<string, string>]>([
    [
      'before the first build',
      nothingYet,
      {
        Ready: 'False NoLiveVersion',
        Fresh: 'False NoLiveVersion',
        Reconciling: 'True NoLiveVersion',
        Stalled: 'False Idle',
      },
    ],
    [
      'while it is built',
      { ...nothingYet, requests: [aReindexRequest()] },
      { Ready: 'False Building', Reconciling: 'True Building', Stalled: 'False Idle' },
    ],
    [
      'while its request moves on',
      { ...nothingYet, requests: [aRequestThat('True', 'False', 'Running')] },
      { Ready: 'False Building', Reconciling: 'True Building' },
    ],
    [
      'while its request waits in the queue',
      { ...nothingYet, requests: [aRequestThat('True', 'False', 'Queued')] },
      { Ready: 'False Queued', Reconciling: 'True Queued', Stalled: 'False Idle' },
    ],
    [
      'while its request waits for a pod',
      { ...nothingYet, requests: [aRequestThat('True', 'False')] },
      { Ready: 'False PodPending', Reconciling: 'True PodPending', Stalled: 'False Idle' },
    ],
    [
      'when that has waited for long',
      { ...nothingYet, requests: [aRequestThat('False', 'True')] },
      { Ready: 'False PodPending', Reconciling: 'False PodPending', Stalled: 'True PodPending' },
    ],
    [
      'when its light run stands',
      { ...behindSince(-60), jobs: [aLightJob({ ready: 0, trouble: aTrouble(-60) })] },
      { Fresh: 'True PodPending', Reconciling: 'False Idle', Stalled: 'False Idle' },
    ],
    [
      'when a light run stands for long that shall select something else of the live commit',
      { ...resting, jobs: [aLightJob({ ready: 0, trouble: aTrouble(-300) })] },
      { Fresh: 'True PodPending', Stalled: 'True PodPending', Ready: 'True Live' },
    ],
    [
      'while a served one is built anew',
      { ...resting, requests: [aRequestThat('True', 'False', 'Queued')] },
      { Ready: 'True Live', Reconciling: 'True Queued' },
    ],
    [
      'while the engine is away',
      away,
      {
        Ready: 'Unknown EngineUnavailable',
        Fresh: 'Unknown EngineUnavailable',
        Reconciling: 'Unknown EngineUnavailable',
        Stalled: 'False Idle',
      },
    ],
    [
      'behind for less than freshWithin',
      behindSince(-3599),
      { Ready: 'True Live', Fresh: 'True Behind', Reconciling: 'False Idle' },
    ],
    [
      'behind, and waiting for a place among the light runs of the engine',
      { ...behindSince(-60), otherLightRuns: 8 },
      { Fresh: 'True Queued', Reconciling: 'False Idle', Stalled: 'False Idle' },
    ],
    [
      'behind and waiting for a place after runs that failed',
      {
        ...aLaggingRepo({ repo: aKeptRepo({ status: { light: { failures: 2, last: failedRun } } }) }),
        otherLightRuns: 8,
        now: new Date(at(3600)),
      },
      { Fresh: 'True RunFailed' },
    ],
    ['behind for longer', behindSince(-3600), { Ready: 'True Live', Fresh: 'False Behind' }],
    [
      'while the remote is away',
      aRestingRepo({ head: unreachable }),
      { Ready: 'True Live', Fresh: 'Unknown RemoteUnreachable', Stalled: 'False Idle' },
    ],
    [
      'while the remote refuses',
      aRestingRepo({ head: { ...unreachable, lasting: true, reason: 'AuthenticationFailed' } }),
      { Ready: 'True Live', Fresh: 'Unknown AuthenticationFailed', Stalled: 'True AuthenticationFailed' },
    ],
    ['before the remote was asked', aRestingRepo({ head: undefined }), { Fresh: 'Unknown Pending' }],
    [
      'of another shape',
      aRestingRepo({ repo: aKeptRepo({ spec: { index: { shards: 3 } } }) }),
      { Ready: 'True Live', Reconciling: 'True SpecChanged' },
    ],
    [
      'of a shape that a rollback left',
      heldBack,
      { Ready: 'True Live', Reconciling: 'False HeldBack', Stalled: 'True HeldBack' },
    ],
    [
      'with an alias of somebody else',
      onAlias(resting, { members: [{ index: 'x', properties: {} }] }),
      { Ready: 'False Drifted', Stalled: 'True Drifted' },
    ],
    [
      'with an alias that is lost',
      onAlias(resting, { members: [], aliasIs: 'none' }),
      { Ready: 'False Drifted', Stalled: 'True Drifted' },
    ],
    [
      'with replicas that no node can hold',
      onAlias(resting, { health: { ...settled, status: 'yellow', unassignedShards: 1 } }),
      { Ready: 'True Live', Stalled: 'False ReplicasUnassignable' },
    ],
    [
      'with copies that are on their way',
      onAlias(resting, { health: { ...settled, status: 'yellow', unassignedShards: 1, initializingShards: 1 } }),
      { Stalled: 'False Idle' },
    ],
    [
      'held by a request',
      onAlias(resting, { lock: heldLock().lease }),
      { Locked: 'True HeldByRequest', Ready: 'True Live' },
    ],
    ['held from outside', onAlias(resting, { lock: outsideLease }), { Locked: 'True HeldOutside' }],
    [
      'held from outside by what is silent, with nothing to do',
      onAlias(resting, { lock: outsideLease, lockSilentSince: at(-60) }),
      { Locked: 'True LockSilent', Ready: 'True Live', Fresh: 'True UpToDate', Stalled: 'False Idle' },
    ],
    [
      'held from outside by what is silent, and behind',
      onAlias(behindSince(-60), { lock: outsideLease, lockSilentSince: at(-60) }),
      { Locked: 'True LockSilent', Fresh: 'True LockSilent', Stalled: 'False Idle' },
    ],
    [
      'paused',
      aRestingRepo({ repo: aKeptRepo({ spec: { paused: true } }) }),
      { Paused: 'True PausedBySpec', Ready: 'True Live' },
    ],
    [
      'paused before the remote was asked',
      aRestingRepo({ repo: aKeptRepo({ spec: { paused: true } }), head: undefined }),
      { Fresh: 'Unknown PausedBySpec' },
    ],
    [
      'on a paused cluster',
      aRestingRepo({ cluster: aSearchCluster({ spec: { paused: true } }) }),
      { Paused: 'True ClusterPaused' },
    ],
    [
      'with a schedule that nobody can read',
      aRestingRepo({ schedule: { is: 'invalid', reason: 'InvalidSchedule', message: '' }, head: undefined }),
      {
        Ready: 'True Live',
        Fresh: 'Unknown InvalidSchedule',
        Reconciling: 'False InvalidSchedule',
        Stalled: 'True InvalidSchedule',
      },
    ],
    [
      'without its SearchCluster',
      { ...away, hindrance: { reason: 'ClusterNotFound', message: '' } },
      { Ready: 'Unknown ClusterNotFound', Fresh: 'Unknown ClusterNotFound', Stalled: 'True ClusterNotFound' },
    ],
    [
      'being deleted',
      aRestingRepo({ repo: aKeptRepo({ metadata: { deletionTimestamp: at(0) } }), head: undefined }),
      { Fresh: 'Unknown Deleting', Reconciling: 'True Deleting', Stalled: 'False Idle' },
    ],
  ])('%s say so', (_row, o, expected) => {
    expect(shown(o)).toMatchObject(expected);
  });

  it.each<readonly [string, Observed, string]>([
    ['up to date', aRestingRepo({ head: { is: 'found', commit: c1, refName: 'refs/heads/main' } }), `${c1} of main is`],
    ['behind', aLaggingRepo({ head: { is: 'found', commit: c2, refName: 'refs/tags/v1' } }), `${c2} of v1 since`],
    ['without a ref, of a commit that was named itself', aRestingRepo(), `commit ${c1} is live`],
  ])('name the branch or tag behind a ref: %s', (_row, o, words) => {
    const fresh = repoConditions(o, decideRepo(o)).find(condition => condition.type === 'Fresh');
    expect(fresh?.message).toContain(words);
  });

  it('name what a light run failed with', () => {
    const last = {
      job: 'kibana-light-1',
      outcome: 'Failed',
      reason: 'DiskFull',
      from: '',
      to: '',
      started: at(-9),
      finished: at(-8),
    } as const;
    const o = aLaggingRepo({ repo: aKeptRepo({ status: { light: { failures: 3, last } } }) });
    const fresh = repoConditions(o, decideRepo(o)).find(condition => condition.type === 'Fresh');
    expect(fresh).toMatchObject({ status: 'True', reason: 'RunFailed' });
    expect(fresh?.message).toContain('the last 3 light runs failed, kibana-light-1 with DiskFull');
  });
});
