import type { LockRead } from '../alias/lock-watch.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import type { Holder } from '../domain/records.ts';
import type { Cache } from '../kube/port.ts';
import { isFinished } from './queue.ts';

/** What the operator knows of those who may hold a lock. */
type Known = { readonly repos: Cache<IndexedRepo>; readonly requests: Cache<ReindexRequest> };

/**
 * Whom Kubernetes knows among those who hold an alias that objects of this namespace are about, and who of them is no more.
 * What an operator of another cluster holds is nothing that our Kubernetes knows of.
 */
export function holderRules(operator: string, namespace: string, known: Known): Pick<LockRead, 'isOurs' | 'isGone'> {
  return {
    isOurs: (holder: Holder) => holder.kind === 'Heavy' && holder.operator === operator,
    isGone: (holder: Holder) => isGone(holder.uid, namespace, known),
  };
}

/** A holder of ours is gone when its request is: Kubernetes is the authority on that. An IndexedRepo gives back what it holds itself. */
function isGone(holderUid: string, namespace: string, { repos, requests }: Known): boolean {
  const holder = requests.list().find(each => each.metadata.uid === holderUid);
  if (holder) return isFinished(holder) && holder.metadata.namespace === namespace;
  return repos.list().every(repo => repo.metadata.uid !== holderUid);
}
