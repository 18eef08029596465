import { reindexRequestResource, type ReindexRequest } from '../api/reindex-request.ts';
import { TerminalError } from '../domain/errors.ts';
import { fail } from '../plan/verdict.ts';
import { apply } from '../plan/apply.ts';
import type { Outcome, Reconciler } from '../kube/controller.ts';
import type { Kube } from '../kube/port.ts';
import { writeStatus, type StatusWriter } from '../kube/status-writer.ts';
import type { Logger } from '../runtime/log.ts';
import { decideRequest, type Decision } from './decide.ts';
import { gather, type Gathered, type Sources } from './observe.ts';
import { requestStatus } from './status.ts';

export type ReindexRequestParts = StatusWriter & Omit<Sources, 'admitted'> & { readonly kube: Kube };

/** The loop of a ReindexRequest: gather, decide, apply, one status write, events after it. Wiring only. */
export function reindexRequestReconciler(parts: ReindexRequestParts): Reconciler {
  const admitted = new Set<string>();
  const sources: Sources = { ...parts, admitted };
  return async (key, log) => {
    const request = parts.requests.get(key);
    if (!request) return { is: 'done' };
    const gathered = await gather(request, sources);
    const decided = decideRequest(gathered.observed);
    admit(admitted, request, decided);
    const decision = await carriedOut(decided, gathered, parts.kube, log);
    if (
      decision.effects.some(
        effect => effect.do === 'add-finalizer' || effect.do === 'remove-finalizer' || effect.do === 'delete-request',
      )
    )
      return { is: 'done' }; // the watch brings the object back as it is now
    const status = requestStatus(gathered.observed, decision);
    await writeStatus(parts, { resource: reindexRequestResource, object: request, status, log });
    return next(decision);
  };
}

/** Counted as running from the lock on, even before the status of it comes back through the watch. */
function admit(admitted: Set<string>, request: ReindexRequest, decision: Decision): void {
  if (decision.is === 'ended') admitted.delete(request.metadata.uid);
  else if (decision.effects.some(effect => effect.do === 'take-lock' || effect.do === 'take-over-lock'))
    admitted.add(request.metadata.uid);
}

/** An effect that the engine refuses for good ends the run, as if its step had said so. */
async function carriedOut(decision: Decision, { hands }: Gathered, kube: Kube, log: Logger): Promise<Decision> {
  try {
    await apply(decision.effects, { kube, engine: hands, log });
    return decision;
  } catch (error) {
    if (!(error instanceof TerminalError) || decision.is !== 'walking') throw error;
    log.warn({ reason: error.reason, message: error.message }, 'an effect was refused, the run ends');
    return {
      is: 'walking',
      standing: { ...decision.standing, verdict: fail(error.reason, error.message) },
      effects: [],
    };
  }
}

function next(decision: Decision): Outcome {
  if (decision.is === 'undoing') return { is: 'again', inMs: 0 };
  if (decision.againInMs !== undefined) return { is: 'again', inMs: decision.againInMs };
  // After an act or a failure the world is another one: look again at once.
  return decision.is === 'walking' ? { is: 'again', inMs: 0 } : { is: 'done' };
}
