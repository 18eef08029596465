import { hasFinalizer } from '../alias/ownership.ts';
import { durationMs } from '../api/duration.ts';
import { keys } from '../api/meta.ts';
import { findCondition, hasCondition } from '../domain/conditions.ts';
import type { Problem } from '../domain/problem.ts';
import type { Effect } from '../effects/effect.ts';
import { fail, wait } from '../plan/step.ts';
import { undoing, walk } from '../plan/walk.ts';
import { candidateIndex, holderOf, holdsLock, isSwitched, liveByItsNamesake } from './facts.ts';
import type { Observed } from './observed.ts';
import type { RunStanding, StepName } from './step.ts';
import { rebuild, rollback } from './strategies.ts';

/** How a run ended, once that is known. */
export type Outcome = Problem & { readonly succeeded: boolean };

/**
 * What is to be done about a ReindexRequest now.
 *   walking: a step acts or waits.    undoing: the outcome is written down, what was made is being removed.
 *   ended:   nothing is owed any more; the object stays as history until its time to live is over.
 */
export type Decision =
  | {
      readonly is: 'walking';
      readonly standing: RunStanding;
      readonly effects: readonly Effect[];
      readonly againInMs?: number;
    }
  | {
      readonly is: 'undoing';
      readonly outcome: Outcome;
      readonly done?: readonly StepName[];
      /** What keeps it from being cleaned up. */
      readonly refusal?: Problem;
      readonly effects: readonly Effect[];
      readonly againInMs?: number;
    }
  | {
      readonly is: 'ended';
      readonly outcome: Outcome;
      /** The steps that led there; absent when the outcome is read from the status, which names them. */
      readonly done?: readonly StepName[];
      readonly effects: readonly Effect[];
      readonly againInMs?: number;
    };

const strategies = { Rebuild: rebuild, Rollback: rollback } as const;

export function decideRequest(o: Observed): Decision {
  const outcome = writtenOutcome(o);
  if (outcome && isFinished(o)) return ended(o, outcome);
  if (isDeleting(o)) return undo(o, outcome ?? deleted);
  if (outcome) return outcome.succeeded ? ended(o, outcome) : undo(o, outcome);
  if (o.preemptedBy !== undefined && o.request.status.started !== undefined && o.engine && !isSwitched(o))
    return superseded(o.preemptedBy);
  const already = alreadyLive(o);
  if (already) return ended(o, already);
  return o.hindrance && !isTargetLeaving(o) ? hindered(o, o.hindrance) : step(o);
}

const deleted: Outcome = { succeeded: false, reason: 'Deleting', message: 'the request was deleted while it ran' };

/**
 * Something outside of this run keeps it from going on: it waits where it is. A paused cluster also stops the Jobs that
 * are at work (each at its last finished batch); they are made again afterwards and go on from there.
 */
function hindered(o: Observed, { reason, message }: Problem): Decision {
  const stopped = reason === 'ClusterPaused' ? o.jobs.filter(job => job.state === 'active' && !job.deleting) : [];
  const effects = stopped.map((job): Effect => ({ do: 'delete-job', key: job.key, uid: job.uid }));
  return { is: 'walking', standing: { done: [], verdict: wait(reason, message, 15_000) }, effects, againInMs: 15_000 };
}

/** A rollback does not queue behind a rebuild of hours: the run in its way is aborted, and cleaned up before it begins. */
function superseded(by: string): Decision {
  const verdict = fail('Superseded', `${by} goes back to an earlier version`);
  return { is: 'walking', standing: { done: [], verdict }, effects: [] };
}

/** What it asks for serves already, and not because of this run: then it owns nothing either. */
function alreadyLive(o: Observed): Outcome | undefined {
  if (o.request.status.started !== undefined || hasFinalizer(o.request)) return undefined;
  const live = o.request.spec.strategy === 'Rollback' ? isSwitched(o) && candidateIndex(o) : liveByItsNamesake(o);
  if (!live) return undefined;
  return { succeeded: true, reason: 'AlreadyLive', message: `${live.name} serves already: nothing was done` };
}

function step(o: Observed): Decision {
  const standing = walk(strategies[o.request.spec.strategy], o);
  const { verdict } = standing;
  if (isOverdue(o) && verdict.is !== 'done')
    return {
      is: 'walking',
      standing: { ...standing, verdict: fail('DeadlineExceeded', `not done within ${o.request.spec.deadline}`) },
      effects: [],
    };
  switch (verdict.is) {
    case 'done':
      return { ...ended(o, arrived(o)), done: standing.done };
    case 'act':
      return { is: 'walking', standing, effects: firstOf(finalizer(o), verdict.effects) };
    case 'wait':
      return { is: 'walking', standing, effects: renewal(o), againInMs: verdict.againInMs };
    case 'fail':
      return { is: 'walking', standing, effects: [] };
    default:
      return verdict satisfies never;
  }
}

function arrived(o: Observed): Outcome {
  const message = `${o.target?.alias ?? ''} serves ${candidateIndex(o)?.name ?? 'the new version'}`;
  return { succeeded: true, reason: 'Succeeded', message };
}

