import type { ReindexRequest } from '../api/reindex-request.ts';
import { namedIn } from '../api/run-target.ts';
import type { Cache } from '../kube/port.ts';
import { isFinished } from './queue.ts';

/** Group of the requests that did not end yet. */
export const unfinishedRequests = 'unfinished';

type Named = { readonly namespace: string; readonly name: string };

/** Group of the requests for one IndexedRepo, ended or not. */
export function requestsOfRepo(repo: Named): string {
  return `repo/${repo.namespace}/${repo.name}`;
}

/** Group of the requests for bare aliases of one SearchCluster, ended or not: no IndexedRepo stands between the two. */
export function requestsOfCluster(cluster: Named): string {
  return `cluster/${cluster.namespace}/${cluster.name}`;
}

export function requestGroups(request: ReindexRequest): readonly string[] {
  const ofTarget = targetGroup(request);
  return isFinished(request) ? [ofTarget] : [ofTarget, unfinishedRequests];
}

/** The requests that are about the same as this one, ended or not; itself among them. */
export function requestsOfTarget(
  request: Pick<ReindexRequest, 'metadata' | 'spec'>,
  requests: Pick<Cache<ReindexRequest>, 'in'>,
): readonly ReindexRequest[] {
  const { alias } = request.spec.target;
  return requests.in(targetGroup(request)).filter(each => each.spec.target.alias === alias);
}

function targetGroup({ metadata: { namespace }, spec }: Pick<ReindexRequest, 'metadata' | 'spec'>): string {
  const named = namedIn(spec.target);
  return named.is === 'Repo'
    ? requestsOfRepo({ namespace, name: named.repo })
    : requestsOfCluster({ namespace, name: named.cluster });
}
