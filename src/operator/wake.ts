import type { IndexedRepo } from '../api/indexed-repo.ts';
import { keys } from '../api/meta.ts';
import type { Key } from '../api/object.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import { namedIn } from '../api/run-target.ts';
import type { SearchCluster } from '../api/search-cluster.ts';
import type { Cache } from '../kube/port.ts';
import type { QuietWrites } from '../kube/quiet-writes.ts';
import { TimerHeap } from '../kube/timer-heap.ts';
import type { WorkQueue } from '../kube/workqueue.ts';
import { isHeld } from '../runs/control.ts';
import { requestsOfCluster, requestsOfRepo, requestsOfTarget } from '../runs/groups.ts';
import { isFinished } from '../runs/queue.ts';
import type { SteadyClock } from '../runtime/clock.ts';
import { reposOfCluster } from '../search-cluster/groups.ts';
import { graceMs, isQuiet, quietForMs } from '../work/stuck-jobs.ts';
import type { JobView } from '../work/view.ts';

/** Events of one change come together within this. */
const roomMs = 100;

export type Queues = { readonly clusters: WorkQueue; readonly repos: WorkQueue; readonly requests: WorkQueue };

type Caches = {
  readonly clusters: Cache<SearchCluster>;
  readonly repos: Cache<IndexedRepo>;
  readonly requests: Cache<ReindexRequest>;
  readonly jobs: Cache<JobView>;
};

/** The queue of requests: whose turn it is, and whether one keeps its place in it. */
export type Waiters = { readonly inTurn: () => readonly Key[]; readonly standsAside: (key: Key) => boolean };

type Parts = {
  readonly queues: Queues;
  readonly caches: () => Caches;
  /** Of IndexedRepos. */
  readonly statuses: Pick<QuietWrites, 'isOwnWrite'>;
  /** Of ReindexRequests. */
  readonly moves: Pick<QuietWrites, 'isOwnWrite'>;
  readonly jobGone: (job: JobView) => void;
  readonly waiters: Waiters;
  readonly clock: SteadyClock;
};

export type WakeRules = { readonly [Of in 'cluster' | 'repo' | 'request' | 'job']: (key: Key) => void } & {
  /** Nobody is woken later any more. */
  stop(): void;
};

/**
 * Who has to look again when something changed:
 *   SearchCluster -> itself, its IndexedRepos, their unfinished requests and those for bare aliases of it
 *   IndexedRepo -> itself (for a quiet write of its status it is not), its unfinished requests
 *   ReindexRequest -> itself, its IndexedRepo and its unfinished requests, or those for the same bare alias; those whose
 *     turn it is once this one may have made room: it is over, on its way out, waits for people or time, or stands aside
 *   Job -> its owner, and once more when no pod of it runs after the time that one takes to start
 */
export function wakeRules({ queues, caches, statuses, moves, jobGone, waiters, clock }: Parts): WakeRules {
  /** A deleted Job is no longer in the cache when its owner is to be woken. */
  const ownerOfJob = new Map<string, JobView>();
  const wakeOwner = ({ key: { namespace }, ownerKind, ownerName }: JobView): void => {
    const queue = ownerKind === 'IndexedRepo' ? queues.repos : queues.requests;
    queue.add({ namespace, name: ownerName });
  };
  const starting = new TimerHeap<Key>(clock, key => {
    const job = caches().jobs.get(key);
    if (job && isQuiet(job, clock.now())) wakeOwner(job);
  });
  // However many make room at once, those whose turn it is are looked for once.
  const room = new TimerHeap<'room'>(clock, () => {
    for (const key of waiters.inTurn()) queues.requests.add(key);
  });
  const wakeUnfinished = (requests: readonly ReindexRequest[]): void => {
    for (const { metadata } of requests.filter(each => !isFinished(each)))
      queues.requests.add({ namespace: metadata.namespace, name: metadata.name });
  };
  const wakeRequestsOf = (repo: Key): void => wakeUnfinished(caches().requests.in(requestsOfRepo(repo)));
  // The first one to name a SearchCluster makes it stay.
  const wakeUnheld = (cluster: Key): void => {
    if (!caches().clusters.get(cluster)?.metadata.finalizers?.includes(keys.finalizer)) queues.clusters.add(cluster);
  };
  const wakeRepo = (key: Key): void => {
    queues.repos.add(key);
    wakeRequestsOf(key);
  };
  const wakeNamed = (request: ReindexRequest): void => {
    const { namespace } = request.metadata;
    const named = namedIn(request.spec.target);
    if (named.is === 'Repo') {
      wakeRepo({ namespace, name: named.repo });
      return;
    }
    wakeUnheld({ namespace, name: named.cluster });
    wakeUnfinished(requestsOfTarget(request, caches().requests));
  };
  return {
    repo: key => {
      const repo = caches().repos.get(key);
      if (!statuses.isOwnWrite(key, repo?.metadata.resourceVersion)) queues.repos.add(key);
      wakeRequestsOf(key);
      const name = repo?.spec.clusterRef.name;
      if (name !== undefined) wakeUnheld({ namespace: key.namespace, name });
    },
    cluster: key => {
      queues.clusters.add(key);
      for (const repo of caches().repos.in(reposOfCluster(key)))
        wakeRepo({ namespace: key.namespace, name: repo.metadata.name });
      wakeUnfinished(caches().requests.in(requestsOfCluster(key)));
    },
    request: key => {
      const request = caches().requests.get(key);
      if (moves.isOwnWrite(key, request?.metadata.resourceVersion)) return;
      queues.requests.add(key);
      if (request) wakeNamed(request);
      const isLeaving = !request || isFinished(request) || request.metadata.deletionTimestamp !== undefined;
      if (isLeaving || isHeld(request) || waiters.standsAside(key)) room.set('room', 'room', roomMs);
    },
    job: key => {
      const id = `${key.namespace}/${key.name}`;
      const job = caches().jobs.get(key) ?? ownerOfJob.get(id);
      if (!job) return;
      if (caches().jobs.get(key)) ownerOfJob.set(id, job);
      else {
        ownerOfJob.delete(id);
        jobGone(job);
      }
      wakeOwner(job);
      const quietMs = quietForMs(job, clock.now());
      if (job.state === 'active' && quietMs >= 0 && quietMs < graceMs) starting.set(id, key, graceMs - quietMs);
    },
    stop: () => {
      starting.clear();
      room.clear();
    },
  };
}
