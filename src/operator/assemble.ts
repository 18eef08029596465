import { LockWatch } from '../alias/lock-watch.ts';
import { indexedRepoKind, type IndexedRepo } from '../api/indexed-repo.ts';
import type { Kind } from '../api/kind.ts';
import type { Key, Resource } from '../api/object.ts';
import { reindexRequestKind } from '../api/reindex-request.ts';
import { searchClusterKind } from '../api/search-cluster.ts';
import { ClusterConnections, type Connect } from '../cluster/connections.ts';
import type { OwnProcess } from '../cluster/operator-standing.ts';
import { OperatorWatch } from '../cluster/operator-watch.ts';
import { indexedRepoReconciler } from '../indexed-repo/controller.ts';
import { RemoteHeads, type RemoteHeadsParts } from '../indexed-repo/remote-heads.ts';
import { runController, type Reconciler } from '../kube/controller.ts';
import type { Kube } from '../kube/port.ts';
import { QuietWrites } from '../kube/quiet-writes.ts';
import { Secrets } from '../kube/secrets.ts';
import { WorkQueue } from '../kube/workqueue.ts';
import type { Events } from '../objects/status-writer.ts';
import { reindexRequestReconciler } from '../runs/controller.ts';
import { bakePaceMs, Pace, progressPaceMs } from '../runs/pace.ts';
import { keysInTurn, type QueueMemory, type QueueSources } from '../runs/place.ts';
import { runName } from '../runs/queue.ts';
import type { RepoTarget } from '../runs/target.ts';
import { Line } from '../runs/line.ts';
import type { SteadyClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { searchClusterReconciler } from '../search-cluster/controller.ts';
import type { PodShape } from '../work/pod-place.ts';
import { JobPods } from '../work/pods.ts';
import { StuckJobs } from '../work/stuck-jobs.ts';
import type { JobView } from '../work/view.ts';
import type { WorkerPods } from '../work/worker-pods.ts';
import { objectFigures, watchAges } from './figures.ts';
import { FloorLook } from './floor-look.ts';
import type { Metrics, Snapshot } from './metrics.ts';
import { UnreadableObjects } from './unreadable.ts';
import type { Waiters, Queues } from './wake.ts';
import { lastActivities, openWatches, type OpenWatch, type Watches } from './watches.ts';

/** Everything the operator touches the world with; tests pass fakes, `bin/operator.ts` the real ones. */
export type OperatorPorts = Pick<RemoteHeadsParts, 'resolveRef' | 'allowedAddresses'> & {
  /** What an IndexedRepo asks of its runs. */
  readonly targetOf: (repo: IndexedRepo) => RepoTarget;
  readonly kube: Kube;
  readonly watch: OpenWatch;
  readonly events: Events;
  readonly connect: Connect;
  readonly clock: SteadyClock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Told every secret value that is read. */
  readonly learnSecret: (value: string) => void;
  /** Which of all operator processes this one is, and whether it surely holds the Lease. */
  readonly own: OwnProcess;
  readonly isLeading: () => boolean;
};

export type OperatorSettings = {
  /** [''] = all. */
  readonly namespaces: readonly string[];
  readonly image: string;
  /** Git hosts that workers may reach; empty = those at public addresses. */
  readonly allowedGitHosts: readonly string[];
  readonly light: PodShape;
  readonly heavy: PodShape;
  readonly workers: WorkerPods;
  /** All aliases of a cluster are looked at this often, whatever their schedules say. */
  readonly aliasLookMs: number;
};

export type Operator = {
  /** Starts the watches; may be called long before `run`, by a replica that waits for the lease. */
  watch(): void;
  readonly synced: boolean;
  /** When each watch last heard from the API server. */
  readonly watches: readonly { readonly name: string; readonly lastActivity: Date }[];
  /** What is counted at the moment of asking; of IndexedRepos only what the replica that acts knows. */
  figures(): Omit<Snapshot, 'lease'>;
  /** Reconciles until `stop`; resolves when the last reconcile has ended. */
  run(): Promise<void>;
  stop(): Promise<void>;
};

/** A head that was asked for this recently is the newest there is, as far as a run is concerned. */
const headAgeMs = 10_000;
const syncPollMs = 20;
/** An operator that follows one which may still work waits for this many looks of that one before it deletes anything. */
const settleLooks = 2;
const concurrency = { clusters: 4, repos: 16, requests: 8 } as const;

/** Puts the operator together: caches, queues, who wakes whom, and the three reconcilers. */
export function assembleOperator(ports: OperatorPorts, settings: OperatorSettings): Operator {
  const { kube, clock, events, metrics } = ports;
  const queues = openQueues(ports);
  const pods = new JobPods(kube);
  const stuck = new StuckJobs(kube, clock);
  const pace = new Pace(clock, progressPaceMs);
  const bakePace = new Pace(clock, bakePaceMs);
  const unreadable = new UnreadableObjects({ kube, events, clock });
  const jobGone = (job: JobView): void => [pods, stuck, pace].forEach(memory => memory.forget(job.uid));
  const statuses = new QuietWrites(kube, key => queues.repos.add(key));
  const moves = new QuietWrites(kube, key => watches.wakeRequest(key));
  const memory: QueueMemory = { admitted: new Set(), jobless: new Set(), line: new Line(clock) };
  const waiters = waitersOf(() => ({ ...watches, stuck, ...memory }));
  const watches = openWatches(ports, settings.namespaces, { queues, statuses, moves, jobGone, unreadable, waiters });
  const { clusters, repos, requests, jobs } = watches;
  const secrets = new Secrets(kube, ports.learnSecret);
  const connections = new ClusterConnections({ secrets, connect: ports.connect, clock });
  const { resolveRef, allowedAddresses } = ports;
  const heads = new RemoteHeads({ secrets, clock, resolveRef, allowedAddresses });
  const { image, allowedGitHosts, light, heavy, workers } = settings;
  const { operators, locks, aliases } = openLooks(ports, settings, { queues, watches });
  const known = { clusters, repos, requests, jobs, connections, pods, stuck, operators, locks };
  const shared = { kube, events, clock, ...known, runs: metrics.runs };
  const controllers: readonly [keyof Queues, Resource, Reconciler][] = [
    ['clusters', searchClusterKind.resource, searchClusterReconciler({ ...shared, aliases })],
    [
      'repos',
      indexedRepoKind.resource,
      indexedRepoReconciler({ ...shared, statuses, heads, defaults: { image, allowedGitHosts, light, workers } }),
    ],
    [
      'requests',
      reindexRequestKind.resource,
      reindexRequestReconciler({
        ...shared,
        ...memory,
        moves,
        ...{ pace, bakePace },
        head: async (repo, occasion) => heads.within(repo, occasion, headAgeMs),
        targetOf: ports.targetOf,
        defaults: { image, allowedGitHosts, heavy, workers },
      }),
    ],
  ];
  const isSynced = (): boolean => watches.all.every(({ watch }) => watch.cache.synced);
  const stopped = new AbortController();
  let running = false;
  return {
    watch: () => watches.all.forEach(({ watch }) => watch.start()),
    get synced() {
      return isSynced();
    },
    get watches() {
      return lastActivities(watches.all);
    },
    figures: () => ({ ...figuresOf(watches, running ? heads : undefined, clock.now()), hasTwin: operators.hasTwin }),
    run: async () => {
      running = true;
      // A half-filled cache would make a request look like one whose IndexedRepo or Job is gone.
      while (!isSynced() && !stopped.signal.aborted) await clock.sleep(syncPollMs, stopped.signal);
      await Promise.all(
        controllers.map(async ([of, resource, reconcile]) =>
          runController({
            ...controllerOf(of, resource, ports),
            queue: queues[of],
            reconcile: unreadable.orElse(resource, reconcile),
          }),
        ),
      );
    },
    stop: async () => {
      stopped.abort();
      for (const queue of Object.values(queues)) queue.shutDown();
      watches.wakeNobody();
      await Promise.all(watches.all.map(async ({ watch }) => watch.stop()));
    },
  };
}

function waitersOf(sources: () => QueueSources): Waiters {
  return {
    inTurn: () => keysInTurn(sources()),
    standsAside: key => sources().line.standsAside(runName(key)),
  };
}

/** What the controller of a kind is but for its queue and what it does. */
function controllerOf(of: keyof Queues, resource: Resource, { log, clock, metrics }: OperatorPorts) {
  const meter = metrics.controller(meterName(resource));
  return { name: resource.kind, concurrency: concurrency[of], log, clock, meter };
}

/** The look at all aliases of a cluster, and at who else works there. */
function openLooks(
  { clock, own, isLeading }: OperatorPorts,
  { aliasLookMs: everyMs }: OperatorSettings,
  { queues, watches }: { readonly queues: Queues; readonly watches: Watches },
): { readonly operators: OperatorWatch; readonly locks: LockWatch; readonly aliases: FloorLook } {
  const { repos, requests, wakeAll } = watches;
  const locks = new LockWatch(clock);
  const operators = new OperatorWatch({ own, isLeading, settleMs: settleLooks * everyMs });
  const wake = (key: Key): void => queues.repos.add(key);
  const known = { repos, requests, operators, locks };
  return { operators, locks, aliases: new FloorLook({ clock, ...known, wake, wakeAll, everyMs }) };
}

function openQueues({ clock, metrics }: OperatorPorts): Queues {
  const open = ({ resource }: Kind): WorkQueue => new WorkQueue({ clock, meter: metrics.queue(meterName(resource)) });
  return { clusters: open(searchClusterKind), repos: open(indexedRepoKind), requests: open(reindexRequestKind) };
}

/** Without `heads` this replica does not act, and what it knows of IndexedRepos is the leader's to tell. */
function figuresOf(watches: Watches, heads: RemoteHeads | undefined, now: Date): Omit<Snapshot, 'lease' | 'hasTwin'> {
  const objects = heads
    ? objectFigures(watches.repos.list(), watches.clusters.list(), { heads, now })
    : { repositories: [], clusters: [], troubles: [], due: [] };
  return { watches: watchAges(lastActivities(watches.all), now), ...objects };
}

/** A controller and its queue go by the kind in small letters, as they do under controller-runtime. */
function meterName({ kind }: Resource): string {
  return kind.toLowerCase();
}
