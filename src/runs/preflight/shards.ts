import type { Capacity } from '../../engine/port.ts';
import { passed, refused, type Finding } from './check.ts';
import type { PlannedVersion } from './plan.ts';

/** Whether the cluster takes as many copies of shards more, those that no node is there for included: so the engine counts. */
export function shardsCheck(
  { shards, replicas, indices }: PlannedVersion,
  { shards: { open, most } }: Capacity,
): Finding {
  const needed = shards * (1 + replicas) * indices;
  const message = `${needed} copies of shards are needed; ${open} are open, of ${most} that cluster.max_shards_per_node allows`;
  return open + needed <= most ? passed('shards', message) : refused('shards', { reason: 'TooManyShards', message });
}
