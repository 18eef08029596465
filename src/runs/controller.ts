import type { Logger } from '../runtime/log.ts';
import { indexedRepoResource } from '../api/indexed-repo.ts';
import { reindexRequestResource, type ReindexRequest } from '../api/reindex-request.ts';
import { ConflictError } from '../domain/errors.ts';
import type { Outcome, Reconciler } from '../kube/controller.ts';
import type { Kube } from '../kube/port.ts';
import { onlyAsSeen } from '../objects/as-seen.ts';
import { writeStatus, type StatusWriter } from '../objects/status-writer.ts';
import type { Refusal } from '../plan/carry-out.ts';
import { hasMark } from '../plan/effect.ts';
import type { RunMeter } from '../work/ended-run.ts';
import { waitsFor } from './begin.ts';
import type { Decision } from './decision.ts';
import { holdsLock } from './facts.ts';
import { lookAt } from './look.ts';
import type { Sources } from './observe.ts';
import type { Observed } from './observed.ts';
import type { QueueMemory } from './place.ts';
import { isMove, runName } from './queue.ts';
import { requestNews, type RequestNews } from './request-figures.ts';
import type { Line } from './line.ts';
import { subjectOf } from './subject.ts';
import { turn } from './turn.ts';

export type ReindexRequestParts = StatusWriter &
  Sources & {
    readonly kube: Kube;
    readonly runs: RunMeter;
    /** Writes of statuses after which there is nothing to do. */
    readonly moves: Pick<Kube, 'patchStatus'>;
  } & QueueMemory;

/** The loop of a ReindexRequest, which remembers how that waits whatever becomes of a look. */
export function reindexRequestReconciler(parts: ReindexRequestParts): Reconciler {
  const reconcile = reconciler(parts);
  return async (key, log) => {
    const request = parts.requests.get(key);
    try {
      if (request) return await reconcile(request, log);
      parts.line.forget(runName(key));
      return { is: 'done' };
    } catch (error) {
      // What throws may throw for ever: those behind it do not wait for that.
      if (!(error instanceof ConflictError)) parts.line.looked(runName(key), 'aside');
      throw error;
    }
  };
}

/** Look, carry out, one status write, events after it. Wiring only. */
function reconciler(parts: ReindexRequestParts) {
  const { admitted, jobless, line } = parts;
  return async (request: ReindexRequest, log: Logger): Promise<Outcome> => {
    const { repo } = subjectOf(request, parts);
    const look = await lookAt(request, parts);
    const { observed, decision: decided } = look;
    admit(admitted, observed, decided);
    noteWait(line, observed, decided);
    const seen = [
      { resource: reindexRequestResource, object: request },
      ...(repo ? [{ resource: indexedRepoResource, object: repo }] : []),
    ];
    const due = { ...look, decision: { ...decided, effects: onlyAsSeen(decided.effects, parts.kube, seen) } };
    const decision = await turn(due, log, async ({ refusal, status }) => {
      noteJob(jobless, request.metadata.uid, decided, refusal);
      if (refusal && !hasBegun(observed)) line.looked(runName(request.metadata), 'aside');
      if (!status) return;
      // A place that moved is news to people alone.
      const kube = isMove(request.status, status) ? parts.moves : parts.kube;
      const written = { resource: reindexRequestResource, object: request, status, log };
      if ((await writeStatus({ ...parts, kube }, written)) === 'written')
        count(requestNews(observed, status), request, parts.runs);
    });
    return hasMark(decided.effects, 'moves-object') ? { is: 'done' } : next(decision);
  };
}

function count({ switched, ended }: RequestNews, request: ReindexRequest, runs: RunMeter): void {
  if (switched) runs.switched(request.spec.strategy);
  if (ended) runs.ended(ended);
}

/** Counted as running from the lock on, even before the status of it comes back through the watch. */
function admit(admitted: Set<string>, o: Observed, decision: Decision): void {
  const { uid } = o.request.metadata;
  if (hasMark(decision.effects, 'takes-lock')) admitted.add(uid);
  // Another was faster with the lock: the place is free.
  else if (decision.is === 'ended' || (o.engine && !hasBegun(o))) admitted.delete(uid);
}

function noteWait(line: Line, o: Observed, decision: Decision): void {
  const name = runName(o.request.metadata);
  if (decision.is !== 'walking' || hasBegun(o)) line.forget(name);
  else line.looked(name, waitsFor(o));
}

function hasBegun(o: Observed): boolean {
  return o.request.status.started !== undefined || holdsLock(o);
}

/** A run whose Job is refused, by a quota or a policy say, works as little as one whose pod is: its place is free meanwhile. */
function noteJob(jobless: Set<string>, uid: string, { effects, is }: Decision, refusal: Refusal | undefined): void {
  if (refusal && refusal.effect.marks.includes('starts-work')) jobless.add(uid);
  else if (is === 'ended' || (!refusal && hasMark(effects, 'starts-work'))) jobless.delete(uid);
}

/** Looking again at once at what a watch brings would only find the cache of before, and do the same again and again. */
const watchMs = 1000;

/** After acts on the engine alone the world is another one, and no watch will tell: it is looked at again at once. */
function next(decision: Decision): Outcome {
  if (decision.againInMs !== undefined) return { is: 'again', inMs: decision.againInMs };
  if (decision.is === 'ended') return { is: 'done' };
  // Without an act it was the status alone that changed, which a watch brings as well.
  const isWatched = decision.effects.length === 0 || hasMark(decision.effects, 'is-watched');
  return { is: 'again', inMs: isWatched ? watchMs : 0 };
}
