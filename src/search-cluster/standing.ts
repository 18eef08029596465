import type { SearchCluster } from '../api/search-cluster.ts';
import type { Problem } from '../reindex-request/observed.ts';

/** Which cluster must answer: the one that the spec pins, else the one that answered first. '' = none was seen yet. */
export function expectedUuid(cluster: SearchCluster): string {
  return cluster.spec.clusterUUID ?? cluster.status.engine?.uuid ?? '';
}

/** Why the engine behind a clusterRef may not be asked now, or undefined. A pause is no hindrance to looking. */
export function clusterHindrance(name: string, cluster: SearchCluster | undefined): Problem | undefined {
  if (!cluster) return { reason: 'ClusterNotFound', message: `there is no SearchCluster "${name}" in this namespace` };
  const ready = cluster.status.conditions?.find(condition => condition.type === 'Ready');
  if (ready?.status === 'True') return undefined;
  // A Secret that is gone takes the way to the engine with it, which matters to whoever has to clean up there.
  const reason = ready?.reason === 'SecretNotFound' ? 'SecretNotFound' : 'ClusterNotReady';
  return { reason, message: `SearchCluster "${name}": ${ready?.reason ?? 'not looked at yet'}` };
}
