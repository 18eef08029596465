import type { Condition } from '../api/meta.ts';
import type { GateName } from '../api/fragments.ts';
import { factsOf, reasons } from '../api/reasons.ts';
import type { ReindexRequestStatus } from '../api/reindex-request.ts';
import { hasCondition, setCondition, type ConditionUpdate } from '../domain/conditions.ts';
import type { Problem } from '../domain/problem.ts';
import { isoSeconds } from '../domain/progress.ts';
import { done, type Answered } from '../plan/step.ts';
import { bakeEnd, isClosed, isPaused, pausedMs, pausedSince } from './control.ts';
import type { Decision, Outcome } from './decision.ts';
import { holdsLock, isSwitched } from './facts.ts';
import type { Observed } from './observed.ts';
import type { RunStanding, RunStep } from './step.ts';
import { noProgress } from './stall.ts';
import { gateOf } from './steps/gate.ts';
import { strategyOf } from './strategies.ts';
import { versionStatus } from './version-status.ts';

/** The whole status as it should read after this decision. Pure: the old status is the only memory. */
export function requestStatus(o: Observed, decision: Decision): ReindexRequestStatus {
  const before: Partial<ReindexRequestStatus> = o.request.status;
  const alias = o.target?.alias ?? before.alias;
  // Waiting in the queue is not yet running: the deadline counts from the lock on.
  const started = before.started ?? (holdsLock(o) ? isoSeconds(o.now) : undefined);
  const all = conditions(o, decision);
  const isPausedNow = hasCondition(all, 'Paused');
  return {
    observedGeneration: o.request.metadata.generation,
    phase: phase(before, decision),
    ...defined({
      alias,
      cause: before.cause ?? o.request.metadata.annotations?.['reindeer.dev/cause'],
      from: before.started === undefined ? (liveVersion(o) ?? before.from) : before.from,
      ...told(o, decision),
      ...(!isPausedNow && shiftedBake(o)),
      gate: gateAt(o, decision),
      pausedSeconds: pausedSeconds(o, isPausedNow),
      started,
      finished: decision.is === 'ended' ? (before.finished ?? isoSeconds(o.now)) : undefined,
    }),
    steps: steps(o, decision),
    conditions: all,
  };
}

/** What ends a pause may be a look that comes to no step: the end of the bake moves all the same. */
function shiftedBake({ request, now }: Observed): Pick<ReindexRequestStatus, 'bakeUntil'> {
  const [since, until] = [pausedSince(request), request.status.bakeUntil];
  const end = bakeEnd(request, now);
  return since !== undefined && until !== undefined && until > since && end ? { bakeUntil: isoSeconds(end) } : {};
}

function phase(before: Partial<ReindexRequestStatus>, decision: Decision): string {
  if (decision.is === 'walking')
    return decision.standing.verdict.is === 'fail'
      ? (factsOf(decision.standing.verdict.reason).phases ?? badly).meanwhile
      : (decision.standing.at?.phase ?? before.phase ?? 'Pending');
  const { succeeded, reason } = decision.outcome;
  const { meanwhile, atEnd } = succeeded ? well : (factsOf(reason).phases ?? badly);
  if (decision.is === 'undoing') return meanwhile;
  return before.finished === undefined ? atEnd : (before.phase ?? 'Succeeded');
}

const well = { meanwhile: 'Succeeded', atEnd: 'Succeeded' };
const badly = { meanwhile: 'Failed', atEnd: 'Failed' };

/** The gate that it stands at, also while it is brought further there. */
function gateAt({ request }: Observed, decision: Decision): GateName | undefined {
  if (decision.is !== 'walking' || decision.standing.verdict.is === 'fail') return undefined;
  const at = gateOf(decision.standing.at?.name);
  if (at !== undefined) return at;
  const { gate } = request.status;
  // Until a step was asked again: only then is what stood there verified once more.
  const isAsked = decision.standing.at !== undefined;
  return gate !== undefined && (!isAsked || isClosed(request, gate)) ? gate : undefined;
}

