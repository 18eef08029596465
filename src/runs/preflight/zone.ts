import type { Zones } from '../../domain/zones.ts';
import type { Capacity, IndexSize } from '../../engine/port.ts';
import { missingZone, nodesIn } from '../zones.ts';
import { passed, refused, type Finding } from './check.ts';
import { diskCheck, sizeOf } from './disk.ts';
import type { PlannedVersion } from './plan.ts';

/** What a run asks for that builds in the build zone: the zones that are declared, if any. */
export type ZoneWanted = { readonly zones: Zones | undefined };

/** Whether there is room for a version: on all nodes, or first in the build zone, without replicas, and then where it serves. */
export function roomChecks(
  wanted: ZoneWanted | undefined,
  planned: PlannedVersion,
  { capacity, liveSize }: { readonly capacity: Capacity; readonly liveSize: IndexSize | undefined },
): readonly Finding[] {
  if (!wanted) return [diskCheck(planned, capacity, sizeOf(planned, capacity, liveSize))];
  const { zones } = wanted;
  if (!zones) return [refused('zone', undeclared)];
  const missing = missingZone(zones, capacity.nodes);
  if (missing !== undefined) return [refused('zone', { reason: 'NoBuildZone', message: missing })];
  const { attribute, build, serving } = zones;
  const roomIn = (name: string, values: readonly string[], replicas: number): Finding => {
    const [part, there] = [
      { ...planned, replicas },
      { ...capacity, nodes: nodesIn(values, attribute, capacity.nodes) },
    ];
    return { ...diskCheck(part, there, sizeOf(part, there, liveSize)), name };
  };
  const named = (values: readonly string[]): string =>
    nodesIn(values, attribute, capacity.nodes)
      .map(({ name }) => name)
      .join(', ');
  return [
    passed('zone', `${named([build])} in ${attribute}=${build} to build on, ${named(serving)} to serve from`),
    roomIn('disk-build-zone', [build], 0),
    roomIn('disk-serving-zones', serving, planned.replicas),
  ];
}

export const undeclared = {
  reason: 'NoBuildZone',
  message: 'build.placement is BuildZone, and the SearchCluster declares no spec.zones',
} as const;
