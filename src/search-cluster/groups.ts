import type { IndexedRepo } from '../api/indexed-repo.ts';

/** Group of the IndexedRepos that name one SearchCluster. */
export function reposOfCluster(cluster: { readonly namespace: string; readonly name: string }): string {
  return `cluster/${cluster.namespace}/${cluster.name}`;
}

export function repoGroups({ metadata: { namespace }, spec }: IndexedRepo): readonly string[] {
  return [reposOfCluster({ namespace, name: spec.clusterRef.name })];
}