function liveVersion(o: Observed): ReindexRequestStatus['from'] {
  const live = o.engine?.record?.live;
  if (live == null || isSwitched(o)) return undefined;
  const record = o.engine?.versions.find(version => version.number === live);
  return record && versionStatus(record);
}

/** What the steps tell, each under its own field. */
function told(o: Observed, decision: Decision): Partial<ReindexRequestStatus> {
  const before: Partial<ReindexRequestStatus> = o.request.status;
  const isWalked = decision.is !== 'walking' || decision.standing.at !== undefined;
  const parts = strategyOf(o.request).steps.flatMap(step => {
    if (!step.tell) return [];
    const { field, of } = step.tell;
    return [[field, isWalked ? of(o, verdictOf(step, decision)) : before[field]] as const];
  });
  return Object.fromEntries(parts);
}

/** A run that is over is past every step. */
function verdictOf({ name }: RunStep, decision: Decision): Answered | undefined {
  if (decision.is !== 'walking') return done;
  const { standing } = decision;
  if (standing.done.some(step => step.name === name)) return done;
  return standing.at?.name === name ? standing.verdict : undefined;
}

/**
 * The history that `kubectl describe` shows: when each step began and ended. A step of which an operator that died could not
 * write anything has both now.
 */
function steps(o: Observed, decision: Decision): NonNullable<ReindexRequestStatus['steps']> {
  const before = o.request.status.steps ?? [];
  const { done: passed, at } = standing(decision);
  if (passed.length === 0 && at === undefined) return [...before];
  const now = isoSeconds(o.now);
  const known = new Map(before.map(step => [step.name, step]));
  const finished = passed.map(({ name }) => {
    const step = known.get(name);
    return { name, started: step?.started ?? now, finished: step?.finished ?? now };
  });
  return at === undefined ? finished : [...finished, { name: at.name, started: known.get(at.name)?.started ?? now }];
}

function standing(decision: Decision): Pick<RunStanding, 'done' | 'at'> {
  if (decision.is === 'walking') return decision.standing;
  return { done: decision.done ?? [] };
}

function conditions(o: Observed, decision: Decision): readonly Condition[] {
  const before = (o.request.status.conditions ?? []) as readonly Condition[];
  return updates(o, decision).reduce(
    (list, update) => setCondition(list, update, o.now, o.request.metadata.generation),
    before,
  );
}

function updates(o: Observed, decision: Decision): readonly ConditionUpdate[] {
  return [...runConditions(o, decision), paused(o, decision)];
}

/** What was paused is added when it ends: while it lasts the condition says since when. */
function pausedSeconds({ request, now }: Observed, isPausedNow: boolean): number | undefined {
  const { pausedSeconds: before } = request.status;
  if (isPausedNow || pausedSince(request) === undefined) return before;
  return Math.round(pausedMs(request, now) / 1000);
}

/** A paused cluster stops every run; a paused IndexedRepo only keeps new ones from starting. */
function paused(o: Observed, decision: Decision): ConditionUpdate {
  const type = 'Paused';
  const { target, pausedBy, request } = o;
  if (pausedBy !== undefined)
    return { type, status: 'True', reason: 'ClusterPaused', message: `SearchCluster ${pausedBy} is paused` };
  // What is cleaned up does not stand still for a pause, only a return does.
  const stands =
    decision.is === 'walking' || (decision.is === 'undoing' && decision.refusal?.reason === 'PausedBySpec');
  if (stands && isPaused(request))
    return { type, status: 'True', reason: 'PausedBySpec', message: 'spec.paused of the request is true' };
  const { verdict } = decision.is === 'walking' ? decision.standing : {};
  if (verdict?.is === 'wait' && reasons[verdict.reason].pauses)
    return { type, status: 'True', reason: verdict.reason, message: verdict.message };
  const gate = gateAt(o, decision);
  if (gate !== undefined && isClosed(request, gate))
    return { type, status: 'True', reason: 'AwaitingApproval', message: `waits at gate ${gate}` };
  if (target?.paused && request.status.started === undefined)
    return { type, status: 'True', reason: 'PausedBySpec', message: `IndexedRepo ${target.name} is paused` };
  return { type, status: 'False', reason: 'NotPaused', message: 'nothing is paused' };
}

