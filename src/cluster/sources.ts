import type { LockWatch } from '../alias/lock-watch.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import type { SearchCluster } from '../api/search-cluster.ts';
import type { Cache } from '../kube/port.ts';
import type { Clock } from '../runtime/clock.ts';
import type { JobPods } from '../work/pods.ts';
import type { StuckJobs } from '../work/stuck-jobs.ts';
import type { JobView } from '../work/view.ts';
import type { ClusterConnections } from './connections.ts';
import type { OperatorWatch } from './operator-watch.ts';

/** Where the facts come from that a look at an IndexedRepo and one at a ReindexRequest have in common. */
export type CommonSources = {
  readonly clock: Clock;
  readonly clusters: Cache<SearchCluster>;
  readonly repos: Cache<IndexedRepo>;
  readonly requests: Cache<ReindexRequest>;
  readonly jobs: Cache<JobView>;
  readonly connections: ClusterConnections;
  readonly pods: JobPods;
  readonly stuck: StuckJobs;
  readonly operators: Pick<OperatorWatch, 'side'>;
  readonly locks: LockWatch;
};
