import type { ObjectMeta, Resource } from '../api/object.ts';
import { isTrouble } from '../api/reasons.ts';
import type { EventRecorder, EventText } from '../kube/events.ts';
import type { Kube } from '../kube/port.ts';
import type { Logger } from '../runtime/log.ts';
import { mergePatch } from './merge-patch.ts';

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
  /** What happened besides what the conditions say. */
  readonly news?: readonly EventText[];
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
  const told = eventsFor(object.status, status);
  for (const { type, status: now, reason, message } of told.map(({ change }) => change))
    log[needsSomebody(status, reason) ? 'warn' : 'info'](
      { condition: type, status: now, reason, message },
      'condition changed',
    );
  for (const text of [...(write.news ?? []), ...told.map(textOf)])
    await events.record({ resource, object: object.metadata }, text);
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

type Shown = NonNullable<WithConditions['conditions']>[number];
type Change = Shown & { readonly before: Shown | undefined };

/** Conditions whose status or reason is another than before; one that was never set counts as False. */
function changes(before: WithConditions, after: WithConditions): readonly Change[] {
  const known = new Map((before.conditions ?? []).map(condition => [condition.type, condition]));
  return (after.conditions ?? [])
    .map(condition => ({ ...condition, before: known.get(condition.type) }))
    .filter(change => isFlip(change) || change.before?.reason !== change.reason);
}

function isFlip({ status, before }: Change): boolean {
  return (before?.status ?? 'False') !== status;
}

type ToldChange = { readonly change: Change; readonly severity: EventText['type'] };

/** What people are told, once for each reason; of several conditions with one reason the worst speaks. */
function eventsFor(before: WithConditions, after: WithConditions): readonly ToldChange[] {
  const isNew = (before.conditions ?? []).length === 0;
  const known = new Set((before.conditions ?? []).filter(isBad).map(({ reason }) => reason));
  const changed = changes(before, after).filter(change => !isSilent(change));
  const warnings = changed.filter(change => isWarning(change) && !known.has(change.reason));
  const good = changed.filter(change => isNews(change) && !isBad(change) && !(isNew && silentWhenNew.has(change.type)));
  const all: readonly ToldChange[] = [
    ...warnings.map(change => ({ change, severity: 'Warning' }) as const),
    ...good.map(change => ({ change, severity: 'Normal' }) as const),
  ];
  return all.filter(({ change }, at) => all.findIndex(each => each.change.reason === change.reason) === at);
}

function textOf({ change: { type, reason, message }, severity }: ToldChange): EventText {
  return { type: severity, reason, message: message || type };
}

/** They flip with every run; Succeeded says how one ended. A lock is told of where its holder is in the way. */
function isSilent({ type, reason }: Shown): boolean {
  return type === 'Finished' || (type === 'Locked' && !isTrouble(reason));
}

/** At first these say only what the new object says itself: that it is paused, and that nothing is built yet. */
const silentWhenNew: ReadonlySet<string> = new Set(['Paused', 'Reconciling']);
const goodWhenTrue: ReadonlySet<string> = new Set(['Ready', 'Fresh', 'Succeeded']);

/** Something is in the way, whichever condition says so, or what was good is so no more. */
function isWarning(change: Change): boolean {
  const { type, status, reason, before } = change;
  if (isTrouble(reason)) return !isGood(change);
  if (type === 'Stalled') return isFlip(change) && status === 'True';
  return (
    goodWhenTrue.has(type) &&
    status === 'False' &&
    (before?.status === 'True' || (type === 'Succeeded' && isFlip(change)))
  );
}

function isBad({ type, status, reason }: Shown): boolean {
  if (type === 'Locked') return isTrouble(reason);
  return type === 'Stalled' ? status === 'True' : goodWhenTrue.has(type) && status === 'False';
}

/** A condition with this reason says that it waits for a human, or that a run ended badly. */
function needsSomebody({ conditions = [] }: WithConditions, reason: string): boolean {
  const isGrave = ({ type, status }: { readonly type: string; readonly status: string }): boolean =>
    (type === 'Stalled' && status === 'True') || (type === 'Succeeded' && status === 'False');
  return conditions.some(condition => condition.reason === reason && isGrave(condition));
}

function isGood({ type, status }: Change): boolean {
  return type === 'Stalled' ? status === 'False' : type === 'Ready' && status === 'True';
}

/** Worth an event although nothing is wrong: that work begins, is paused or ended well. */
function isNews(change: Change): boolean {
  const { type, status } = change;
  if (!isFlip(change) || status === 'Unknown') return false;
  if (type === 'Reconciling') return status === 'True';
  return goodWhenTrue.has(type) ? status === 'True' : true;
}
