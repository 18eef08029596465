import type { SearchCluster } from '../api/search-cluster.ts';
import { findCondition, hasCondition } from '../domain/conditions.ts';
import type { Problem } from '../domain/problem.ts';

/** Which cluster must answer: the one that the spec pins, else the one that answered first. '' = none was seen yet. */
export function expectedUuid(cluster: SearchCluster): string {
  return cluster.spec.clusterUUID ?? cluster.status.engine?.uuid ?? '';
}

/** The settings index of a SearchCluster whose engine has this uuid: the same for all that share one. */
export function settingsPlace({ spec }: SearchCluster, uuid: string): string {
  return `${uuid}/${spec.settingsIndex}`;
}

/**
 * Why nothing may be started on the engine behind a clusterRef, or undefined. A pause is no hindrance to looking. What lasts
 * on the SearchCluster lasts for whoever names it, and is said by its own name; what passes by itself is not.
 */
export function clusterHindrance(name: string, cluster: SearchCluster | undefined): Problem | undefined {
  if (!cluster) return { reason: 'ClusterNotFound', message: `there is no SearchCluster "${name}" in this namespace` };
  const { conditions } = cluster.status;
  const ready = findCondition(conditions, 'Ready');
  if (ready?.status === 'True') return undefined;
  if (!ready) return { reason: 'ClusterNotReady', message: `SearchCluster "${name}" was not looked at yet` };
  const isPlain = !hasCondition(conditions, 'Stalled') && !refusesWrites(ready);
  return {
    reason: isPlain ? 'ClusterNotReady' : ready.reason,
    message: `SearchCluster "${name}": ${isPlain ? `${ready.reason}: ` : ''}${ready.message}`,
  };
}

/** The engine answers: what serves can be looked at, and nothing can be changed. */
export function refusesWrites({ reason }: Pick<Problem, 'reason'>): boolean {
  return reason === 'DiskFull' || reason === 'WritesBlocked';
}
