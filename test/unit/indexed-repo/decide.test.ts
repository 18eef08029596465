import { describe, expect, it } from '@jest/globals';
import { keys } from '../../../src/api/meta.ts';
import type { Reason } from '../../../src/api/reasons.ts';
import { decideRepo } from '../../../src/indexed-repo/decide.ts';
import type { Observed } from '../../../src/indexed-repo/observed.ts';
import { causeKeys } from '../../../src/indexed-repo/owned-requests.ts';
import { aVersionRecord } from '../../support/objects/a-record.ts';
import { aKeptRepo, aLaggingRepo, aLightJob, aRestingRepo, onAlias } from '../../support/objects/a-repo-look.ts';
import { aJob, aVersionIndex, heldLock } from '../../support/objects/a-run.ts';
import { madeBy, saidBy } from '../../support/objects/a-verdict.ts';
import { aReindexRequest, anIndexedRepo, aSearchCluster, at, ended, t0 } from '../../support/objects/an-object.ts';

const resting = aRestingRepo();
const lagging = aLaggingRepo();
const spec = (given: object): Observed['repo'] => aKeptRepo({ spec: given });
const reshaped = { index: { shards: 4 } };
const later = (seconds: number): Date => new Date(t0.getTime() + seconds * 1000);
const running = aReindexRequest({ status: { started: at(0) } });
const lock = heldLock().lease;
const live = resting.engine!.live!;

/** Effects without the hash in the names of children. */
function effects(o: Observed): string {
  const ids = decideRepo(o).effects.map(({ id }) => id.replace(/-[0-9a-f]{10}$/, ''));
  return ids.join(', ') || 'nothing';
}

function aFailedTry(attempt: number, finished: string, reason: Reason = 'WorkerFailed') {
  const o = aRestingRepo({ repo: spec(reshaped) });
  const request = madeBy(decideRepo(o));
  if (!request) throw new Error('a reshaped repository makes a request');
  const { annotations, ownerReferences } = request.metadata;
  const metadata = {
    name: `try-${attempt}`,
    annotations: { ...annotations, [causeKeys.attempt]: String(attempt) },
    ownerReferences: ownerReferences ?? [],
  };
  return aReindexRequest({ metadata, status: { ...ended(reason, 'it broke'), finished } });
}

const stranger = { clusterUuid: 'cluster', namespace: 'x', name: 'y', uid: 'z' };

