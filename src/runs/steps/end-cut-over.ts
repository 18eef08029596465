import { act, done, wait } from '../../plan/step.ts';
import { deleteJob } from '../../work/job-effects.ts';
import { isOfCutOver } from '../copying.ts';
import type { Observed } from '../observed.ts';
import type { RunStep } from '../step.ts';

/** A worker that switched has nothing left to do but to say so. */
const patienceMs = 60_000;

/** Waits for the last words of the worker that switched: how long writers were refused. */
export const endCutOver: RunStep = {
  name: 'end-cut-over',
  phase: 'Switching',
  look: o => {
    const job = o.jobs.find(each => isOfCutOver(each) && each.state === 'active' && !each.deleting);
    if (!job) return done;
    const { key, uid } = job;
    const sinceMs = o.now.getTime() - Date.parse(o.request.status.switched ?? o.now.toISOString());
    if (sinceMs >= patienceMs) return act('end a Job that has switched', deleteJob({ key, uid }));
    return wait('Running', `Job ${key.name} has switched and is about to end`, 1000);
  },
  tell: { field: 'blockedMillis', of: o => blockedMs(o) ?? o.request.status.blockedMillis },
};

function blockedMs({ jobs }: Observed): number | undefined {
  const said = jobs.findLast(isOfCutOver)?.said?.result;
  return said && 'blockedMs' in said ? said.blockedMs : undefined;
}
