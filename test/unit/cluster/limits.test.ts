import { describe, expect, it } from '@jest/globals';
import { holdingPlaces, runLimit } from '../../../src/cluster/limits.ts';
import { aSearchCluster, at } from '../../support/objects/an-object.ts';

const engine = (uuid: string) => ({ type: 'Elasticsearch', version: '8.19.0', uuid }) as const;

function declaring(heavyRuns: number, namespace: string, given: Parameters<typeof aSearchCluster>[0] = {}) {
  return aSearchCluster({
    ...given,
    spec: { limits: { heavyRuns }, ...given.spec },
    metadata: { namespace, ...given.metadata },
  });
}

describe('the limit of an engine', () => {
  const mine = declaring(100, 'b');

  it('is the smallest that anybody declares who has reached it, and says whose that is', () => {
    const all = [mine, declaring(2, 'a'), declaring(5, 'c')];
    expect(runLimit('heavyRuns', mine, all)).toEqual({ runs: 2, by: 'a/main' });
    expect(runLimit('heavyRuns', mine, [mine])).toEqual({ runs: 100, by: 'b/main' });
  });

  it.each([
    ['of another engine', declaring(1, 'a', { status: { engine: engine('other') } })],
    ['that only claims to be of it', declaring(1, 'a', { status: {}, spec: { clusterUUID: 'cluster' } })],
    ['that is being deleted', declaring(1, 'a', { metadata: { deletionTimestamp: at(0) } })],
  ])('does not take the word of one %s', (_which, other) => {
    const { engine: _engine, ...status } = other.status;
    const all = [mine, _which.startsWith('that only') ? { ...other, status } : other];
    expect(runLimit('heavyRuns', mine, all)).toEqual({ runs: 100, by: 'b/main' });
  });

  it('is its own for one that has reached none', () => {
    const { engine: _none, ...status } = mine.status;
    const unseen = { ...mine, status };
    expect(runLimit('heavyRuns', unseen, [unseen, { ...declaring(1, 'a'), status }])).toEqual({
      runs: 100,
      by: 'b/main',
    });
  });
});

describe('places', () => {
  it('are held by what works, and by what stands in the same namespace beyond the tenth', () => {
    const standing = Array.from({ length: 12 }, (_, i) => ({ namespace: i === 0 ? 'b' : 'a', stands: true }));
    const all = [...standing, { namespace: 'c', stands: false }];
    expect(holdingPlaces(all, 'a')).toHaveLength(2);
    expect(holdingPlaces(all, 'b')).toHaveLength(1);
  });
});
