import { reasons } from '../api/reasons.ts';
import { reindexRequestResource, type ReindexRequest } from '../api/reindex-request.ts';
import { RetryableError, TerminalError } from '../domain/errors.ts';
import { fail } from '../plan/verdict.ts';
import { apply } from '../plan/apply.ts';
import type { Effect } from '../plan/effect.ts';
import type { Outcome, Reconciler } from '../kube/controller.ts';
import type { Kube } from '../kube/port.ts';
import { writeStatus, type StatusWriter } from '../kube/status-writer.ts';
import type { Logger } from '../runtime/log.ts';
import type { RunMeter } from '../runtime/metrics.ts';
import { decideRequest, type Decision } from './decide.ts';
import { gather, placeOf, type Gathered, type Sources } from './observe.ts';
import { requestNews, type RequestNews } from './request-figures.ts';
import { requestStatus } from './status.ts';

export type ReindexRequestParts = StatusWriter &
  Omit<Sources, 'admitted' | 'refused'> & { readonly kube: Kube; readonly runs: RunMeter };

/** The loop of a ReindexRequest: gather, decide, apply, one status write, events after it. Wiring only. */
export function reindexRequestReconciler(parts: ReindexRequestParts): Reconciler {
  const admitted = new Set<string>();
  const refused = new Set<string>();
  const sources: Sources = { ...parts, admitted, refused };
  return async (key, log) => {
    const request = parts.requests.get(key);
    if (!request) return { is: 'done' };
    const gathered = await gather(request, sources);
    // From here to the admission nothing is waited for: the place in the queue holds.
    const observed = { ...gathered.observed, ...placeOf(request, sources) };
    const decided = decideRequest(observed);
    admit(admitted, request, decided);
    const decision = await noted(refused, request, decided, async () => carriedOut(decided, gathered, parts.kube, log));
    if (decision.effects.some(effect => movesObject.has(effect.do))) return { is: 'done' };
    const status = requestStatus(observed, decision);
    const wrote = await writeStatus(parts, { resource: reindexRequestResource, object: request, status, log });
    if (wrote === 'written') count(requestNews(observed, status), request, parts.runs);
    return next(decision);
  };
}

function count({ switched, ended }: RequestNews, request: ReindexRequest, runs: RunMeter): void {
  if (switched) runs.switched(request.spec.strategy);
  if (ended) runs.ended(ended);
}

/** After these the watch brings the object back as it is then. */
const movesObject: ReadonlySet<Effect['do']> = new Set(['add-finalizer', 'remove-finalizer', 'delete-request']);

/** Counted as running from the lock on, even before the status of it comes back through the watch. */
function admit(admitted: Set<string>, request: ReindexRequest, decision: Decision): void {
  if (decision.is === 'ended') admitted.delete(request.metadata.uid);
  else if (decision.effects.some(effect => effect.do === 'take-lock' || effect.do === 'take-over-lock'))
    admitted.add(request.metadata.uid);
}

/** A run whose Job is refused, by a quota say, works as little as one whose pod is: its place is free for others meanwhile. */
async function noted<T>(
  refused: Set<string>,
  { metadata: { uid } }: ReindexRequest,
  { effects, is }: Decision,
  carryOut: () => Promise<T>,
): Promise<T> {
  const makesJob = effects.some(effect => effect.do === 'create-job');
  if (is === 'ended') refused.delete(uid);
  try {
    const done = await carryOut();
    if (makesJob) refused.delete(uid);
    return done;
  } catch (error) {
    if (makesJob && error instanceof RetryableError && error.reason === 'KubernetesDenied') refused.add(uid);
    throw error;
  }
}

/** An effect that is refused for good ends the run, as if its step had said so. */
async function carriedOut(decision: Decision, { hands }: Gathered, kube: Kube, log: Logger): Promise<Decision> {
  try {
    await apply(decision.effects, { kube, engine: hands, log });
    return decision;
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    if (decision.is !== 'walking' || !reasons[error.reason].endsRun)
      throw new RetryableError(error.reason, error.message, { cause: error });
    log.warn({ reason: error.reason, message: error.message }, 'an effect was refused, the run ends');
    return {
      is: 'walking',
      standing: { ...decision.standing, verdict: fail(error.reason, error.message) },
      effects: [],
    };
  }
}

/** What these do comes back through the watch; looking again at once would only find the cache of before. */
const watched: ReadonlySet<Effect['do']> = new Set(['create-job', 'delete-job']);
const watchMs = 1000;

/** After an act on the engine the world is another one, and nobody will tell: it is looked at again at once. */
function next(decision: Decision): Outcome {
  if (decision.againInMs !== undefined) return { is: 'again', inMs: decision.againInMs };
  if (decision.is === 'ended') return { is: 'done' };
  return { is: 'again', inMs: decision.effects.every(effect => watched.has(effect.do)) ? watchMs : 0 };
}
