import { hasFinalizer } from '../alias/ownership.ts';
import { durationMs } from '../api/duration.ts';
import type { Reason } from '../api/reasons.ts';
import { reindexRequestResource } from '../api/reindex-request.ts';
import { removeFinalizer } from '../objects/finalizers.ts';
import { hasMark } from '../plan/effect.ts';
import { undoing } from '../plan/walk.ts';
import { forgetRun } from '../work/job-effects.ts';
import { decided, type Ended, type Outcome, type RunLooked, type Undoing } from './decision.ts';
import { isReturning, isSwitched, pointsAt, serves, versionBefore } from './facts.ts';
import { lostLock } from './lost-lock.ts';
import type { Observed } from './observed.ts';
import { isFinished } from './queue.ts';
import { deleteRequest } from './request-effects.ts';
import type { RunEffect } from './step.ts';
import { strategyOf } from './strategies.ts';

/** What a run still does once its outcome is known. All pure. */

const settlingMs = 5_000;
const hinderedMs = 15_000;
/** What a run leaves in an engine that is away is collected by the next run; a deletion waits for that only this long. */
const patienceMs = 60_000;

/** Removes what a run that ended badly has made, then lets it end. */
export function undone(o: Observed, outcome: Outcome): RunLooked {
  const left = undoing(strategyOf(o.request).steps, o);
  if (left.is === 'ask') return { is: 'asks', question: left.question };
  const due = (effects: readonly RunEffect[], againInMs?: number): RunLooked => {
    const decision: Undoing = { is: 'undoing', outcome, effects, ...(againInMs !== undefined && { againInMs }) };
    return decided(decision);
  };
  if (left.is === 'wait') return due([], left.againInMs);
  const effects = left.is === 'act' ? left.effects : [];
  const doubt = o.engine?.doubt?.reason;
  // What deletes nothing, such as the lock that it gives back, needs not be sure to be alone.
  if (hasMark(effects, 'deletes-version') && doubt === 'OperatorSettling') return due([], settlingMs);
  // Beside a twin the lock is given back and nothing is deleted: what stays is collected by a later run.
  const allowed = doubt === undefined ? effects : effects.filter(effect => !effect.marks.includes('deletes-version'));
  // After the version: what a pod of a deleted Job still says of itself must not outlive it (run-record.ts).
  if (allowed.length > 0) return due([...allowed, ...forgottenRuns(o)]);
  if (o.hindrance && !o.engine && mayWait(o)) return due([], hinderedMs);
  return decided(ended(o, notReturned(o) ?? outcome));
}

/** A return that nothing is left to be done about, and the version before does not serve: then that is not told. */
function notReturned(o: Observed): Outcome | undefined {
  const { engine, target } = o;
  if (!isReturning(o) || isFinished(o.request) || isDeleting(o) || !engine || !target) return undefined;
  const before = versionBefore(o);
  if (before && serves(engine, before)) return undefined;
  const name = o.request.status.from?.name ?? 'the version before';
  const failed = (reason: Reason, why: string): Outcome => ({
    succeeded: false,
    reason,
    message: `${why}: ${name} does not serve again`,
  });
  if (!before) return failed('VersionNotFound', `${name} is gone`);
  // What serves was moved by a hand: the lock was given back because of that.
  const lost = isSwitched(o) ? lostLock(o) : undefined;
  if (lost?.is === 'fail') return failed(lost.reason, lost.message);
  return failed('Drifted', pointsAt(o));
}

function mayWait(o: Observed): boolean {
  const leaving = [o.request.metadata.deletionTimestamp, o.target?.leavingSince].filter(since => since !== undefined);
  return leaving.every(since => o.now.getTime() - Date.parse(since) <= patienceMs);
}

/** First the outcome is written down, then the finalizer goes: in between a crash finds everything said. */
export function ended(o: Observed, outcome: Outcome): Ended {
  if (!isFinished(o.request) && !isDeleting(o)) return { is: 'ended', outcome, effects: forgottenRuns(o) };
  if (!hasFinalizer(o.request)) return { is: 'ended', outcome, ...timeToLive(o) };
  const effects = [
    ...(isFinished(o.request) ? [] : forgottenRuns(o)),
    removeFinalizer(reindexRequestResource, o.request.metadata),
  ];
  return { is: 'ended', outcome, effects };
}

export function isDeleting({ request }: Observed): boolean {
  return request.metadata.deletionTimestamp !== undefined;
}

/** The status holds what the workers said of themselves; their records have served. */
function forgottenRuns(o: Observed): readonly RunEffect[] {
  return o.engine ? o.jobs.map(({ uid, partitions }) => forgetRun({ uid, partitions })) : [];
}

/** A request with a time to live goes by itself; one without stays. */
function timeToLive(o: Observed): Pick<Ended, 'effects' | 'againInMs'> {
  const { ttlAfterFinished } = o.request.spec;
  const finished = o.request.status.finished;
  if (ttlAfterFinished === undefined || finished === undefined || isDeleting(o)) return { effects: [] };
  const leftMs = Date.parse(finished) + durationMs(ttlAfterFinished) - o.now.getTime();
  if (leftMs > 0) return { effects: [], againInMs: leftMs };
  const { namespace, name, uid } = o.request.metadata;
  return { effects: [deleteRequest({ key: { namespace, name }, uid })] };
}
