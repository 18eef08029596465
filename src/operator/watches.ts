import { indexedRepoKind, type IndexedRepo } from '../api/indexed-repo.ts';
import type { Kind } from '../api/kind.ts';
import { managedBy } from '../api/meta.ts';
import type { Key, KubeObject, Resource } from '../api/object.ts';
import { reindexRequestKind, type ReindexRequest } from '../api/reindex-request.ts';
import { searchClusterKind, type SearchCluster } from '../api/search-cluster.ts';
import { joinCaches } from '../kube/cache.ts';
import type { Cache } from '../kube/port.ts';
import type { QuietWrites } from '../kube/quiet-writes.ts';
import type { ResourceWatch, WatchOptions } from '../kube/watch.ts';
import type { WorkQueue } from '../kube/workqueue.ts';
import { requestGroups } from '../runs/groups.ts';
import type { SteadyClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { repoGroups } from '../search-cluster/groups.ts';
import { jobResource } from '../work/kube-jobs.ts';
import { jobGroups, jobView, type JobView, type RawJob } from '../work/view.ts';
import { projected } from './projected.ts';
import type { UnreadableObjects } from './unreadable.ts';
import { wakeRules, type Waiters, type Queues } from './wake.ts';

export type OpenWatch = <T>(options: Omit<WatchOptions<T>, 'transport' | 'log' | 'clock'>) => ResourceWatch<T>;

type Ports = { readonly watch: OpenWatch; readonly clock: SteadyClock; readonly log: Logger };

export type NamedWatch = { readonly name: string; readonly watch: ResourceWatch<unknown> };

/** The caches that reconcilers read, and who is woken by hand. */
export type Watches = {
  readonly clusters: Cache<SearchCluster>;
  readonly repos: Cache<IndexedRepo>;
  readonly requests: Cache<ReindexRequest>;
  readonly jobs: Cache<JobView>;
  readonly all: readonly NamedWatch[];
  readonly wakeNobody: () => void;
  /** Wakes a SearchCluster and everything behind it. */
  readonly wakeAll: (cluster: Key) => void;
  /** Wakes a ReindexRequest and everything about it. */
  readonly wakeRequest: (request: Key) => void;
};

type Told = {
  readonly queues: Queues;
  readonly statuses: QuietWrites;
  readonly jobGone: (job: JobView) => void;
  readonly unreadable: UnreadableObjects;
  readonly moves: QuietWrites;
  readonly waiters: Waiters;
};

/** Opens the watches of what the operator reads; each change wakes whom it concerns. */
export function openWatches(
  ports: Ports,
  namespaces: readonly string[],
  { queues, statuses, moves, jobGone, unreadable, waiters }: Told,
): Watches {
  const all: NamedWatch[] = [];
  const open = <T>(
    resource: Resource,
    project: (raw: KubeObject) => T | undefined,
    wake: (key: Key) => void,
    { groupsOf, labelSelector }: Pick<WatchOptions<T>, 'groupsOf' | 'labelSelector'> = {},
  ): Cache<T> => {
    const opened = namespaces.map(namespace =>
      ports.watch<T>({
        resource,
        namespace,
        project,
        onChange: wake,
        ...(groupsOf && { groupsOf }),
        ...(labelSelector !== undefined && { labelSelector }),
      }),
    );
    all.push(...opened.map(watch => ({ name: resource.plural, watch })));
    return opened.length === 1 && opened[0] ? opened[0].cache : joinCaches(opened.map(each => each.cache));
  };
  const wake = wakeRules({ queues, caches: () => caches, statuses, moves, jobGone, waiters, clock: ports.clock });
  const projectOf =
    <K extends Kind>(kind: K, queue: WorkQueue) =>
    (raw: KubeObject) =>
      projected(kind, raw, { queue, unreadable, log: ports.log });
  const jobLabels = `app.kubernetes.io/managed-by=${managedBy}`;
  const caches = {
    clusters: open(searchClusterKind.resource, projectOf(searchClusterKind, queues.clusters), wake.cluster),
    repos: open(indexedRepoKind.resource, projectOf(indexedRepoKind, queues.repos), wake.repo, {
      groupsOf: repoGroups,
    }),
    requests: open(reindexRequestKind.resource, projectOf(reindexRequestKind, queues.requests), wake.request, {
      groupsOf: requestGroups,
    }),
    jobs: open(jobResource, raw => jobView(raw as RawJob), wake.job, {
      groupsOf: jobGroups,
      labelSelector: jobLabels,
    }),
  };
  return {
    ...caches,
    all,
    wakeNobody: () => wake.stop(),
    wakeAll: key => wake.cluster(key),
    wakeRequest: key => wake.request(key),
  };
}

/** When each watch last heard from the API server. */
export function lastActivities(
  watches: readonly NamedWatch[],
): readonly { readonly name: string; readonly lastActivity: Date }[] {
  return watches.map(({ name, watch }) => ({ name, lastActivity: watch.lastActivity }));
}
