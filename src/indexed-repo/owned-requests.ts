import { keys } from '../api/meta.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import { hasCondition } from '../domain/conditions.ts';
import { isFinished } from '../runs/queue.ts';
import { deleteRequest } from '../runs/request-effects.ts';
import type { RepoEffect } from './effect.ts';
import type { Observed } from './observed.ts';

/** The requests about a repository, and those of them that the operator made for it. All pure. */

/** Annotations of an owned request: what it was made for, and the how many-th try it is. */
export const causeKeys = {
  cause: `${keys.request}-cause`,
  attempt: `${keys.request}-attempt`,
  revision: `${keys.request}-revision`,
} as const;

const keptFinished = 5;

export function ownedRequests(o: Observed): readonly ReindexRequest[] {
  return o.requests.filter(request =>
    request.metadata.ownerReferences?.some(owner => owner.uid === o.repo.metadata.uid),
  );
}

export function runningRequest(o: Observed): ReindexRequest | undefined {
  return o.requests.find(request => !isFinished(request));
}

/** The heavy runs that are at work or about to be; one that waits for its turn keeps nobody from anything. */
export function underWay(o: Observed): readonly ReindexRequest[] {
  return o.requests.filter(request => !isFinished(request) && request.status.queue === undefined);
}

export function heavyRunUnderWay(o: Observed): boolean {
  return underWay(o).length > 0;
}

export function hasSucceeded(request: ReindexRequest): boolean {
  return hasCondition(request.status.conditions, 'Succeeded');
}

/** The revision that a request of ours built last; the status remembers it when that request is gone. */
export function revisionDone(o: Observed): string | undefined {
  const built = ownedRequests(o).filter(hasSucceeded).at(-1)?.metadata.annotations?.[causeKeys.revision];
  return built ?? o.repo.status.rebuild?.revision;
}

/** Finished requests of ours beyond the last five. */
export function outlived(o: Observed): readonly RepoEffect[] {
  const finished = ownedRequests(o).filter(isFinished);
  return finished.slice(0, Math.max(0, finished.length - keptFinished)).map(request => {
    const { namespace, name, uid } = request.metadata;
    return deleteRequest({ key: { namespace, name }, uid });
  });
}