describe('an IndexedRepo', () => {
  it.each<readonly [string, Observed, string]>([
    ['at rest is left alone', resting, 'nothing'],
    ['behind its remote gets a light run', lagging, 'create-job/kibana-light'],
    [
      'without a version gets its finalizer first',
      {
        ...onAlias(resting, { record: undefined, live: undefined, liveIndices: [], members: [], indices: [] }),
        repo: anIndexedRepo(),
      },
      'add-finalizer/kibana',
    ],
    [
      'that a request of somebody else is about gets its finalizer before that claims the alias',
      {
        ...onAlias(resting, { record: undefined, live: undefined, liveIndices: [], members: [], indices: [] }),
        repo: anIndexedRepo(),
        requests: [aReindexRequest()],
      },
      'add-finalizer/kibana',
    ],
    ['that owns its alias has a finalizer', { ...resting, repo: anIndexedRepo() }, 'add-finalizer/kibana'],
    [
      'whose alias belongs to another has nothing to lose',
      onAlias({ ...resting, repo: anIndexedRepo() }, { record: { ...resting.engine!.record!, owner: stranger } }),
      'nothing',
    ],
    [
      'without a version then gets a request',
      onAlias(resting, { record: undefined, live: undefined, liveIndices: [], members: [], indices: [] }),
      'create-request/kibana',
    ],
    [
      'of another shape gets a request, and no light run meanwhile',
      aLaggingRepo({ repo: spec(reshaped) }),
      'create-request/kibana',
    ],
    [
      'with a new revision gets a request',
      aRestingRepo({ repo: spec({ rebuild: { revision: 'a' } }) }),
      'create-request/kibana',
    ],
    [
      'with a revision that was built is left alone',
      aRestingRepo({
        repo: aKeptRepo({ spec: { rebuild: { revision: 'a' } }, status: { rebuild: { revision: 'a' } } }),
      }),
      'nothing',
    ],
    [
      'with a request at work gets no second one',
      aRestingRepo({ repo: spec(reshaped), requests: [running] }),
      'nothing',
    ],
    ['with a request at work gets no light run', { ...lagging, requests: [running] }, 'nothing'],
    [
      'with a request that queues gets light runs',
      { ...lagging, requests: [aReindexRequest({ status: { queue: { position: 1, behind: 'x' } } })] },
      'create-job/kibana-light',
    ],
    ['whose alias is held gets no light run', onAlias(lagging, { lock }), 'nothing'],
    ['with a light run at work gets no second one', { ...lagging, jobs: [aLightJob()] }, 'nothing'],
    ['on a full cluster gets no light run', { ...lagging, otherLightRuns: 8 }, 'nothing'],
    ['that is paused starts nothing', aLaggingRepo({ repo: spec({ paused: true, ...reshaped }) }), 'nothing'],
    [
      'on a paused cluster stops its light run',
      { ...lagging, cluster: aSearchCluster({ spec: { paused: true } }), jobs: [aLightJob()] },
      'delete-job/job-0',
    ],
    [
      'that something hinders starts nothing',
      { ...lagging, engine: undefined, hindrance: { reason: 'EngineUnavailable', message: '' } },
      'nothing',
    ],
    [
      'whose alias has drifted starts nothing',
      onAlias(aLaggingRepo({ repo: spec(reshaped) }), { members: [{ index: 'x', properties: {} }] }),
      'nothing',
    ],
    ['whose alias is lost gets no light run', onAlias(lagging, { members: [], aliasIs: 'none' }), 'nothing'],
    [
      'whose alias is lost is rebuilt when that is asked for',
      onAlias(aLaggingRepo({ repo: spec({ rebuild: { revision: 'a' } }) }), { members: [], aliasIs: 'none' }),
      'create-request/kibana',
    ],
    [
      'whose remote cannot be asked asks for no build',
      aRestingRepo({
        repo: spec(reshaped),
        head: { is: 'problem', lasting: true, reason: 'RefNotFound', message: '' },
      }),
      'nothing',
    ],
    [
      'with a schedule that nobody can read starts nothing',
      { ...lagging, schedule: { is: 'invalid', reason: 'InvalidSchedule', message: '' } },
      'nothing',
    ],
    [
      'with another number of replicas gets them in place',
      aRestingRepo({ repo: spec({ index: { replicas: 2 } }) }),
      'put-settings/kibana-v1',
    ],
    [
      'with a changed selection gets a light run',
      { ...resting, repo: spec({ source: { url: resting.repo.spec.source.url, include: ['src/**'] } }) },
      'create-job/kibana-light',
    ],
    [
      'whose last run was cut off gets a light run',
      onAlias(resting, { live: { ...live, clean: false } }),
      'create-job/kibana-light',
    ],
    [
      'keeps the newest ended light Job only',
      {
        ...resting,
        jobs: [
          aLightJob({ round: 1, state: 'failed', finished: at(-9) }),
          aLightJob({ round: 2, state: 'succeeded', finished: at(-8) }),
        ],
      },
      'forget-run/job-1-uid, delete-job/job-1',
    ],
  ])('%s', (_row, o, expected) => {
    expect(effects(o)).toBe(expected);
  });

  it('takes over what was left behind, and finishes a take-over that was cut off', () => {
    const leftBehind = onAlias(resting, {
      record: { ...resting.engine!.record!, owner: { clusterUuid: 'cluster', namespace: 'x', name: 'y', uid: '' } },
      live: undefined,
      liveIndices: [],
    });
    expect(effects({ ...leftBehind, repo: anIndexedRepo() })).toBe('add-finalizer/kibana');
    expect(effects(leftBehind)).toBe('claim-alias/kibana');
    const halfway = onAlias(resting, { indices: [...resting.engine!.indices, aVersionIndex(7, { ownerUid: '' })] });
    expect(effects(halfway)).toBe('claim-alias/kibana');
  });

  it.each<readonly [string, number, string]>([
    ['waits 30 s after the first failure', 29, 'nothing'],
    ['tries again after that', 30, 'create-request/kibana'],
  ])('whose rebuild failed %s', (_row, seconds, expected) => {
    const o = aRestingRepo({ repo: spec(reshaped), requests: [aFailedTry(0, at(0))], now: later(seconds) });
    expect(effects(o)).toBe(expected);
  });

  it('whose rebuild failed as often as it may waits for a human, however few failed requests are left', () => {
    const o = aRestingRepo({ repo: spec(reshaped), requests: [aFailedTry(2, at(0))], now: later(99_999) });
    expect(decideRepo(o).rebuild).toMatchObject({ is: 'stalled', reason: 'RetriesExhausted' });
    const hopeless = aRestingRepo({
      repo: spec(reshaped),
      requests: [aFailedTry(0, at(0), 'MappingRejected')],
      now: later(99_999),
    });
    expect(decideRepo(hopeless).rebuild).toMatchObject({ is: 'stalled', reason: 'MappingRejected' });
  });

  it('whose rebuild ended for a reason that only a later release knows is tried again', () => {
    const failed = aFailedTry(0, at(0), 'OfALaterRelease' as Reason);
    const o = aRestingRepo({ repo: spec(reshaped), requests: [failed], now: later(99_999) });
    expect(effects(o)).toBe('create-request/kibana');
  });

  it('that changed since starts anew', () => {
    const repo = aKeptRepo({ spec: { index: { shards: 5 } }, metadata: { generation: 2 } });
    expect(effects(aRestingRepo({ repo, requests: [aFailedTry(2, at(0))] }))).toBe('create-request/kibana');
  });

  it('names a request the same however often it decides to make it, and by the attempt', () => {
    const name = (o: Observed): string | undefined => madeBy(decideRepo(o))?.metadata.name;
    const first = name(aRestingRepo({ repo: spec(reshaped) }));
    expect(name(aRestingRepo({ repo: spec(reshaped), now: later(5) }))).toBe(first);
    const second = name(aRestingRepo({ repo: spec(reshaped), requests: [aFailedTry(0, at(0))], now: later(60) }));
    expect(second).not.toBe(first);
  });

  it('hands its children labels of ours only', () => {
    const metadata = {
      labels: { 'argocd.argoproj.io/instance': 'x' },
      annotations: { 'kustomize.toolkit.fluxcd.io/name': 'x' },
    };
    const o = aRestingRepo({ repo: aKeptRepo({ spec: reshaped, metadata }) });
    expect(JSON.stringify(decideRepo(o).effects)).not.toMatch(/argocd|fluxcd/);
  });

  it('deletes retired versions that outlived retain.for, but none that is not ours, and none while the alias is held', () => {
    const old = [7, 8, 9].map(number =>
      aVersionRecord({ index: `kibana-v${number}`, number, since: at(number === 9 ? 0 : -7200) }),
    );
    const o = onAlias(aRestingRepo({ repo: spec({ retain: { versions: 3, for: '1h' } }) }), {
      record: { ...resting.engine!.record!, retired: [9, 8, 7] },
      versions: [live, ...old],
      indices: [...resting.engine!.indices, aVersionIndex(9), aVersionIndex(8), aVersionIndex(7, { ownerUid: 'x' })],
    });
    expect(effects(o)).toBe('expire-versions/kibana');
    expect(saidBy(decideRepo(o))).toMatchObject([
      { versions: [{ number: 8, indices: ['kibana-v8'] }], holder: { name: 'IndexedRepo/team/kibana' } },
    ]);
    expect(effects(onAlias(o, { lock }))).toBe('nothing');
    expect(decideRepo(o).againInMs).toBe(1000);
  });

  it('keeps the newest ended light Job into each version that is followed, by which the next one is timed', () => {
    const ended = (name: string, index: string) =>
      aLightJob({ state: 'failed', index, key: { namespace: 'team', name } });
    const jobs = [ended('a', 'kibana-v1'), ended('b', 'kibana-v1'), ended('c', 'kibana-v0'), ended('d', 'kibana-v0')];
    const o = aRestingRepo({ jobs: [ended('x', 'kibana-v9'), ...jobs] });
    expect(effects(o)).toBe(
      'forget-run/job-0-uid, forget-run/job-0-uid, forget-run/job-0-uid, delete-job/x, delete-job/a, delete-job/c',
    );
    expect(effects({ ...o, engine: undefined })).toBe('delete-job/a, delete-job/c');
  });

  it('keeps the newest ended Job of each kind for its logs, and no other', () => {
    const ended = (name: string, finished: string) =>
      aJob({ key: { namespace: 'team', name }, uid: `${name}-uid`, state: 'succeeded', finished });
    const o = aRestingRepo({
      jobs: [ended('light-1', at(-60)), ended('light-2', at(-50))],
      finishedJobs: [ended('heavy-1', at(-90)), ended('heavy-2', at(-80))],
    });
    expect(saidBy(decideRepo(o)).filter(({ name }) => name === 'delete-job')).toEqual([
      { name: 'delete-job', key: { namespace: 'team', name: 'light-1' }, uid: 'light-1-uid' },
      { name: 'delete-job', key: { namespace: 'team', name: 'heavy-1' }, uid: 'heavy-1-uid' },
    ]);
  });

  it('looks again at the next tick, at the next try, when it turns stale, whichever comes first', () => {
    const every = aRestingRepo({ repo: spec({ light: { schedule: '0 1 * * *' } }) });
    expect(decideRepo(every).againInMs).toBe(3_600_000);
    expect(decideRepo({ ...every, headAgainAt: later(15) }).againInMs).toBe(15_000);
    const behind = aKeptRepo({
      spec: { light: { schedule: '0 1 * * *' } },
      status: { source: { commit: 'x', behindSince: at(-3000) } },
    });
    expect(decideRepo(aRestingRepo({ repo: behind })).againInMs).toBe(601_000);
    expect(decideRepo({ ...lagging, otherLightRuns: 8 }).againInMs).toBeLessThanOrEqual(10_000);
  });
});

