import type { KubeObject } from '../api/object.ts';
import type { Reason } from '../api/reasons.ts';
import { findCondition } from '../domain/conditions.ts';
import type { JobView } from './view.ts';

/** Why nothing of a Job runs although it should, in the words of whoever said so. */
export type Trouble = {
  readonly reason: Extract<Reason, 'PodPending' | 'JobSuspended' | 'JobNotEnding'>;
  readonly message: string;
  /** Since when, by what Kubernetes wrote down: the same after a restart of the operator. */
  readonly since: string;
};

type Waiting = { readonly reason?: string; readonly message?: string };
type Terminated = { readonly finishedAt?: string };
type ContainerStatus = {
  readonly name: string;
  readonly state?: { readonly waiting?: Waiting; readonly running?: object; readonly terminated?: Terminated };
};
/** A pod as far as it says why it does not run. */
export type WaitingPod = KubeObject & {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly (Waiting & { readonly type: string; readonly status: string })[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
};

/** An Event of events.k8s.io, which also shows those that the kubelet writes in the older form. */
export type RawEvent = KubeObject & {
  readonly type?: string;
  readonly reason?: string;
  readonly note?: string;
  readonly eventTime?: string | null;
  readonly deprecatedLastTimestamp?: string | null;
  readonly series?: { readonly lastObservedTime?: string };
};

/** Long enough for a node to be added or a large image to be pulled. */
const patienceMs = 5 * 60_000;

/** Whether somebody should look: not while a queue holds the Job back, which is what a queue is for. */
export function needsHuman({ reason, since }: Trouble, { queued }: Pick<JobView, 'queued'>, now: Date): boolean {
  if (reason === 'JobSuspended' && queued) return false;
  return now.getTime() - Date.parse(since) >= patienceMs;
}

/** What a Job says of itself already: it is suspended, or it is over and does not end. */
export function troubleOfJob(job: JobView): Trouble | undefined {
  const { name } = job.key;
  if (job.deleting)
    return {
      reason: 'JobNotEnding',
      message: `Job ${name} is being deleted since ${job.deletingSince} and is still there: something keeps a finalizer on it`,
      since: job.deletingSince,
    };
  if (!job.suspended) return undefined;
  const until = job.queued ? 'until its queue lets it run' : 'until spec.suspend is taken away';
  return { reason: 'JobSuspended', message: `Job ${name} is suspended: no pod is made ${until}`, since: job.created };
}

/** A pod that was told to go has, by this time, or nobody says that it has: its node is away, or a finalizer keeps it. */
function notEnding(job: JobView, { metadata, spec }: WaitingPod): Trouble {
  const why = job.failure === '' ? '' : ` (${job.failure})`;
  const from = spec?.nodeName === undefined ? '' : ` from node ${spec.nodeName}`;
  return {
    reason: 'JobNotEnding',
    message: `Job ${job.key.name}${why} waits for pod ${metadata.name} to go${from}; nobody says that it has`,
    since: metadata.deletionTimestamp ?? '',
  };
}

/** Whose events are worth reading: a pod's whose own words are not enough, the Job's where there is no pod. Undefined = nobody's. */
export function whoseEvents(job: JobView, pods: readonly WaitingPod[]): string | undefined {
  const pod = pods.find(each => !isOver(each));
  if (pod === undefined) return job.uid;
  return isBeingStarted(pod) ? pod.metadata.uid : undefined;
}

/** Why none of these pods runs; undefined when one does, or when the next one is only due after a pause. */
export function troubleOfPods(
  job: JobView,
  pods: readonly WaitingPod[],
  events: readonly RawEvent[],
): Trouble | undefined {
  if (pods.some(runs)) return undefined;
  const outlived = pods.flatMap(pod => outlivedWorker(job, pod) ?? []);
  if (outlived[0]) return outlived[0];
  const leaving = pods.find(pod => !isOver(pod) && pod.metadata.deletionTimestamp !== undefined);
  if (leaving) return notEnding(job, leaving);
  const [pod, ...others] = pods.filter(each => !isOver(each));
  const { name } = job.key;
  if (pod === undefined) return withoutPod(job, pods, events);
  const more = others.length === 0 ? '' : ` (${others.length} more wait)`;
  const message = `Job ${name}: pod ${pod.metadata.name}${more}: ${wordsOf(pod, events)}`;
  return { reason: 'PodPending', message, since: pod.metadata.creationTimestamp };
}

/** Ours by its name: policies may put containers of their own beside it. */
function workerOf({ status }: WaitingPod): ContainerStatus['state'] {
  return status?.containerStatuses?.find(({ name }) => name === 'worker')?.state;
}

function runs(pod: WaitingPod): boolean {
  return workerOf(pod)?.running !== undefined && pod.metadata.deletionTimestamp === undefined;
}

function isOver(pod: WaitingPod): boolean {
  const { phase } = pod.status ?? {};
  return workerOf(pod)?.terminated !== undefined || phase === 'Succeeded' || phase === 'Failed';
}

/** A container that somebody put beside the worker goes on after it: the pod never ends, and so the Job does not. */
function outlivedWorker({ key }: JobView, pod: WaitingPod): Trouble | undefined {
  const ended = workerOf(pod)?.terminated;
  const other = pod.status?.containerStatuses?.find(({ state }) => state?.running !== undefined);
  if (ended === undefined || other === undefined || pod.metadata.deletionTimestamp !== undefined) return undefined;
  return {
    reason: 'JobNotEnding',
    message: `Job ${key.name}: in pod ${pod.metadata.name} the worker has ended and container ${other.name} has not: it must end by itself, or not be put there`,
    since: ended.finishedAt ?? pod.metadata.creationTimestamp,
  };
}

/** A node has it, and the kubelet has said no more than that it is at it: what is wrong stands in its events. */
function isBeingStarted(pod: WaitingPod): boolean {
  return pod.spec?.nodeName !== undefined && (waitingOf(pod)?.message ?? '') === '';
}

/** Of several containers the one that says something. */
function waitingOf({ status }: WaitingPod): Waiting | undefined {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const waiting = containers.flatMap(({ state }) => state?.waiting ?? []);
  return waiting.find(({ message = '' }) => message !== '') ?? waiting[0];
}

/** Kubelet and scheduler in their own words, as "ImagePullBackOff: ...". */
function wordsOf(pod: WaitingPod, events: readonly RawEvent[]): string {
  const waiting = waitingOf(pod);
  if (waiting?.message !== undefined && waiting.message !== '') return told(waiting.reason ?? '', waiting.message);
  const scheduled = findCondition(pod.status?.conditions, 'PodScheduled');
  if (scheduled?.status === 'False') return `${scheduled.reason ?? 'Unschedulable'}: ${scheduled.message ?? ''}`;
  const warned = newest(events);
  if (warned) return `${warned.reason ?? ''}: ${warned.note ?? ''}`;
  const node = pod.spec?.nodeName;
  return node === undefined
    ? 'no scheduler has said anything of it'
    : `${waiting?.reason ?? 'not started yet'} on node ${node}`;
}

/** The kubelet takes turns between trying to pull an image and waiting to try again; the cause is the same. */
function told(reason: string, message: string): string {
  const isPull = reason === 'ErrImagePull' || reason === 'ImagePullBackOff';
  return isPull
    ? `ImagePullBackOff: ${message.replace(/^Back-off pulling image "[^"]*": ErrImagePull: /, '')}`
    : `${reason}: ${message}`;
}

/** The Job controller was refused a pod, or did not try; the next one after a pod that failed comes after a pause. */
function withoutPod(job: JobView, ended: readonly WaitingPod[], events: readonly RawEvent[]): Trouble | undefined {
  const lastEnd = ended.map(endOf).toSorted().at(-1) ?? '';
  const warned = newest(events);
  const isNews = warned !== undefined && timeOf(warned) > lastEnd;
  if (ended.length > 0 && !isNews) return undefined;
  const { name } = job.key;
  const since = lastEnd === '' ? job.created : lastEnd;
  if (!warned) return { reason: 'PodPending', message: `Job ${name}: no pod was made, and no event says why`, since };
  return {
    reason: 'PodPending',
    message: `Job ${name}: ${warned.reason ?? ''}: ${withoutSuffix(warned, name)}`,
    since,
  };
}

/** Each try has a name of its own; the same refusal shall read the same. */
function withoutSuffix({ note = '' }: RawEvent, job: string): string {
  return note.replaceAll(new RegExp(`${job.replaceAll('.', '\\.')}(-\\d+)?-[a-z0-9]{5}\\b`, 'g'), `${job}-*`);
}

function endOf({ status, metadata }: WaitingPod): string {
  const ends = status?.containerStatuses?.flatMap(({ state }) => state?.terminated?.finishedAt ?? []) ?? [];
  return ends.toSorted().at(-1) ?? metadata.creationTimestamp;
}

function newest(events: readonly RawEvent[]): RawEvent | undefined {
  return events
    .filter(({ type }) => type === 'Warning')
    .toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))
    .at(-1);
}

function timeOf({ series, deprecatedLastTimestamp, eventTime, metadata }: RawEvent): string {
  return series?.lastObservedTime ?? deprecatedLastTimestamp ?? eventTime ?? metadata.creationTimestamp;
}
