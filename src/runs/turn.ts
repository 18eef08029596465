import { reasons } from '../api/reasons.ts';
import type { ReindexRequestStatus } from '../api/reindex-request.ts';
import type { Logger } from '../runtime/log.ts';
import { carryOut, refusedMs, type Refusal } from '../plan/carry-out.ts';
import { hasMark } from '../plan/effect.ts';
import { fail, wait } from '../plan/step.ts';
import type { Decision } from './decision.ts';
import type { Look } from './look.ts';
import { requestStatus } from './status.ts';

/** What a turn has to tell once its effects are carried out, or one of them was refused. */
export type Told = {
  readonly refusal: Refusal | undefined;
  /** The whole status; undefined where the object was moved: the watch brings it back as it is then. */
  readonly status: ReindexRequestStatus | undefined;
};

/**
 * What a reconcile does once, and a program that drives its run itself until the run is over: carries out what was decided
 * at a look, and tells it. Gives the decision as it is then. Throws what may mend, once it is told.
 */
export async function turn(
  { observed, decision: decided, hands }: Look,
  log: Pick<Logger, 'info' | 'debug'>,
  tell: (told: Told) => Promise<void>,
): Promise<Decision> {
  const movesObject = hasMark(decided.effects, 'moves-object');
  let decision = decided;
  await carryOut(decided.effects, { hands, log }, async refusal => {
    decision = refused(decided, refusal);
    const isMoved = movesObject && !refusal;
    await tell({ refusal, status: isMoved ? undefined : requestStatus(observed, decision) });
  });
  return decision;
}

/**
 * What is refused for good ends the run, as if its step had said so, where it is about the run itself; any other refusal is
 * about the way to the engine or to Kubernetes, which may mend: the run waits where it is and says for what.
 */
function refused(decision: Decision, refusal: Refusal | undefined): Decision {
  if (!refusal) return decision;
  const { isFinal, reason, message } = refusal;
  // Not over before all is cleaned up: what is over is not looked at for leftovers again.
  if (decision.is !== 'walking')
    return { ...decision, is: 'undoing', effects: [], refusal: { reason, message }, againInMs: refusedMs };
  const ends = isFinal && reasons[reason].endsRun === true;
  const verdict = ends ? fail(reason, message) : wait(reason, message, refusedMs);
  return {
    is: 'walking',
    standing: { ...decision.standing, verdict },
    effects: [],
    ...(!ends && { againInMs: refusedMs }),
  };
}
