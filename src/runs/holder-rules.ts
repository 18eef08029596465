import type { LockRead } from '../alias/lock-watch.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import type { Holder } from '../domain/records.ts';
import type { Cache } from '../kube/port.ts';
import { isFinished } from './queue.ts';

/**
 * Whom Kubernetes knows among those who hold the alias of an IndexedRepo, and who of them is no more. What an operator of
 * another cluster holds is nothing that our Kubernetes knows of.
 */
export function holderRules(
  operator: string,
  repo: IndexedRepo,
  requests: Cache<ReindexRequest>,
): Pick<LockRead, 'isOurs' | 'isGone'> {
  return {
    isOurs: (holder: Holder) => holder.kind === 'Heavy' && holder.operator === operator,
    isGone: (holder: Holder) => isGone(holder.uid, repo, requests),
  };
}

/** A holder of ours is gone when its request is: Kubernetes is the authority on that. The IndexedRepo itself gives back what it holds. */
function isGone(holderUid: string, repo: IndexedRepo, requests: Cache<ReindexRequest>): boolean {
  if (holderUid === repo.metadata.uid) return false;
  const holder = requests.list().find(each => each.metadata.uid === holderUid);
  return holder === undefined || (isFinished(holder) && holder.metadata.namespace === repo.metadata.namespace);
}
