import type { KubeObject } from '../kube/port.ts';
import { keys } from '../api/meta.ts';

/** A Job as the API server gives it, as far as we read it. */
export type RawJob = KubeObject & {
  readonly spec?: {
    readonly template?: { readonly spec?: { readonly containers?: readonly { readonly image?: string }[] } };
  };
  readonly status?: {
    readonly active?: number;
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
  readonly state: JobState;
  /** The Job controller's word for a failure: BackoffLimitExceeded, DeadlineExceeded, PodFailurePolicy. */
  readonly failure: string;
  readonly image: string;
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
} as const;

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
    state: condition(job, 'Failed') ? 'failed' : complete ? 'succeeded' : 'active',
    failure: failed?.reason ?? '',
    image: job.spec?.template?.spec?.containers?.[0]?.image ?? '',
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