function undo(o: Observed, outcome: Outcome): Decision {
  const effects = undoing(strategies[o.request.spec.strategy], o);
  const doubt = o.engine?.doubt?.reason;
  if (effects.length > 0 && doubt === 'OperatorSettling')
    return { is: 'undoing', outcome, effects: [], againInMs: 5_000 };
  // Beside a twin the lock is given back and nothing is deleted: what stays is collected by a later run.
  const allowed = doubt === undefined ? effects : effects.filter(effect => effect.do !== 'delete-version');
  // After the version: what a pod of a deleted Job still says of itself must not outlive it (run-record.ts).
  if (allowed.length > 0) return { is: 'undoing', outcome, effects: [...allowed, ...forgottenRuns(o)] };
  if (o.hindrance && mayWait(o)) return { is: 'undoing', outcome, effects: [], againInMs: 15_000 };
  return ended(o, outcome);
}

/** What a run leaves in an engine that is away is collected by the next run; a deletion waits for that only this long. */
const patienceMs = 60_000;

function mayWait(o: Observed): boolean {
  const leaving = [o.request.metadata.deletionTimestamp, o.target?.leavingSince].filter(since => since !== undefined);
  return leaving.every(since => o.now.getTime() - Date.parse(since) <= patienceMs);
}

function isDeleting(o: Observed): boolean {
  return o.request.metadata.deletionTimestamp !== undefined;
}

function isTargetLeaving(o: Observed): boolean {
  return o.target?.leavingSince !== undefined;
}

/** First the outcome is written down, then the finalizer goes: in between a crash finds everything said. */
function ended(o: Observed, outcome: Outcome): Extract<Decision, { is: 'ended' }> {
  const { finalizers = [] } = o.request.metadata;
  if (!isFinished(o) && !isDeleting(o)) return { is: 'ended', outcome, effects: forgottenRuns(o) };
  if (hasFinalizer(o.request))
    return {
      is: 'ended',
      outcome,
      effects: [
        ...(isFinished(o) ? [] : forgottenRuns(o)),
        withFinalizers(
          o,
          'remove-finalizer',
          finalizers.filter(each => each !== keys.finalizer),
        ),
      ],
    };
  return { is: 'ended', outcome, ...timeToLive(o) };
}

/** The status holds what the workers said of themselves; their records have served. */
function forgottenRuns(o: Observed): readonly Effect[] {
  return o.engine ? o.jobs.map(({ uid, partitions }): Effect => ({ do: 'forget-run', uid, partitions })) : [];
}

/** A request with a time to live goes by itself; one without stays. */
function timeToLive(o: Observed): { effects: readonly Effect[]; againInMs?: number } {
  const { ttlAfterFinished } = o.request.spec;
  const finished = o.request.status.finished;
  if (ttlAfterFinished === undefined || finished === undefined || isDeleting(o)) return { effects: [] };
  const leftMs = Date.parse(finished) + durationMs(ttlAfterFinished) - o.now.getTime();
  if (leftMs > 0) return { effects: [], againInMs: leftMs };
  const { namespace, name, uid } = o.request.metadata;
  return { effects: [{ do: 'delete-request', key: { namespace, name }, uid }] };
}

/** Owed from the first effect on: what this run makes outside of Kubernetes must be cleaned up before it may go. */
function finalizer(o: Observed): readonly Effect[] {
  const { finalizers = [] } = o.request.metadata;
  return hasFinalizer(o.request) ? [] : [withFinalizers(o, 'add-finalizer', [...finalizers, keys.finalizer])];
}

function withFinalizers(
  o: Observed,
  what: 'add-finalizer' | 'remove-finalizer',
  finalizers: readonly string[],
): Effect {
  const { namespace, name, resourceVersion } = o.request.metadata;
  return { do: what, kind: 'ReindexRequest', key: { namespace, name }, resourceVersion, finalizers };
}

/** Due when this process has seen the lock unmoved for a third of its lease. */
function renewal(o: Observed): readonly Effect[] {
  const lock = o.engine?.lock;
  if (!o.target || !lock || !holdsLock(o) || lock.stillMs < (lock.lease.leaseSeconds * 1000) / 3) return [];
  return [{ do: 'renew-lock', alias: o.target.alias, holder: holderOf(o), token: lock.lease.token }];
}

/** The finalizer goes first and alone: it moves the resourceVersion that the status write depends on. */
function firstOf(finalizers: readonly Effect[], effects: readonly Effect[]): readonly Effect[] {
  return finalizers.length > 0 ? finalizers : effects;
}

function isOverdue(o: Observed): boolean {
  const { started } = o.request.status;
  if (started === undefined || isSwitched(o)) return false;
  return o.now.getTime() - Date.parse(started) > durationMs(o.request.spec.deadline);
}

/** The outcome stands in the Succeeded condition before anything is undone, so a crash in between cannot lose it. */
function writtenOutcome(o: Observed): Outcome | undefined {
  const condition = findCondition(o.request.status.conditions, 'Succeeded');
  if (condition === undefined || condition.status === 'Unknown') return undefined;
  return { succeeded: condition.status === 'True', reason: condition.reason, message: condition.message };
}

function isFinished(o: Observed): boolean {
  return hasCondition(o.request.status.conditions, 'Finished');
}
