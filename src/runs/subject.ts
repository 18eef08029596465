import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import { namedIn } from '../api/run-target.ts';
import type { SearchCluster } from '../api/search-cluster.ts';
import type { CommonSources } from '../cluster/sources.ts';

/** What a request names, as far as it is there: the alias of an IndexedRepo, or one of a SearchCluster that it names itself. */
export type Subject = {
  /** Undefined: the IndexedRepo that would say it is not there. */
  readonly alias: string | undefined;
  /** Undefined: it is not there, or the request is about a bare alias. */
  readonly repo: IndexedRepo | undefined;
  readonly cluster: SearchCluster | undefined;
};

export function subjectOf(
  { metadata: { namespace }, spec }: ReindexRequest,
  { repos, clusters }: Pick<CommonSources, 'repos' | 'clusters'>,
): Subject {
  const named = namedIn(spec.target);
  if (named.is === 'Alias') {
    const cluster = clusters.get({ namespace, name: named.cluster });
    return { alias: named.alias, repo: undefined, cluster };
  }
  const repo = repos.get({ namespace, name: named.repo });
  const cluster = repo && clusters.get({ namespace, name: repo.spec.clusterRef.name });
  return { alias: repo?.spec.alias, repo, cluster };
}

/** What a request cannot be about anything without, for people: its IndexedRepo, or the SearchCluster of a bare alias. */
export function namedObject({ spec }: Pick<ReindexRequest, 'spec'>): string {
  const named = namedIn(spec.target);
  return named.is === 'Repo' ? `IndexedRepo "${named.repo}"` : `SearchCluster "${named.cluster}"`;
}