function runConditions(o: Observed, decision: Decision): readonly ConditionUpdate[] {
  const updates = decision.is === 'walking' ? walkingConditions(o, decision.standing) : outcomeConditions(decision);
  const { doubt } = o.engine ?? {};
  if (decision.is === 'ended' || doubt?.reason !== 'OperatorTwin') return updates;
  return updates.map(update => besideTwin(update, doubt));
}

/** A run goes on beside a twin, and waits for a human all the same: what it leaves behind is not deleted. */
function besideTwin(update: ConditionUpdate, doubt: Problem): ConditionUpdate {
  if (update.type === 'Stalled') return { type: 'Stalled', status: 'True', ...doubt };
  return update.type === 'Reconciling' ? { type: 'Reconciling', status: 'False', ...doubt } : update;
}

/** A run that does not get on goes on trying, and is stalled for those who look at it. */
function walkingConditions(o: Observed, standing: RunStanding): readonly ConditionUpdate[] {
  const updates = stepConditions(standing);
  const stall = standing.verdict.is === 'wait' ? noProgress(o) : undefined;
  const isToldAlready = updates.some(({ type, status }) => type === 'Stalled' && status === 'True');
  if (!stall || isToldAlready) return updates;
  return updates.map(update => {
    if (update.type === 'Stalled') return { type: 'Stalled', status: 'True', ...stall };
    return update.type === 'Reconciling' ? { type: 'Reconciling', status: 'False', ...stall } : update;
  });
}

function stepConditions({ verdict, at }: RunStanding): readonly ConditionUpdate[] {
  if (verdict.is === 'fail')
    return outcomeConditions({
      is: 'undoing',
      outcome: { succeeded: false, reason: verdict.reason, message: verdict.message },
    });
  const reason = verdict.is === 'wait' ? verdict.reason : 'Running';
  const message = verdict.is === 'wait' ? verdict.message : verdict.is === 'act' ? verdict.why : (at?.name ?? '');
  // Also what goes on by itself as soon as it can, but has waited for so long that a human should look.
  const waits = reasons[reason].lasts === true || (verdict.is === 'wait' && verdict.stalls === true);
  return [
    { type: 'Succeeded', status: 'Unknown', reason, message },
    { type: 'Finished', status: 'False', reason, message },
    { type: 'Reconciling', status: waits ? 'False' : 'True', reason, message },
    waits
      ? { type: 'Stalled', status: 'True', reason, message }
      : { type: 'Stalled', status: 'False', reason: 'Running', message: '' },
  ];
}

/** A run that ended badly is stalled once nothing of it is at work any more: until then it cleans up. */
function outcomeConditions({ outcome, refusal, is }: Ending): readonly ConditionUpdate[] {
  const { succeeded, reason, message } = outcome;
  const result: ConditionUpdate = { type: 'Succeeded', status: succeeded ? 'True' : 'False', reason, message };
  if (is === 'ended')
    return [
      result,
      { type: 'Finished', status: 'True', reason, message },
      { type: 'Reconciling', status: 'False', reason, message: '' },
      { type: 'Stalled', status: succeeded ? 'False' : 'True', reason, message: succeeded ? '' : message },
    ];
  const work = 'cleaning up what the run made';
  const problem = refusal ?? { reason, message: work };
  const waits = refusal !== undefined && reasons[refusal.reason].lasts === true;
  return [
    result,
    { type: 'Finished', status: 'False', ...problem },
    { type: 'Reconciling', status: waits ? 'False' : 'True', ...problem },
    { type: 'Stalled', status: waits ? 'True' : 'False', ...problem },
  ];
}

type Ending = { readonly is: 'undoing' | 'ended'; readonly outcome: Outcome; readonly refusal?: Problem };

/** The entries that have a value: an absent field is absent, never null. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
