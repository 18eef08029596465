import { keys } from '../api/meta.ts';
import type { KubeObject } from '../api/object.ts';

/** A Job as the API server gives it, as far as we read it. */
export type RawJob = KubeObject & {
  readonly spec?: {
    readonly suspend?: boolean;
    readonly template?: { readonly spec?: { readonly containers?: readonly { readonly image?: string }[] } };
  };
  readonly status?: {
    readonly active?: number;
    /** Pods that run and are ready; ours have no probe, so each one that runs. */
    readonly ready?: number;
    readonly startTime?: string;
    readonly completionTime?: string;
    /** Of an Indexed Job, as "1,3-5". */
    readonly failedIndexes?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
      readonly lastTransitionTime?: string;
    }[];
  };
};

export type JobState = 'active' | 'succeeded' | 'failed';

/** What the operator keeps of a Job: everything decisions need, small enough to cache thousands of them. */
export type JobView = {
  readonly key: { readonly namespace: string; readonly name: string };
  readonly uid: string;
  readonly ownerUid: string;
  readonly ownerKind: string;
  readonly ownerName: string;
  readonly deleting: boolean;
  /** Since when it is being deleted; empty while it is not. */
  readonly deletingSince: string;
  readonly state: JobState;
  /** How many pods of it run. */
  readonly ready: number;
  /** Somebody said that it shall make no pods for now. */
  readonly suspended: boolean;
  /** Suspended or not, a queue of somebody else (Kueue) decides when its pods may run. */
  readonly queued: boolean;

  /** The Job controller's word for a failure: BackoffLimitExceeded, DeadlineExceeded, PodFailurePolicy. */
  readonly failure: string;
  readonly image: string;
  /** What its pods were declared to be when it was made; empty for a Job of an operator that did not say. */
  readonly template: string;
  readonly index: string;
  readonly commit: string;
  readonly base: string;
  readonly round: number;
  /** 1 for a Job of one worker. */
  readonly partitions: number;
  /** Those that have no tries left, as "1,3-5"; empty while all may still end well. */
  readonly failedPartitions: string;
  readonly created: string;
  readonly finished: string;
};

/** Annotations that the manifest writes and the view reads: what this Job was made for. */
export const jobKeys = {
  index: `${keys.run}-index`,
  commit: `${keys.run}-commit`,
  base: `${keys.run}-base`,
  round: `${keys.run}-round`,
  partitions: `${keys.run}-partitions`,
  template: `${keys.run}-template`,
} as const;

/** By this label Kueue takes a Job into one of its queues: it suspends it, and lets it run when there is room. */
const kueueLabel = 'kueue.x-k8s.io/queue-name';

/** Group of the Jobs that are at work, whoever owns them. */
export const activeJobs = 'active';

/** Group of the Jobs of one owner. */
export function jobsOfOwner(ownerUid: string): string {
  return `owner/${ownerUid}`;
}

export function jobGroups({ state, ownerUid }: JobView): readonly string[] {
  return state === 'active' ? [jobsOfOwner(ownerUid), activeJobs] : [jobsOfOwner(ownerUid)];
}

/** Projects a Job for the cache; undefined for a Job that nobody of ours owns. */
export function jobView(job: RawJob): JobView | undefined {
  const owner = job.metadata.ownerReferences?.find(reference => reference.controller === true);
  if (owner === undefined) return undefined;
  const annotations = job.metadata.annotations ?? {};
  const failed = condition(job, 'Failed') ?? condition(job, 'FailureTarget');
  const complete = condition(job, 'Complete');
  return {
    key: { namespace: job.metadata.namespace, name: job.metadata.name },
    uid: job.metadata.uid,
    ownerUid: owner.uid,
    ownerKind: owner.kind,
    ownerName: owner.name,
    deleting: job.metadata.deletionTimestamp !== undefined,
    deletingSince: job.metadata.deletionTimestamp ?? '',
    state: condition(job, 'Failed') ? 'failed' : complete ? 'succeeded' : 'active',
    ready: job.status?.ready ?? 0,
    suspended: job.spec?.suspend === true,
    queued: job.metadata.labels?.[kueueLabel] !== undefined,
    failure: failed?.reason ?? '',
    image: job.spec?.template?.spec?.containers?.[0]?.image ?? '',
    template: annotations[jobKeys.template] ?? '',
    index: annotations[jobKeys.index] ?? '',
    commit: annotations[jobKeys.commit] ?? '',
    base: annotations[jobKeys.base] ?? '',
    round: Number(annotations[jobKeys.round] ?? '0'),
    partitions: Number(annotations[jobKeys.partitions] ?? '1'),
    failedPartitions: job.status?.failedIndexes ?? '',
    created: job.metadata.creationTimestamp,
    finished: failed?.lastTransitionTime ?? job.status?.completionTime ?? '',
  };
}

function condition(job: RawJob, type: string) {
  return job.status?.conditions?.find(each => each.type === type && each.status === 'True');
}
