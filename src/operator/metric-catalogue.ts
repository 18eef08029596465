/**
 * Every metric of the operator as data: what `metrics.ts` registers and what docs/metrics.md says are made from this.
 * Names without the prefix `reindeer_` are those that controller-runtime and client-go use, so that dashboards and
 * alerts of other operators fit.
 */
export type MetricEntry = {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly unit: 'seconds' | 'unix seconds' | 'count' | '0 or 1';
  /** One sentence without a full stop at its end, as client libraries write HELP. */
  readonly help: string;
  readonly labels: readonly Label[];
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
};

/** What the values of each label are taken from: closed sets, and the names of IndexedRepos and SearchClusters that exist. */
export const labelMeanings = {
  controller: '`searchcluster`, `indexedrepo` or `reindexrequest`',
  name: 'of a work queue: as `controller`; of a lease, an IndexedRepo, a SearchCluster: its name',
  namespace: 'of an IndexedRepo or a SearchCluster',
  result: '`success`, `requeue_after`, `requeue` (met a conflict) or `error`',
  code: 'HTTP status, or `<error>` when no answer came',
  method: '`GET`, `POST`, `PATCH`, `DELETE`, or `WATCH` for the opening of a watch',
  kind: '`Light`, or the strategy of a ReindexRequest: `Rebuild`, `Rollback`',
  outcome:
    '`Succeeded`, `NoOp`, `Skipped`, `Superseded` (sent away by a run that goes first, or with its IndexedRepo), `Aborted`, `RolledBack` or `Failed`',
  resource: '`searchclusters`, `indexedrepos`, `reindexrequests` or `jobs`',
  reason: 'one of docs/reasons.md',
  held: '`false` where it begins by itself, `true` where it does not: status.rebuild.due says why',
  check: '`worker` (its comparison with the tree) or `operator` (its own count before a switch)',
} as const;
export type Label = keyof typeof labelMeanings;

/** 10 ns to 1000 s, as client-go has them. */
const queueBuckets = Array.from({ length: 12 }, (_, power) => 10 ** (power - 8));
const reconcileBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

const ofController = ['controller'] as const;
const ofQueue = ['name', 'controller'] as const;
/** 1 s to a day: from a light run of one file to the deadline of a heavy one. */
const runBuckets = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 86_400];
const ofObject = ['namespace', 'name'] as const;

/** Metrics that other operators have under the same names. */
export const fieldMetrics = {
  controller_runtime_reconcile_total: {
    type: 'counter',
    unit: 'count',
    help: 'Reconciles that ended, by controller and result',
    labels: ['controller', 'result'],
  },
  controller_runtime_reconcile_errors_total: {
    type: 'counter',
    unit: 'count',
    help: 'Reconciles that ended with an error, by controller; a conflict is none',
    labels: ofController,
  },
  controller_runtime_terminal_reconcile_errors_total: {
    type: 'counter',
    unit: 'count',
    help: 'Reconciles that ended with an error that is not retried before something changes, by controller',
    labels: ofController,
  },
  controller_runtime_reconcile_time_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'How long a reconcile took, by controller',
    labels: ofController,
    buckets: reconcileBuckets,
  },
  controller_runtime_max_concurrent_reconciles: {
    type: 'gauge',
    unit: 'count',
    help: 'Reconciles that may run at the same time, by controller',
    labels: ofController,
  },
  controller_runtime_active_workers: {
    type: 'gauge',
    unit: 'count',
    help: 'Reconciles that run now, by controller',
    labels: ofController,
  },
  workqueue_depth: {
    type: 'gauge',
    unit: 'count',
    help: 'Keys that wait to be worked on now, those on a timer not counted',
    labels: ofQueue,
  },
  workqueue_adds_total: { type: 'counter', unit: 'count', help: 'Keys added to the queue', labels: ofQueue },
  workqueue_retries_total: {
    type: 'counter',
    unit: 'count',
    help: 'Keys added again after their back-off',
    labels: ofQueue,
  },
  workqueue_queue_duration_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'How long a key waited in the queue',
    labels: ofQueue,
    buckets: queueBuckets,
  },
  workqueue_work_duration_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'How long a key was worked on',
    labels: ofQueue,
    buckets: queueBuckets,
  },
  rest_client_requests_total: {
    type: 'counter',
    unit: 'count',
    help: 'Requests to the Kubernetes API server, by HTTP status and method',
    labels: ['code', 'method'],
  },
  leader_election_master_status: {
    type: 'gauge',
    unit: '0 or 1',
    help: 'Whether this replica holds the lease',
    labels: ['name'],
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;

/** What each IndexedRepo looks like at the moment of the scrape: reported by the leader alone, gone with the object. */
export const repositoryMetrics = {
  reindeer_freshness_lag_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'For how long the live version has been behind the newest commit seen, 0 when it is not; absent while that is unknown',
    labels: ofObject,
  },
  reindeer_freshness_limit_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'How far behind spec.freshWithin lets the live version be',
    labels: ofObject,
  },
  reindeer_repository_ready: {
    type: 'gauge',
    unit: '0 or 1',
    help: 'Whether the condition Ready is True',
    labels: ofObject,
  },
  reindeer_repository_stalled: {
    type: 'gauge',
    unit: '0 or 1',
    help: 'Whether the condition Stalled is True: a human is needed',
    labels: ofObject,
  },
  reindeer_repository_reconciling: {
    type: 'gauge',
    unit: '0 or 1',
    help: 'Whether the condition Reconciling is True: the declared shape is being built',
    labels: ofObject,
  },
  reindeer_light_failures: {
    type: 'gauge',
    unit: 'count',
    help: 'Light runs that failed in a row, 0 after one that ended well',
    labels: ofObject,
  },
  reindeer_lock_age_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'For how long the lock of the alias has been held; absent while nobody holds it',
    labels: ofObject,
  },
  reindeer_lock_silent_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'For how long the holder of the lock has not renewed its lease, once that is over; absent while it does',
    labels: ofObject,
  },
  reindeer_remote_answered_timestamp_seconds: {
    type: 'gauge',
    unit: 'unix seconds',
    help: 'When the Git remote named the newest commit last, as far as this process knows; absent until it did',
    labels: ofObject,
  },
  reindeer_remote_failing_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'For how long the Git remote has been asked without a good answer, 0 after one; absent while it is not asked',
    labels: ofObject,
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;

