import { describe, expect, it } from '@jest/globals';
import type { SearchCluster } from '../../../src/api/search-cluster.ts';
import { clusterHindrance, expectedUuid } from '../../../src/cluster/standing.ts';
import type { EngineInfo } from '../../../src/engine/port.ts';
import { changedCluster, clusterStatus, type Probe } from '../../../src/search-cluster/status.ts';
import { aCondition, aSearchCluster, t0 } from '../../support/objects/an-object.ts';

const info: EngineInfo = { type: 'Elasticsearch', version: '8.19.1', uuid: 'cluster' };
const answered: Probe = { is: 'answered', info, blocks: [] };
const byHand = { description: 'index write (api)', byDisk: false, byRequest: true };
const byDisk = { description: 'flood-stage watermark', byDisk: true, byRequest: false };
const look = (probe: Probe, users: readonly string[] = []) => ({ probe, users, now: t0 });
const away: Probe = { is: 'problem', lasting: false, problem: { reason: 'EngineUnavailable', message: 'no answer' } };
const lasting = (reason: 'SecretNotFound' | 'AuthenticationFailed') => [
  aCondition('Ready', 'False', reason),
  aCondition('Stalled', 'True', reason),
];
const fresh = aSearchCluster({ status: { engine: undefined, conditions: [] } });

function shown(cluster: SearchCluster, probe: Probe): Record<string, string> {
  const { conditions = [] } = clusterStatus(cluster, look(probe));
  return Object.fromEntries(conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]));
}

describe('a SearchCluster', () => {
  it.each<readonly [string, SearchCluster, Probe, Record<string, string>]>([
    [
      'that answers is Ready',
      fresh,
      answered,
      { Ready: 'True Connected', Stalled: 'False Idle', Paused: 'False NotPaused' },
    ],
    [
      'that does not answer is not Ready, and nobody is needed',
      fresh,
      away,
      { Ready: 'False EngineUnavailable', Stalled: 'False Idle' },
    ],
    [
      'that refuses needs a human',
      fresh,
      { is: 'problem', lasting: true, problem: { reason: 'AuthenticationFailed', message: '' } },
      { Ready: 'False AuthenticationFailed', Stalled: 'True AuthenticationFailed' },
    ],
    [
      'that is another one than before needs a human',
      aSearchCluster(),
      { is: 'answered', info: { ...info, uuid: 'other' }, blocks: [] },
      { Ready: 'False ClusterChanged', Stalled: 'True ClusterChanged' },
    ],
    [
      'that somebody made read-only is not Ready',
      aSearchCluster(),
      { ...answered, blocks: [byDisk, byHand] },
      { Ready: 'False WritesBlocked', Stalled: 'False Idle' },
    ],
    [
      'whose disks are full is not Ready',
      aSearchCluster(),
      { ...answered, blocks: [byDisk] },
      { Ready: 'False DiskFull', Stalled: 'False Idle' },
    ],
    [
      'that is paused says so and stays Ready',
      aSearchCluster({ spec: { paused: true } }),
      answered,
      { Ready: 'True Connected', Paused: 'True PausedBySpec' },
    ],
  ])('%s', (_row, cluster, probe, expected) => {
    expect(shown(cluster, probe)).toMatchObject(expected);
  });

  it('keeps the first engine that answered, until the spec names another', () => {
    expect(clusterStatus(fresh, look(answered)).engine).toEqual({
      type: 'Elasticsearch',
      version: '8.19.1',
      uuid: 'cluster',
    });
    const other: Probe = { is: 'answered', info: { ...info, uuid: 'other' }, blocks: [] };
    expect(clusterStatus(aSearchCluster(), look(other)).engine?.uuid).toBe('cluster');
    expect(clusterStatus(aSearchCluster(), look(away)).engine?.uuid).toBe('cluster');
    const named = aSearchCluster({ spec: { clusterUUID: 'other' } });
    expect(clusterStatus(named, look(other)).engine?.uuid).toBe('other');
    expect(changedCluster(named, info)?.message).toContain('spec.clusterUUID names another');
    expect(changedCluster(aSearchCluster(), { ...info, uuid: 'other' })?.message).toContain(
      'set spec.clusterUUID to other',
    );
  });

  it('that is being deleted says who still names it, however well the engine is', () => {
    const stalled = (cluster: SearchCluster, users: readonly string[]) =>
      clusterStatus(cluster, look(answered, users)).conditions?.find(({ type }) => type === 'Stalled');
    const going = aSearchCluster({ metadata: { deletionTimestamp: t0.toISOString() } });
    expect(stalled(going, ['b', 'a'])).toMatchObject({
      status: 'True',
      reason: 'InUse',
      message: 'is being deleted and stays until nothing names it: a, b still do',
    });
    const many = Array.from({ length: 12 }, (_, i) => `r${i + 10}`);
    expect(stalled(going, many)?.message).toContain('r19 and 2 more still do');
    expect(stalled(going, [])?.status).toBe('False');
    expect(stalled(aSearchCluster(), ['a'])?.status).toBe('False');
  });

  it('expects the cluster that the spec names, else the one that answered first', () => {
    expect(expectedUuid(fresh)).toBe('');
    expect(expectedUuid(aSearchCluster())).toBe('cluster');
    expect(expectedUuid(aSearchCluster({ spec: { clusterUUID: 'other' } }))).toBe('other');
  });

  it.each<readonly [string, SearchCluster | undefined, string | undefined]>([
    ['that is not there hinders', undefined, 'ClusterNotFound'],
    ['that was not looked at yet hinders', fresh, 'ClusterNotReady'],
    ['that is Ready does not', aSearchCluster(), undefined],
    ['that is paused does not keep anybody from looking', aSearchCluster({ spec: { paused: true } }), undefined],
    [
      'whose engine is away hinders',
      aSearchCluster({ status: { conditions: [aCondition('Ready', 'False', 'EngineUnavailable')] } }),
      'ClusterNotReady',
    ],
    [
      'whose Secret is gone hinders by that name, as all that lasts does',
      aSearchCluster({ status: { conditions: lasting('SecretNotFound') } }),
      'SecretNotFound',
    ],
    [
      'that refuses the credentials hinders by that name',
      aSearchCluster({ status: { conditions: lasting('AuthenticationFailed') } }),
      'AuthenticationFailed',
    ],
    [
      'that takes no writes hinders by that name',
      aSearchCluster({ status: { conditions: [aCondition('Ready', 'False', 'WritesBlocked')] } }),
      'WritesBlocked',
    ],
  ])('%s', (_row, cluster, reason) => {
    expect(clusterHindrance('main', cluster)?.reason).toBe(reason);
  });
});
