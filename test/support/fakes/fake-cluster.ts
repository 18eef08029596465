import type { Capacity, Cluster, ClusterNode, IndexDescription } from '../../../src/engine/port.ts';
import type { FakeAllocation } from './fake-allocation.ts';

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

/** What a cluster of these nodes says of itself; it has neither templates nor users. */
export function fakeCluster(indices: () => readonly IndexDescription[], allocation: FakeAllocation) {
  const copies = (): number =>
    indices().reduce(
      (sum, { settings }) =>
        sum + Number(settings['index.number_of_shards']) * (1 + Number(settings['index.number_of_replicas'])),
      0,
    );
  return {
    capacity: (): Capacity => ({
      nodes: allocation.nodes(indices()),
      shards: { open: copies(), most: 1000 },
      autoCreate: 'false',
    }),
    indicesOn: (nodeIds: readonly string[]): readonly string[] => {
      const there = allocation.shards(indices()).filter(({ node }) => node !== undefined && nodeIds.includes(node));
      return [...new Set(there.map(({ index }) => index))].sort();
    },
    templatesFor: () => [],
    lacking: () => undefined,
  };
}

/** An engine's cluster that says something else than it does, as far as is given. */
export function clusterSaying(cluster: Cluster, given: Partial<Cluster>): Cluster {
  return {
    capacity: async () => cluster.capacity(),
    indicesOn: async nodeIds => cluster.indicesOn(nodeIds),
    templatesFor: async index => cluster.templatesFor(index),
    lacking: async wanted => cluster.lacking(wanted),
    awaitChanges: async () => cluster.awaitChanges(),
    ...given,
  };
}
