import type { Reason } from '../../api/reasons.ts';
import { isoSeconds } from '../../domain/progress.ts';
import { done, fail, wait } from '../../plan/step.ts';
import type { Observed } from '../observed.ts';
import type { RunStep, RunVerdict } from '../step.ts';
import { namedObject } from '../subject.ts';

/** For a run that begins nothing: what it asks about has to be there. */
export const awaitTarget: RunStep = {
  name: 'await-target',
  phase: 'Pending',
  look: o =>
    targetMissing(o) ?? (o.engine ? done : wait('EngineUnavailable', 'the search engine was not asked yet', 5_000)),
};

/** Waits for a target that was never there, fails for one that is gone; undefined = it is there. */
export function targetMissing(o: Observed): RunVerdict | undefined {
  if (!o.target) return awaited(o) ?? fail(...targetGone(o));
  return o.target.leavingSince === undefined ? undefined : fail(...targetGone(o));
}

/** A request may be applied before its target, as in one file with it: so long it waits for one that was never there. */
const targetMs = 5 * 60_000;

function awaited({ request, now }: Observed): RunVerdict | undefined {
  const { creationTimestamp } = request.metadata;
  const until = Date.parse(creationTimestamp) + targetMs;
  if (request.status.started !== undefined || now.getTime() >= until) return undefined;
  const message = `there is no ${namedObject(request)} in this namespace yet; it is waited for until ${isoSeconds(new Date(until))}`;
  // The watch tells when it comes.
  return wait('TargetNotFound', message, until - now.getTime());
}

function targetGone(o: Observed): readonly [Reason, string] {
  const name = namedObject(o.request);
  if (o.request.status.started !== undefined) return ['TargetDeleted', `${name} was deleted while the run was at work`];
  return ['TargetNotFound', `there is no ${name} in this namespace, or it is being deleted`];
}
