import { describe, expect, it } from '@jest/globals';
import { repositoryFigures, watchAges } from '../../../src/operator/figures.ts';
import { aCondition, anIndexedRepo, at } from '../../support/an-object.ts';

const live = { name: 'kibana-v1', number: 1, indices: ['kibana-v1'] };
const now = new Date(at(600));
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
    const { values } = repositoryFigures(anIndexedRepo({ status }), now, undefined);
    expect(values.reindeer_freshness_lag_seconds).toBe(lag);
  });

  it('says how old the lock is, whether a human is needed, and when the remote was asked', () => {
    const lock = { holder: 'cli/laptop', kind: 'External' as const, token: 3, since: at(500) };
    const conditions = [aCondition('Ready', 'True', 'Live'), aCondition('Stalled', 'True', 'HeldBack')];
    const repo = anIndexedRepo({ spec: { freshWithin: '90m' }, status: { lock, conditions } });
    expect(repositoryFigures(repo, now, new Date(at(590))).values).toEqual({
      reindeer_freshness_lag_seconds: undefined,
      reindeer_freshness_limit_seconds: 5400,
      reindeer_repository_ready: 1,
      reindeer_repository_stalled: 1,
      reindeer_lock_age_seconds: 100,
      reindeer_remote_asked_timestamp_seconds: now.getTime() / 1000 - 10,
    });
  });

  it('has no lock age while nobody holds the alias', () => {
    expect(repositoryFigures(anIndexedRepo(), now, undefined).values.reindeer_lock_age_seconds).toBeUndefined();
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
