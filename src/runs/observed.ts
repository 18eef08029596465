import type { LockSeen } from '../alias/lock-watch.ts';
import type { AliasSide } from '../alias/observe.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import type { OperatorSide } from '../cluster/operator-watch.ts';
import type { Problem } from '../domain/problem.ts';
import type { Holder, RunRecord } from '../domain/records.ts';
import type { Zones } from '../domain/zones.ts';
import type { Answers } from '../plan/question.ts';
import type { CopyResult, WorkerResult } from '../work/contract.ts';
import type { PodPlace } from '../work/pod-place.ts';
import type { Trouble } from '../work/pod-trouble.ts';
import type { JobView } from '../work/view.ts';
import type { Place } from './queue.ts';
import type { Target } from './target.ts';
import type { Traits } from './traits.ts';

/** What the remote answered when it was asked for the ref of this repository. */
export type Head =
  | {
      readonly is: 'found';
      readonly commit: string;
      /** Where it was found, `refs/heads/main`; '' for a commit that was named itself. */ readonly refName?: string;
    }
  | ({ readonly is: 'problem'; readonly lasting: boolean } & Problem);

export type ObservedJob = JobView & {
  /** The termination message and exit code, read once when the Job has ended. */
  readonly said?: { readonly exitCode: number; readonly result?: WorkerResult | CopyResult; readonly text: string };
  /** Why none of its pods runs although it is at work. */
  readonly trouble?: Trouble | undefined;
};

/** What the engine holds of the alias. Absent while the target is unknown or the cluster is not ready. */
export type EngineSide = AliasSide &
  OperatorSide & {
    readonly clusterUuid: string;
    /** The owner that the record names is an IndexedRepo which this Kubernetes cluster knows. */
    readonly ownerLives: boolean;
    readonly lock: LockSeen | undefined;
  };

/** A build that ended well, as its request still tells it. */
export type PastBuild = {
  /** Name of the request. */
  readonly request: string;
  /** From the lock to the switch, without what it waited for people. */
  readonly seconds: number;
  /** That it left. */
  readonly chunks: number;
};

/**
 * Everything that is known when a ReindexRequest is looked at, time included: gathered once, never changed. Field names
 * say the role: live = what the alias serves, candidate = what this request builds, retired = kept for a return.
 */
export type Observed = {
  readonly now: Date;
  readonly request: ReindexRequest;
  /** Of the strategy that it asks for. */
  readonly traits: Traits;
  /** Undefined: what the request names is not there. */
  readonly target: Target | undefined;
  /** The SearchCluster that is paused; undefined = it is not. */
  readonly pausedBy: string | undefined;
  /** Who this run is as a holder of locks, and how long it may be silent before another takes them. */
  readonly holder: Holder;
  readonly leaseSeconds: number;
  /** Why nothing may be started here now: cluster not ready, Secret missing. */
  readonly hindrance: Problem | undefined;
  /** Others that come first. Looked up last of all. */
  readonly ahead: Place | undefined;
  /** It keeps no place: at the last look something else was in its way, or it let its turn pass. */
  readonly aside: boolean;
  /** A rollback of the same alias that does not wait for this run to end: its name, with kind and namespace. */
  readonly preemptedBy: string | undefined;
  readonly engine: EngineSide | undefined;
  readonly jobs: readonly ObservedJob[];
  readonly run: RunRecord | undefined;
  /** Its bake is under way, and was not checked for a while. */
  readonly isCheckDue: boolean;
  /** What was asked for besides, at this look. */
  readonly answers: Answers;
  /** The last build of this target that ended well; undefined = none is known. */
  readonly lastBuild: PastBuild | undefined;
  /** Those that the SearchCluster declares now; undefined = none. */
  readonly zones: Zones | undefined;
  /** The program that fills a version of which nothing is written yet. */
  readonly image: string;
  /** What the pods of its Jobs are declared to be; undefined = its cluster is not known, or no pod does its work. */
  readonly place: PodPlace | undefined;
};