/** What each SearchCluster looks like at the moment of the scrape: reported by the leader alone, gone with the object. */
export const clusterMetrics = {
  reindeer_cluster_ready: {
    type: 'gauge',
    unit: '0 or 1',
    help: 'Whether the condition Ready is True: the engine answers, takes the credentials and may be written to',
    labels: ofObject,
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;

/** What is in the way of objects at the moment of the scrape: reported by the leader alone, gone with the trouble. */
export const troubleMetrics = {
  reindeer_trouble: {
    type: 'gauge',
    unit: '0 or 1',
    help: '1 for each reason of a condition that says what is in the way of this object; absent while nothing is',
    labels: ['resource', 'namespace', 'name', 'reason'],
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;

/** Why rebuilds are due at the moment of the scrape: reported by the leader alone, gone with the reason. */
export const dueMetrics = {
  reindeer_rebuild_due: {
    type: 'gauge',
    unit: '0 or 1',
    help: '1 for each reason for which a rebuild of this IndexedRepo is due; absent while none is',
    labels: ['namespace', 'name', 'reason', 'held'],
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;

/** What the operator and its workers did. Figures of workers come in once, when their run has ended. */
export const productMetrics = {
  reindeer_runs_total: {
    type: 'counter',
    unit: 'count',
    help: 'Runs that ended, by kind and outcome',
    labels: ['kind', 'outcome'],
  },
  reindeer_run_duration_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'How long a run took that ended well, by kind; waiting in the queue is not counted',
    labels: ['kind'],
    buckets: runBuckets,
  },
  reindeer_switches_total: {
    type: 'counter',
    unit: 'count',
    help: 'Aliases that were switched to another version, by the kind of the run',
    labels: ['kind'],
  },
  reindeer_documents_written_total: {
    type: 'counter',
    unit: 'count',
    help: 'Chunk documents that workers wrote, by the kind of the run',
    labels: ['kind'],
  },
  reindeer_documents_deleted_total: {
    type: 'counter',
    unit: 'count',
    help: 'Chunk documents that workers deleted, by the kind of the run',
    labels: ['kind'],
  },
  reindeer_bulk_retries_total: {
    type: 'counter',
    unit: 'count',
    help: 'Bulk requests that workers sent again because the engine refused some of their items for the moment',
    labels: ['kind'],
  },
  reindeer_verification_mismatches_total: {
    type: 'counter',
    unit: 'count',
    help: 'Runs whose version did not hold what it should, by who found it',
    labels: ['check'],
  },
  reindeer_operator_twin: {
    type: 'gauge',
    unit: '0 or 1',
    help: 'Whether another operator that takes itself for this one works on one of its engines: deletions wait for a human',
    labels: [],
  },
  reindeer_watch_age_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'Since when a watch has heard nothing, not even a bookmark; the oldest one of several namespaces',
    labels: ['resource'],
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;

/** Everything but the process's own metrics, which the client library registers. */
export const metricCatalogue: Readonly<Record<string, MetricEntry>> = {
  ...fieldMetrics,
  ...productMetrics,
  ...repositoryMetrics,
  ...clusterMetrics,
  ...troubleMetrics,
  ...dueMetrics,
};

export type FieldMetric = keyof typeof fieldMetrics;
export type ProductMetric = keyof typeof productMetrics;
export type RepositoryMetric = keyof typeof repositoryMetrics;
export type ClusterMetric = keyof typeof clusterMetrics;
export type TroubleMetric = keyof typeof troubleMetrics;
export type DueMetric = keyof typeof dueMetrics;
