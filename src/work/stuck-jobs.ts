import type { KubeObject, Resource } from '../api/object.ts';
import { RetryableError } from '../domain/errors.ts';
import type { Kube } from '../kube/port.ts';
import type { SteadyClock } from '../runtime/clock.ts';
import {
  troubleOfJob,
  troubleOfPods,
  whoseEvents,
  type RawEvent,
  type Trouble,
  type WaitingPod,
} from './pod-trouble.ts';
import { podResource, podsOf } from './pods.ts';
import type { JobView } from './view.ts';

const eventResource: Resource = { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event' };

/** A pod that starts takes seconds: before this nobody is asked about it. */
export const graceMs = 10_000;
const youngMs = 5_000;
const soonMs = 15_000;
const laterMs = 60_000;
/** For so long the words still change: a pod is scheduled, then its image is pulled, then its volumes are mounted. */
const changingMs = 120_000;

type Look = { readonly trouble: Trouble | undefined; readonly atMs: number };

/** How soon the pods of a quiet Job are listed again: at once almost while there is nothing to tell, since a pod may only be young. */
export function lookAgainMs(found: Trouble | undefined, now: Date): number {
  if (found === undefined) return youngMs;
  return now.getTime() - Date.parse(found.since) >= changingMs ? laterMs : soonMs;
}

/** At work by its conditions, and no pod of it runs, long enough to ask why. */
export function isQuiet(job: JobView, now: Date): boolean {
  return job.state === 'active' && quietForMs(job, now) >= graceMs;
}

/** For how long nothing of it can have run; below zero once a pod runs. */
export function quietForMs({ deleting, deletingSince, created, ready, suspended }: JobView, now: Date): number {
  if (!deleting && !suspended && ready > 0) return -1;
  return now.getTime() - Date.parse(deleting ? deletingSince : created);
}

/**
 * Finds out why a Job stands. Pods are never watched: that none is ready stands in the Job, and only then are they listed,
 * at a floor interval. What was found is remembered, so that a queue can ask without waiting.
 */
export class StuckJobs {
  readonly #kube: Pick<Kube, 'list'>;
  readonly #clock: SteadyClock;
  readonly #looks = new Map<string, Look>();

  constructor(kube: Pick<Kube, 'list'>, clock: SteadyClock) {
    this.#kube = kube;
    this.#clock = clock;
  }

  async trouble(job: JobView): Promise<Trouble | undefined> {
    const now = this.#clock.now();
    if (!isQuiet(job, now)) {
      if (job.ready > 0) this.#looks.delete(job.uid);
      return undefined;
    }
    const before = this.#looks.get(job.uid);
    const nowMs = this.#clock.elapsedMs();
    if (before && nowMs - before.atMs < lookAgainMs(before.trouble, now)) return before.trouble;
    const trouble = sameWords(before?.trouble, await this.#find(job));
    this.#looks.set(job.uid, { trouble, atMs: nowMs });
    return trouble;
  }

  /** As far as is known: no pod of it runs, and it will be looked at again. */
  stands(job: JobView): boolean {
    return job.state === 'active' && job.ready === 0 && this.#looks.get(job.uid)?.trouble !== undefined;
  }

  /** A Job that is gone needs no memory. */
  forget(jobUid: string): void {
    this.#looks.delete(jobUid);
  }

  async #find(job: JobView): Promise<Trouble | undefined> {
    const trouble = troubleOfJob(job) ?? (await this.#askPods(job));
    const now = this.#clock.now().getTime();
    return trouble && now - Date.parse(trouble.since) >= graceMs ? trouble : undefined;
  }

  async #askPods(job: JobView): Promise<Trouble | undefined> {
    const pods = await this.#kube.list<WaitingPod>(podResource, job.key.namespace, { labels: podsOf(job) });
    const told = whoseEvents(job, pods);
    return troubleOfPods(job, pods, told === undefined ? [] : await this.#eventsOf(told, job.key.namespace));
  }

  /** They only add words: an operator that may not read them, or cannot now, says what it knows without. */
  async #eventsOf(uid: string, namespace: string): Promise<readonly RawEvent[]> {
    try {
      return await this.#kube.list<KubeObject & RawEvent>(eventResource, namespace, { fields: `regarding.uid=${uid}` });
    } catch (error) {
      if (error instanceof RetryableError) return [];
      throw error;
    }
  }
}

/** What changes from try to try: ports, names of sandboxes, how many nodes or pods there are at the moment. */
const figures = /[0-9a-f]{12,}|\d+/g;

/** A text that differs from the one before in figures only is the one before: it would be written again and again. */
function sameWords(before: Trouble | undefined, after: Trouble | undefined): Trouble | undefined {
  const isSame =
    before !== undefined &&
    after !== undefined &&
    before.message.replace(figures, '#') === after.message.replace(figures, '#');
  return isSame ? { ...after, message: before.message } : after;
}
