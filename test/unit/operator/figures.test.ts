import { describe, expect, it } from '@jest/globals';
import {
  clusterFigures,
  dueFigures,
  objectFigures,
  repositoryFigures,
  troublesOf,
  watchAges,
} from '../../../src/operator/figures.ts';
import { aCondition, anIndexedRepo, aSearchCluster, at } from '../../support/objects/an-object.ts';

const live = { name: 'kibana-v1', number: 1, indices: ['kibana-v1'] };
const now = new Date(at(600));
const silent = { answeredAt: undefined, failingSince: undefined };
const fresh = (status: 'True' | 'False' | 'Unknown') => [aCondition('Fresh', status, 'UpToDate')];

describe('an IndexedRepo in numbers', () => {
  it.each([
    {
      says: 'nothing of its lag before it has a live version',
      status: { source: { commit: 'c1' }, conditions: fresh('False') },
      lag: undefined,
    },
    {
      says: 'no lag while the live commit is the newest',
      status: { live, source: { commit: 'c1' }, conditions: fresh('True') },
      lag: 0,
    },
    {
      says: 'for how long it has been behind, within its limit too',
      status: { live, source: { commit: 'c2', behindSince: at(240) }, conditions: fresh('True') },
      lag: 360,
    },
    {
      says: 'a lag that goes on growing while the remote cannot be asked',
      status: { live, source: { commit: 'c2', behindSince: at(240) }, conditions: fresh('Unknown') },
      lag: 360,
    },
    {
      says: 'nothing when it was fresh and the remote cannot be asked any more',
      status: { live, source: { commit: 'c1' }, conditions: fresh('Unknown') },
      lag: undefined,
    },
    {
      says: 'no negative lag when the clock that wrote the status was ahead',
      status: { live, source: { commit: 'c2', behindSince: at(601) }, conditions: fresh('True') },
      lag: 0,
    },
  ])('says $says', ({ status, lag }) => {
    const { values } = repositoryFigures(anIndexedRepo({ status }), now, silent);
    expect(values.reindeer_freshness_lag_seconds).toBe(lag);
  });

  it('says how old the lock is, whether a human is needed, what fails, and how the remote answers', () => {
    const lock = { holder: 'cli/laptop', kind: 'External' as const, token: 3, since: at(500), silentSince: at(540) };
    const conditions = [aCondition('Ready', 'True', 'Live'), aCondition('Stalled', 'True', 'HeldBack')];
    const repo = anIndexedRepo({ spec: { freshWithin: '90m' }, status: { lock, conditions, light: { failures: 3 } } });
    const remote = { answeredAt: new Date(at(300)), failingSince: new Date(at(590)) };
    expect(repositoryFigures(repo, now, remote).values).toEqual({
      reindeer_freshness_lag_seconds: undefined,
      reindeer_freshness_limit_seconds: 5400,
      reindeer_repository_ready: 1,
      reindeer_repository_stalled: 1,
      reindeer_lock_age_seconds: 100,
      reindeer_lock_silent_seconds: 60,
      reindeer_repository_reconciling: 0,
      reindeer_light_failures: 3,
      reindeer_remote_answered_timestamp_seconds: now.getTime() / 1000 - 300,
      reindeer_remote_failing_seconds: 10,
    });
  });

  it('has no lock age while nobody holds the alias, and no silence while its holder renews', () => {
    expect(repositoryFigures(anIndexedRepo(), now, silent).values.reindeer_lock_age_seconds).toBeUndefined();
    const lock = { holder: 'cli/laptop', kind: 'External' as const, token: 3, since: at(500) };
    const { values } = repositoryFigures(anIndexedRepo({ status: { lock } }), now, silent);
    expect(values).toMatchObject({ reindeer_lock_age_seconds: 100, reindeer_lock_silent_seconds: undefined });
  });
});

describe('a remote that fails', () => {
  const failing = { answeredAt: undefined, failingSince: new Date(at(0)) };
  const seconds = (given: Parameters<typeof anIndexedRepo>[0], remote: typeof failing | typeof silent = failing) =>
    repositoryFigures(anIndexedRepo(given), now, remote).values.reindeer_remote_failing_seconds;

  it('does so for nobody while it is not asked', () => {
    expect(seconds({})).toBe(600);
    expect(seconds({}, silent)).toBe(0);
    expect(seconds({ spec: { paused: true } })).toBeUndefined();
    expect(seconds({ metadata: { deletionTimestamp: at(1) } })).toBeUndefined();
  });
});

describe('a SearchCluster in numbers', () => {
  it.each([
    ['True', 1],
    ['False', 0],
    ['Unknown', 0],
  ] as const)('that is Ready %s is %d', (status, ready) => {
    const cluster = aSearchCluster({ status: { conditions: [aCondition('Ready', status, 'Connected')] } });
    expect(clusterFigures(cluster)).toEqual({
      namespace: 'team',
      name: 'main',
      values: { reindeer_cluster_ready: ready },
    });
  });
});

describe('a rebuild that is due', () => {
  it('has a series for each reason, with whether it begins by itself', () => {
    const due = [
      { reason: 'SpecChanged', message: '', held: false },
      { reason: 'WorkerChanged', message: '', held: true },
    ] as const;
    const { namespace, name } = anIndexedRepo().metadata;
    expect(dueFigures(anIndexedRepo({ status: { rebuild: { due: [...due] } } }))).toEqual([
      { namespace, name, reason: 'SpecChanged', held: 'false' },
      { namespace, name, reason: 'WorkerChanged', held: 'true' },
    ]);
    expect(dueFigures(anIndexedRepo())).toEqual([]);
  });
});

describe('what is in the way of an object', () => {
  it('is each reason of its conditions that says so, once', () => {
    const conditions = [
      aCondition('Ready', 'False', 'PodPending'),
      aCondition('Reconciling', 'True', 'PodPending'),
      aCondition('Fresh', 'Unknown', 'RemoteUnreachable'),
      aCondition('Stalled', 'False', 'Idle'),
    ];
    const repo = anIndexedRepo({ status: { conditions } });
    const { namespace, name } = repo.metadata;
    const trouble = (reason: string) => ({ resource: 'indexedrepos', namespace, name, reason });
    expect(troublesOf('indexedrepos', repo)).toEqual([trouble('PodPending'), trouble('RemoteUnreachable')]);
    const cluster = aSearchCluster({ status: { conditions: [aCondition('Ready', 'True', 'Connected')] } });
    const { troubles } = objectFigures([repo], [cluster], { heads: { answers: () => silent }, now });
    expect(troubles).toHaveLength(2);
  });
});

describe('ages of watches', () => {
  it('are those of the quietest watch of each resource', () => {
    const watches = [
      { name: 'jobs', lastActivity: new Date(at(590)) },
      { name: 'jobs', lastActivity: new Date(at(500)) },
      { name: 'indexedrepos', lastActivity: new Date(at(599)) },
    ];
    expect(watchAges(watches, now)).toEqual([
      { name: 'jobs', ageSeconds: 100 },
      { name: 'indexedrepos', ageSeconds: 1 },
    ]);
  });
});
