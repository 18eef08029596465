import type { Capacity, ClusterNode, IndexSize } from '../../../src/engine/port.ts';
import type { ClusterFacts } from '../../../src/runs/preflight/cluster-facts.ts';
import type { PlannedVersion } from '../../../src/runs/preflight/plan.ts';
import { aClusterNode } from '../fakes/fake-cluster.ts';

export const gib = 1024 ** 3;

/** Nodes of 100 GiB, each with so many GiB left above its high watermark. */
export function nodesWithRoom(...rooms: readonly number[]): readonly ClusterNode[] {
  return rooms.map((room, at) =>
    aClusterNode({
      name: `es-${at + 1}`,
      disk: { totalBytes: 100 * gib, freeBytes: (10 + room) * gib },
      watermarks: { lowBytes: 15 * gib, highBytes: 10 * gib, floodBytes: 5 * gib },
    }),
  );
}

export function aCapacity(given: Partial<Capacity> = {}): Capacity {
  return { nodes: nodesWithRoom(50, 50), shards: { open: 10, most: 2000 }, autoCreate: 'false', ...given };
}

/** A cluster in which nothing stands in the way of a version of 1 GiB. */
export function someFacts(given: Partial<ClusterFacts> = {}): ClusterFacts {
  const engine = { type: 'Elasticsearch', version: '8.19.0', uuid: 'cluster' } as const;
  return { engine, capacity: aCapacity(), templates: [], lacking: [], liveSize: aSize(gib), ...given };
}

/** Of two segments alike. */
export function aSize(bytes: number): IndexSize {
  return { bytes, largestBytes: bytes / 2 };
}

export function aPlannedVersion(given: Partial<PlannedVersion> = {}): PlannedVersion {
  const live = { name: 'kibana-v1', files: 3000, chunks: 9000 };
  return { alias: 'kibana', name: 'kibana-v2', indices: 1, shards: 1, replicas: 1, live, ...given };
}
