import type { Zones } from '../../../src/domain/zones.ts';
import type { ClusterNode, ShardCopy } from '../../../src/engine/port.ts';
import { aClusterNode } from '../fakes/fake-cluster.ts';

/** The zones of a cluster with a node in each, of which `spare-1` is the one to build on. */
export const zones: Zones = { attribute: 'zone', serving: ['north', 'south'], build: 'spare' };

/** `north-1` in zone north, with id `north-1-id`, which speaks HTTP at `10.0.0.1:9200`. */
export function aZoneNode(name: string, given: Partial<ClusterNode> = {}): ClusterNode {
  const [zone = ''] = name.split('-');
  return aClusterNode({ id: `${name}-id`, name, attributes: { zone }, http: '10.0.0.1:9200', ...given });
}

export const zoneNodes: readonly ClusterNode[] = [
  aZoneNode('north-1', { http: '10.0.0.1:9200' }),
  aZoneNode('south-1', { http: '10.0.0.2:9200' }),
  aZoneNode('spare-1', { http: '10.0.0.3:9200' }),
];

/** A primary of kibana-v2 that answers on the node of the build zone. */
export function aShard(given: Partial<ShardCopy> = {}): ShardCopy {
  return { index: 'kibana-v2', shard: 0, primary: true, state: 'STARTED', node: 'spare-1-id', ...given };
}
