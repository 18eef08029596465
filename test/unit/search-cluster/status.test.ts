import { describe, expect, it } from '@jest/globals';
import type { SearchCluster } from '../../../src/api/search-cluster.ts';
import type { EngineInfo } from '../../../src/engine/port.ts';
import { clusterHindrance, expectedUuid } from '../../../src/search-cluster/standing.ts';
import { changedCluster, clusterStatus, type Probe } from '../../../src/search-cluster/status.ts';
import { aCondition, aSearchCluster, t0 } from '../../support/an-object.ts';

const info: EngineInfo = { type: 'Elasticsearch', version: '8.19.1', uuid: 'cluster' };
const answered: Probe = { is: 'answered', info };
const away: Probe = { is: 'problem', lasting: false, problem: { reason: 'EngineUnavailable', message: 'no answer' } };
const fresh = aSearchCluster({ status: { engine: undefined, conditions: [] } });

function shown(cluster: SearchCluster, probe: Probe): Record<string, string> {
  const { conditions = [] } = clusterStatus(cluster, probe, t0);
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
      { is: 'answered', info: { ...info, uuid: 'other' } },
      { Ready: 'False ClusterChanged', Stalled: 'True ClusterChanged' },
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
    expect(clusterStatus(fresh, answered, t0).engine).toEqual({
      type: 'Elasticsearch',
      version: '8.19.1',
      uuid: 'cluster',
    });
    const other: Probe = { is: 'answered', info: { ...info, uuid: 'other' } };
    expect(clusterStatus(aSearchCluster(), other, t0).engine?.uuid).toBe('cluster');
    expect(clusterStatus(aSearchCluster(), away, t0).engine?.uuid).toBe('cluster');
    const named = aSearchCluster({ spec: { clusterUUID: 'other' } });
    expect(clusterStatus(named, other, t0).engine?.uuid).toBe('other');
    expect(changedCluster(named, info)?.message).toContain('spec.clusterUUID names another');
    expect(changedCluster(aSearchCluster(), { ...info, uuid: 'other' })?.message).toContain(
      'set spec.clusterUUID to other',
    );
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
      'whose Secret is gone hinders by that name',
      aSearchCluster({ status: { conditions: [aCondition('Ready', 'False', 'SecretNotFound')] } }),
      'SecretNotFound',
    ],
  ])('%s', (_row, cluster, reason) => {
    expect(clusterHindrance('main', cluster)?.reason).toBe(reason);
  });
});