describe('an IndexedRepo that is deleted', () => {
  const metadata = { deletionTimestamp: at(0) };
  const gone = (given: Parameters<typeof aKeptRepo>[0] = {}): Observed['repo'] =>
    aKeptRepo({ ...given, metadata: { ...metadata, ...given.metadata } });
  const away = { engine: undefined, hindrance: { reason: 'EngineUnavailable', message: '' } } as const;
  const owned = { ownerReferences: [{ apiVersion: 'v', kind: 'IndexedRepo', name: 'kibana', uid: 'kibana-uid' }] };
  const Delete = { deletionPolicy: 'Delete' };
  const nobody = { ...resting.engine!.record!, owner: { clusterUuid: '', namespace: '', name: '', uid: '' } };

  it.each<readonly [string, Observed, string]>([
    ['with Retain leaves its alias behind', { ...resting, repo: gone() }, 'release-alias/kibana'],
    [
      'goes once it owns nothing any more',
      { ...onAlias(resting, { record: nobody }), repo: gone() },
      'remove-finalizer/kibana',
    ],
    [
      'with Delete takes away alias, versions and records',
      { ...resting, repo: gone({ spec: Delete }) },
      'remove-alias/kibana, delete-version/kibana-v1, forget-alias/kibana',
    ],
    [
      'with Delete leaves indices of others',
      {
        ...onAlias(resting, { indices: [aVersionIndex(1, { ownerUid: 'x' }), aVersionIndex(2, { alias: 'y' })] }),
        repo: gone({ spec: Delete }),
      },
      'forget-alias/kibana',
    ],
    [
      'ends its own runs first',
      { ...resting, repo: gone(), jobs: [aLightJob()], requests: [aReindexRequest({ metadata: owned })] },
      'delete-job/job-0, delete-request/run',
    ],
    ['waits for runs of others', { ...resting, repo: gone(), requests: [aReindexRequest()] }, 'nothing'],
    ['waits a minute for an engine that is away', { ...resting, ...away, repo: gone(), now: later(60) }, 'nothing'],
    [
      'with Retain goes after that minute',
      { ...resting, ...away, repo: gone(), now: later(61) },
      'remove-finalizer/kibana',
    ],
    ['with Delete waits on', { ...resting, ...away, repo: gone({ spec: Delete }), now: later(99_999) }, 'nothing'],
    [
      'with Delete goes when the clean-up is abandoned',
      {
        ...resting,
        ...away,
        repo: gone({ spec: Delete, metadata: { annotations: { [keys.abandonCleanup]: 'true' } } }),
      },
      'remove-finalizer/kibana',
    ],
    [
      'with Delete goes after a minute when the way to the engine is gone for good',
      {
        ...resting,
        engine: undefined,
        hindrance: { reason: 'ClusterNotFound', message: '' },
        repo: gone({ spec: Delete }),
        now: later(61),
      },
      'remove-finalizer/kibana',
    ],
    [
      'without a finalizer owes nothing',
      { ...onAlias(resting, { record: nobody }), repo: anIndexedRepo({ metadata }) },
      'nothing',
    ],
  ])('%s', (_row, o, expected) => {
    expect(effects(o)).toBe(expected);
  });
});
