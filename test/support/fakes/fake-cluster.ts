import type { Capacity, Cluster, ClusterNode, IndexDescription } from '../../../src/engine/port.ts';

const gib = 1024 ** 3;

/** One node that holds data, of 100 GiB of which 60 are free. It has no clock: a test would see another time each run. */
export function aClusterNode(given: Partial<ClusterNode> = {}): ClusterNode {
  return {
    id: 'node-1-id',
    name: 'node-1',
    roles: ['data', 'master'],
    takesShards: true,
    attributes: { zone: 'zone-a' },
    http: '127.0.0.1:9200',
    disk: { totalBytes: 100 * gib, freeBytes: 60 * gib },
    watermarks: { lowBytes: 15 * gib, highBytes: 10 * gib, floodBytes: 5 * gib },
    shards: 0,
    clockMs: undefined,
    ...given,
  };
}

/** What a cluster of one node says of itself; it has neither templates nor users. */
export function fakeCluster(indices: () => readonly IndexDescription[]) {
  const copies = (perShard: (settings: IndexDescription['settings']) => number): number =>
    indices().reduce((sum, { settings }) => sum + Number(settings['index.number_of_shards']) * perShard(settings), 0);
  return {
    capacity: (): Capacity => ({
      nodes: [aClusterNode({ shards: copies(() => 1) })],
      shards: { open: copies(settings => 1 + Number(settings['index.number_of_replicas'])), most: 1000 },
      autoCreate: 'false',
    }),
    templatesFor: () => [],
    lacking: () => undefined,
  };
}

/** An engine's cluster that says something else than it does, as far as is given. */
export function clusterSaying(cluster: Cluster, given: Partial<Cluster>): Cluster {
  return {
    capacity: async () => cluster.capacity(),
    templatesFor: async index => cluster.templatesFor(index),
    lacking: async wanted => cluster.lacking(wanted),
    ...given,
  };
}
