import type { Condition } from '../api/meta.ts';
import type { Logger } from '../runtime/log.ts';
import type { EventRecorder } from './events.ts';
import { mergePatch } from './merge-patch.ts';
import type { Kube, ObjectMeta, Resource } from './port.ts';

export type Events = Pick<EventRecorder, 'record'>;
export type StatusWriter = { readonly kube: Pick<Kube, 'patchStatus'>; readonly events: Events };

type WithConditions = {
  readonly observedGeneration?: number | undefined;
  readonly conditions?:
    | readonly { readonly type: string; readonly status: string; readonly reason: string; readonly message: string }[]
    | undefined;
};

export type StatusWrite = {
  readonly resource: Resource;
  readonly object: {
    readonly metadata: ObjectMeta;
    readonly status: object & WithConditions & { readonly phase?: string | undefined };
  };
  readonly status: object & WithConditions & { readonly phase?: string | undefined };
  readonly log: Logger;
};

/**
 * One merge patch with the resourceVersion that was decided on, and only if something changed; events for what changed
 * come after it, so that nobody is told what was not written. Answers whether it was.
 */
export async function writeStatus(
  { kube, events }: StatusWriter,
  write: StatusWrite,
): Promise<'written' | 'unchanged'> {
  const { resource, object, status, log } = write;
  const patch = mergePatch(object.status, status);
  if (patch === undefined) return 'unchanged';
  const { namespace, name, resourceVersion } = object.metadata;
  if ((await kube.patchStatus(resource, { namespace, name }, resourceVersion, patch)) === 'gone') return 'unchanged';
  logNewSpec(object.status, status, log);
  for (const flip of tidings(object.status, status)) {
    const { type, status: now, reason, message } = flip;
    log[needsSomebody(status, reason) ? 'warn' : 'info'](
      { condition: type, status: now, reason, message },
      'condition changed',
    );
    await events.record(
      { resource, object: object.metadata },
      { type: isBad(flip) ? 'Warning' : 'Normal', reason: flip.reason, message: flip.message || flip.type },
    );
  }
  if (object.status.phase !== status.phase) log.info({ from: object.status.phase, to: status.phase }, 'phase changed');
  return 'written';
}

/** One line for each spec that the operator sees for the first time. */
function logNewSpec(before: Observing, after: Observing, log: Logger): void {
  const { observedGeneration: generation } = after;
  if (generation !== undefined && generation !== before.observedGeneration) log.info({ generation }, 'spec seen');
}

type Observing = { readonly observedGeneration?: number | undefined };

/** There would be nothing to write. */
export function isSameStatus(before: object, after: object): boolean {
  return mergePatch(before, after) === undefined;
}

type Flip = Pick<Condition, 'type' | 'message'> & { readonly status: string; readonly reason: string };

/** Conditions whose status changed; of several with the same reason, the first speaks for all. */
function flips(before: WithConditions, after: WithConditions): readonly Flip[] {
  const known = new Map((before.conditions ?? []).map(condition => [condition.type, condition.status]));
  const changed = (after.conditions ?? []).filter(
    condition => (known.get(condition.type) ?? 'False') !== condition.status,
  );
  return changed.filter(
    (flip, at) => flip.status !== 'Unknown' && changed.findIndex(each => each.reason === flip.reason) === at,
  );
}

/** At first these say only what the new object says itself: that it is paused, and that nothing is built yet. */
const plainAtFirst: ReadonlySet<string> = new Set(['Paused', 'Reconciling']);

/** The flips that people are told of: every one but those that go without saying when an object is new. */
function tidings(before: WithConditions, after: WithConditions): readonly Flip[] {
  const isNew = (before.conditions ?? []).length === 0;
  return flips(before, after).filter(({ type }) => !isNew || !plainAtFirst.has(type));
}

const goodWhenTrue: ReadonlySet<string> = new Set(['Ready', 'Fresh', 'Succeeded']);

function isBad({ type, status }: Flip): boolean {
  return type === 'Stalled' ? status === 'True' : goodWhenTrue.has(type) && status === 'False';
}

/** A condition with this reason says that it waits for a human, or that a run ended badly. */
function needsSomebody({ conditions = [] }: WithConditions, reason: string): boolean {
  const isGrave = ({ type, status }: { readonly type: string; readonly status: string }): boolean =>
    (type === 'Stalled' && status === 'True') || (type === 'Succeeded' && status === 'False');
  return conditions.some(condition => condition.reason === reason && isGrave(condition));
}
