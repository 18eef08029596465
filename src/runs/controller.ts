import { reindexRequestResource, type ReindexRequest } from '../api/reindex-request.ts';
import type { Outcome, Reconciler } from '../kube/controller.ts';
import type { Kube } from '../kube/port.ts';
import { writeStatus, type StatusWriter } from '../objects/status-writer.ts';
import type { Refusal } from '../plan/carry-out.ts';
import { hasMark } from '../plan/effect.ts';
import type { RunMeter } from '../work/ended-run.ts';
import type { Decision } from './decision.ts';
import { lookAt } from './look.ts';
import type { Sources } from './observe.ts';
import { requestNews, type RequestNews } from './request-figures.ts';
import { turn } from './turn.ts';

export type ReindexRequestParts = StatusWriter &
  Omit<Sources, 'admitted' | 'jobless'> & { readonly kube: Kube; readonly runs: RunMeter };

/** The loop of a ReindexRequest: look, carry out, one status write, events after it. Wiring only. */
export function reindexRequestReconciler(parts: ReindexRequestParts): Reconciler {
  const admitted = new Set<string>();
  const jobless = new Set<string>();
  const sources: Sources = { ...parts, admitted, jobless };
  return async (key, log) => {
    const request = parts.requests.get(key);
    if (!request) return { is: 'done' };
    const look = await lookAt(request, sources);
    admit(admitted, request, look.decision);
    const decision = await turn(look, log, async ({ refusal, status }) => {
      noteJob(jobless, request.metadata.uid, look.decision, refusal);
      if (!status) return;
      const wrote = await writeStatus(parts, { resource: reindexRequestResource, object: request, status, log });
      if (wrote === 'written') count(requestNews(look.observed, status), request, parts.runs);
    });
    return hasMark(look.decision.effects, 'moves-object') ? { is: 'done' } : next(decision);
  };
}

function count({ switched, ended }: RequestNews, request: ReindexRequest, runs: RunMeter): void {
  if (switched) runs.switched(request.spec.strategy);
  if (ended) runs.ended(ended);
}

/** Counted as running from the lock on, even before the status of it comes back through the watch. */
function admit(admitted: Set<string>, request: ReindexRequest, decision: Decision): void {
  if (decision.is === 'ended') admitted.delete(request.metadata.uid);
  else if (hasMark(decision.effects, 'takes-lock')) admitted.add(request.metadata.uid);
}

/** A run whose Job is refused, by a quota or a policy say, works as little as one whose pod is: its place is free meanwhile. */
function noteJob(jobless: Set<string>, uid: string, { effects, is }: Decision, refusal: Refusal | undefined): void {
  if (refusal && refusal.effect.marks.includes('starts-work')) jobless.add(uid);
  else if (is === 'ended' || (!refusal && hasMark(effects, 'starts-work'))) jobless.delete(uid);
}

/** Looking again at once at what a watch brings would only find the cache of before. */
const watchMs = 1000;

/** After an act on the engine the world is another one, and no watch will tell: it is looked at again at once. */
function next(decision: Decision): Outcome {
  if (decision.againInMs !== undefined) return { is: 'again', inMs: decision.againInMs };
  if (decision.is === 'ended') return { is: 'done' };
  const isWatched = decision.effects.every(effect => effect.marks.includes('is-watched'));
  return { is: 'again', inMs: isWatched ? watchMs : 0 };
}
