import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aCluster, commitOf, untilCondition, untilLive, type Cluster, type Repo } from '../support/real/a-cluster.ts';
import { eventually } from '../support/checks/eventually.ts';
import { GitRemote } from '../support/real/git-remote.ts';
import { anIndexedRepo } from '../support/real/installed.ts';

const minutes = 60_000;
const name = 'returned';

describe('the way back', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await aCluster('rollback');
    await GitRemote.at(cluster.bed, cluster.history, name, commitOf(cluster, 'v0.19.0'));
    await cluster.kubectl.apply(
      anIndexedRepo(cluster.bed, name, { deletionPolicy: 'Delete', light: { schedule: '@every 24h' } }),
    );
    await untilLive(cluster, name, commitOf(cluster, 'v0.19.0'), 5 * minutes);
    await cluster.kubectl.patch('irepo', name, {
      spec: { index: { mappings: { properties: { note: { type: 'keyword' } } } } },
    });
    await eventually('version 2 serves', 3 * minutes, async () => (await served()).includes(`${name}-v2`));
    await untilCondition(cluster, 'irepo', name, { type: 'Reconciling', status: 'False' });
  }, 10 * minutes);
  afterAll(async () => cluster.remove(), 3 * minutes);

  const served = async (): Promise<readonly string[]> =>
    (await cluster.engine.aliases.members(name)).map(member => member.index);

  it(
    'leads to the version before within seconds, and the shape that was left is held',
    async () => {
      const begunMs = performance.now();
      await cluster.kubectl.apply({
        apiVersion: 'reindeer.dev/v1alpha1',
        kind: 'ReindexRequest',
        metadata: { name: 'back' },
        spec: { target: { repoRef: { name } }, strategy: 'Rollback' },
      });
      await eventually('version 1 serves', minutes, async () => (await served()).includes(`${name}-v1`));
      console.log(`from create to switched: ${((performance.now() - begunMs) / 1000).toFixed(1)} s`);
      await cluster.kubectl.waitFor('rreq', 'back', 'Succeeded', 60);
      await untilCondition(cluster, 'irepo', name, { type: 'Stalled', status: 'True', reason: 'HeldBack' });
      await untilCondition(cluster, 'irepo', name, { type: 'Ready', status: 'True' });
      expect(await served()).toEqual([`${name}-v1`]);
      const repo = await cluster.kubectl.get<Repo>('irepo', name);
      expect(repo?.status?.retired?.map(version => version.name)).toEqual([`${name}-v2`]);
    },
    5 * minutes,
  );
});
