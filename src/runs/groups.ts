import type { ReindexRequest } from '../api/reindex-request.ts';
import { isFinished } from './queue.ts';

/** Group of the requests that did not end yet. */
export const unfinishedRequests = 'unfinished';

/** Group of the requests for one IndexedRepo, ended or not. */
export function requestsOfRepo(repo: { readonly namespace: string; readonly name: string }): string {
  return `repo/${repo.namespace}/${repo.name}`;
}

export function requestGroups(request: ReindexRequest): readonly string[] {
  const { namespace } = request.metadata;
  const ofRepo = requestsOfRepo({ namespace, name: request.spec.target.repoRef.name });
  return isFinished(request) ? [ofRepo] : [ofRepo, unfinishedRequests];
}
