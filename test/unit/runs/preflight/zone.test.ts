import { describe, expect, it } from '@jest/globals';
import type { ClusterNode } from '../../../../src/engine/port.ts';
import { roomChecks } from '../../../../src/runs/preflight/zone.ts';
import { aZoneNode, zoneNodes, zones } from '../../../support/objects/a-zone.ts';
import { aCapacity, aPlannedVersion, aSize, gib, nodesWithRoom } from '../../../support/objects/cluster-facts.ts';

const room = (...gibs: readonly number[]): readonly ClusterNode[] =>
  nodesWithRoom(...gibs).map(({ disk, watermarks }, at) => ({ ...zoneNodes[at]!, disk, watermarks }));

function found(nodes: readonly ClusterNode[], wanted: Parameters<typeof roomChecks>[0]) {
  const facts = { capacity: aCapacity({ nodes }), liveSize: aSize(10 * gib) };
  return roomChecks(wanted, aPlannedVersion(), facts);
}

describe('the room for a version', () => {
  it('is asked of all nodes where it may lie anywhere', () => {
    expect(found(room(20, 20, 20), undefined)).toMatchObject([{ name: 'disk', ok: true }]);
  });

  it('is asked of the build zone without replicas, and then of the serving zones with them', () => {
    const [zone, build, serving] = found(room(20, 20, 16), { zones });
    expect(zone).toMatchObject({ name: 'zone', ok: true, message: expect.stringContaining('spare-1 in zone=spare') });
    expect(build).toMatchObject({ name: 'disk-build-zone', ok: true, message: expect.stringContaining('15 GiB') });
    expect(serving).toMatchObject({ name: 'disk-serving-zones', ok: true, message: expect.stringContaining('20 GiB') });
  });

  it.each([
    ['the build zone', [50, 50, 12], 'disk-build-zone'],
    ['a serving zone', [50, 9, 50], 'disk-serving-zones'],
  ])('is refused where %s has none', (_what, gibs, name) => {
    const refused = found(room(...gibs), { zones }).filter(({ ok }) => !ok);
    expect(refused).toMatchObject([{ name, reason: 'NotEnoughDisk' }]);
  });

  it.each([
    ['no zones are declared', zoneNodes, { zones: undefined }, 'declares no spec.zones'],
    [
      'the build zone has no node',
      zoneNodes.slice(0, 2),
      { zones },
      'a node that takes shards is needed with zone=spare; there are north-1 (zone=north), south-1 (zone=south)',
    ],
    [
      'the only one takes no shards',
      [...zoneNodes.slice(0, 2), aZoneNode('spare-1', { takesShards: false })],
      { zones },
      'needed with zone=spare',
    ],
    [
      'no serving zone has one',
      zoneNodes.slice(2),
      { zones },
      'needed with zone=north or zone=south; there are spare-1',
    ],
  ])('is refused where %s', (_what, nodes, wanted, message) => {
    expect(found(nodes, wanted)).toMatchObject([
      { name: 'zone', ok: false, reason: 'NoBuildZone', message: expect.stringContaining(message) },
    ]);
  });
});
