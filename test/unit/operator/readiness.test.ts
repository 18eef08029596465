import { describe, expect, it } from '@jest/globals';
import { readiness } from '../../../src/operator/readiness.ts';
import { startHealthServer } from '../../../src/runtime/health.ts';

const other = { lease: { namespace: 'kube-system', name: 'reindeer-cluster' }, holder: 'other/reindeer/pod-1' };
const keptOut = 'lease kube-system/reindeer-cluster is held by another installation: other/reindeer/pod-1';
const unlisted = 'the first lists are not in yet';

describe('a replica of the operator', () => {
  it.each([
    ['is ready while it leads, or waits for its own leader', { synced: true, shutOut: undefined }, []],
    ['is not before its first lists', { synced: false, shutOut: undefined }, [unlisted]],
    ['is not while another installation keeps it out', { synced: true, shutOut: other }, [keptOut]],
    ['says everything that is in its way', { synced: false, shutOut: other }, [unlisted, keptOut]],
  ])('%s', (_, { synced, shutOut }, problems) => {
    expect(readiness({ synced }, { shutOut })()).toEqual(problems);
  });

  it('answers 503 at /readyz for as long as it is kept out, and stays alive', async () => {
    const election: { shutOut: typeof other | undefined } = { shutOut: other };
    const server = await startHealthServer({
      port: 0,
      live: () => [],
      ready: readiness({ synced: true }, election),
      metrics: { contentType: 'text/plain', text: async () => '' },
    });
    try {
      const ask = async (path: string): Promise<string> => {
        const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
        return `${response.status} ${await response.text()}`;
      };
      expect([await ask('/readyz'), await ask('/healthz')]).toEqual([`503 ${keptOut}\n`, '200 ok\n']);
      election.shutOut = undefined;
      expect(await ask('/readyz')).toBe('200 ok\n');
    } finally {
      await server.close();
    }
  });
});
