import { randomUUID } from 'node:crypto';
import { group as ourGroup } from '../api/meta.ts';
import type { NewObject, ObjectMeta, Resource } from '../api/object.ts';
import { bounded } from '../domain/bounded-text.ts';
import { nameStem } from '../domain/child-name.ts';
import type { SteadyClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import type { Kube } from './port.ts';
import { apiVersionOf, microTime } from './wire.ts';

/** What an event is about: the object as it was when the thing happened. */
export type EventSubject = { readonly resource: Resource; readonly object: ObjectMeta };

export type EventText = {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, from a closed set. */
  readonly reason: string;
  readonly message: string;
};

export type EventRecorderOptions = {
  readonly kube: Kube;
  readonly clock: SteadyClock;
  readonly log: Logger;
  /** Name of the pod that reports. */
  readonly instance: string;
  /** Takes secrets out of messages. */
  readonly redact: (text: string) => string;
};

type Told = {
  readonly key: { readonly namespace: string; readonly name: string };
  count: number;
  seenMs: number;
  writtenMs: number;
};

const events: Resource = { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event' };
/** Said again after a longer silence it is news, and becomes an event of its own. */
const forgetAfterMs = 10 * 60_000;
/** A repetition costs a write at most this often; the count goes on in between. */
const rewriteAfterMs = 60_000;

/**
 * Tells people what happened to an object, as `kubectl describe` shows it.
 * `record(subject, text)`: one event per (object, reason, message); the same again within 10 min counts up its series.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  /** In the order in which they were said last: what is to be forgotten comes first. */
  readonly #told = new Map<string, Told>();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Never throws: an event that cannot be written is logged and lost. */
  async record(subject: EventSubject, text: EventText): Promise<void> {
    const note = bounded(this.#options.redact(text.message));
    const id = [subject.object.uid, text.reason, note].join('\n');
    try {
      const told = this.#remembered(id);
      if (told === undefined || (await this.#repeat(id, told)) === 'gone')
        await this.#create(id, subject, { ...text, message: note });
    } catch (error) {
      this.#options.log.warn({ reason: text.reason, message: String(error) }, 'event not recorded');
    }
  }

  #remembered(id: string): Told | undefined {
    const nowMs = this.#options.clock.elapsedMs();
    for (const [known, { seenMs }] of this.#told) {
      if (nowMs - seenMs <= forgetAfterMs) break;
      this.#told.delete(known);
    }
    return this.#told.get(id);
  }

  async #repeat(id: string, told: Told): Promise<'counted' | 'gone'> {
    const { clock, kube } = this.#options;
    told.count += 1;
    told.seenMs = clock.elapsedMs();
    this.#told.delete(id);
    this.#told.set(id, told);
    if (told.count > 2 && told.seenMs - told.writtenMs < rewriteAfterMs) return 'counted';
    told.writtenMs = told.seenMs;
    const series = { count: told.count, lastObservedTime: microTime(clock.now()) };
    return (await kube.patch(events, told.key, undefined, { series })) === 'gone' ? 'gone' : 'counted';
  }

  async #create(id: string, { resource, object }: EventSubject, text: EventText): Promise<void> {
    const { kube, clock, instance } = this.#options;
    const key = { namespace: object.namespace, name: `${nameStem(object.name, 200)}.${randomUUID()}` };
    const nowMs = clock.elapsedMs();
    // Remembered before the call, so that two at once make one event.
    this.#told.delete(id);
    this.#told.set(id, { key, count: 1, seenMs: nowMs, writtenMs: nowMs });
    const event: NewObject = {
      apiVersion: apiVersionOf(events),
      kind: events.kind,
      metadata: key,
      eventTime: microTime(clock.now()),
      reportingController: `${ourGroup}/operator`,
      reportingInstance: instance.slice(0, 128),
      action: 'Reconcile',
      type: text.type,
      reason: text.reason,
      note: text.message,
      regarding: regarding(resource, object),
    };
    await kube.create(events, event);
  }
}

const regarding = (resource: Resource, object: ObjectMeta): object => ({
  apiVersion: apiVersionOf(resource),
  kind: resource.kind,
  namespace: object.namespace,
  name: object.name,
  uid: object.uid,
  resourceVersion: object.resourceVersion,
});
