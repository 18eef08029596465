import type { AliasSide } from '../alias/observe.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import type { SearchCluster } from '../api/search-cluster.ts';
import type { RunLimit } from '../cluster/limits.ts';
import type { OperatorSide } from '../cluster/operator-watch.ts';
import type { Problem } from '../domain/problem.ts';
import type { BreakNote, Lease, VersionRecord } from '../domain/records.ts';
import type { Schedule, ScheduleProblem } from '../domain/schedule.ts';
import type { IndexDescription, IndexHealth } from '../engine/port.ts';
import type { Head, ObservedJob } from '../runs/observed.ts';
import type { JobDefaults, PodShape } from '../work/pod-place.ts';
import type { JobView } from '../work/view.ts';

/** What the engine says of the alias of an IndexedRepo. */
export type EngineSide = AliasSide &
  OperatorSide & {
    readonly clusterUuid: string;
    /** The owner that the record names is an IndexedRepo which this Kubernetes cluster knows. */
    readonly ownerLives: boolean;
    readonly lock: Lease | undefined;
    /** Since when its holder is silent for longer than its lease. */
    readonly lockSilentSince: string | undefined;
    /** Who took leases of the alias away by hand last, from whom and why. */
    readonly broken: BreakNote | undefined;
    /** The live version by the record; undefined while the alias is not ours. */
    readonly live: VersionRecord | undefined;
    /** Its indices, if all of them still exist; else []. */
    readonly liveIndices: readonly IndexDescription[];
    /** Versions that receive every write beside the live one, as far as they are whole: the one before, in a bake. */
    readonly besideLive: readonly VersionRecord[];
    /** How the copies of the live version stand. */
    readonly health: IndexHealth | undefined;
    /** Bytes of the main index of the live version, replicas not counted, an hour old at most; undefined = not known. */
    readonly liveBytes: number | undefined;
    /** Documents as the alias shows them. */
    readonly documents: number | undefined;
  };

/** Everything that is known when an IndexedRepo is looked at, time included; gathered once, never changed. */
export type Observed = {
  readonly now: Date;
  readonly repo: IndexedRepo;
  readonly cluster: SearchCluster | undefined;
  /** Why the engine could not be asked. */
  readonly hindrance: Problem | undefined;
  readonly engine: EngineSide | undefined;
  readonly schedule: Schedule | ScheduleProblem;
  /** When a rebuild is due by the clock; absent = never. */
  readonly rebuildSchedule: Schedule | ScheduleProblem | undefined;
  /** Absent while nothing was asked: paused, deleting, or the schedule cannot be read. */
  readonly head: Head | undefined;
  /** When a failing remote is asked again. */
  readonly headAgainAt: Date | undefined;
  /** Requests for this repository, whoever made them, oldest first. */
  readonly requests: readonly ReindexRequest[];
  /** Light Jobs, oldest first. */
  readonly jobs: readonly ObservedJob[];
  /** Jobs of requests that are over, in the order in which they ended. */
  readonly finishedJobs: readonly JobView[];
  /** Places that light runs hold on the same cluster, ours not counted. Counted last of all. */
  readonly otherLightRuns: number;
  /** As many of them as the cluster takes, by whoever declares the fewest. */
  readonly lightLimit: RunLimit;
  readonly defaults: JobDefaults & { readonly light: PodShape };
};
