import type { ReindexRequest } from '../api/reindex-request.ts';
import { decideAsking } from '../plan/ask.ts';
import type { Answers } from '../plan/question.ts';
import { decideRequest } from './decide.ts';
import type { Decision } from './decision.ts';
import { gather, hindranceIn, type Gathered, type Sources } from './observe.ts';
import type { Observed } from './observed.ts';
import { placeOf } from './place.ts';
import type { RunHands } from './step.ts';

export type Look = { readonly observed: Observed; readonly decision: Decision; readonly hands: RunHands };

/** One look at a request: what is always asked, what its steps ask besides, and what follows from all of it. */
export async function lookAt(request: ReindexRequest, sources: Sources): Promise<Look> {
  const gathered = await gather(request, sources);
  const look = await decideOn(request, gathered, sources);
  // Its turn came while it was looked at as one that waits: the engine was not asked.
  const cameMeanwhile = gathered.observed.ahead !== undefined && look.observed.ahead === undefined;
  return cameMeanwhile ? lookAt(request, sources) : look;
}

async function decideOn(request: ReindexRequest, gathered: Gathered, sources: Sources): Promise<Look> {
  try {
    return await decide(request, gathered, sources);
  } catch (error) {
    const hindrance = hindranceIn(error, gathered.cluster, sources);
    const observed = { ...gathered.observed, hindrance, engine: undefined, run: undefined };
    return decide(request, { ...gathered, observed }, sources);
  }
}

async function decide(
  request: ReindexRequest,
  { observed, hands }: Pick<Gathered, 'observed' | 'hands'>,
  sources: Sources,
): Promise<Look> {
  // Nothing is waited for between the place in the queue and the decision: two runs must not both take the last one.
  const asOfNow = (answers: Answers): Observed => ({ ...observed, ...placeOf(request, sources), answers });
  return { ...(await decideAsking(asOfNow, decideRequest, hands)), hands };
}
