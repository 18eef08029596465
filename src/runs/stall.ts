import { durationMs } from '../api/duration.ts';
import { findCondition } from '../domain/conditions.ts';
import type { Problem } from '../domain/problem.ts';
import { isBaking } from './control.ts';
import type { Observed } from './observed.ts';

/** As long as a run says nothing about it. */
const stallAfter = '30m';

/**
 * Why a run that is at work should be looked at by a human: nothing of it moved for longer than it may. One that waits for
 * its turn, for people or for time does not stall. Undefined = it moves.
 */
export function noProgress({ request, now }: Observed): Problem | undefined {
  const { status, spec } = request;
  if (status.started === undefined || isBaking(status) || isPausedBy(request)) return undefined;
  const allowed = spec.stallAfter ?? stallAfter;
  const since = lastMoved(request);
  if (now.getTime() - Date.parse(since) < durationMs(allowed)) return undefined;
  const { summary = 'nothing counted yet' } = status.progress ?? {};
  return { reason: 'NoProgress', message: `no progress since ${since}, longer than ${allowed}: ${summary}` };
}

function isPausedBy({ status }: Observed['request']): boolean {
  return findCondition(status.conditions, 'Paused')?.status === 'True';
}

/** The latest of all that a status remembers: steps, files that are done, the end of a pause. */
function lastMoved({ status }: Observed['request']): string {
  const { started = '', steps = [], progress, conditions } = status;
  const times = [
    ...steps.flatMap(step => [step.started, step.finished ?? '']),
    progress?.moved ?? '',
    findCondition(conditions, 'Paused')?.lastTransitionTime ?? '',
  ];
  return times.reduce((latest, time) => (time > latest ? time : latest), started);
}
