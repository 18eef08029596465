import { deleteJob, forgetRun } from '../work/job-effects.ts';
import type { JobView } from '../work/view.ts';
import type { RepoEffect } from './effect.ts';
import type { Observed } from './observed.ts';

/**
 * Jobs that have ended, and their pods with them: of each kind only the newest is kept, for its logs. What they said stands
 * in the status by then, of the run or of the request, which are kept as history. All pure.
 */
export function outlivedJobs(o: Observed): readonly RepoEffect[] {
  const light = o.jobs.filter(isEnded).slice(0, -1);
  const heavy = o.finishedJobs.filter(isEnded).slice(0, -1);
  return [...forgottenRuns(o, light), ...[...light, ...heavy].map(deletion)];
}

function isEnded({ state, deleting }: JobView): boolean {
  return state !== 'active' && !deleting;
}

function deletion({ key, uid }: JobView): RepoEffect {
  return deleteJob({ key, uid });
}

/** The records of these light runs: nobody asks for them any more. Those of heavy runs go when their request ends. */
export function forgottenRuns(o: Observed, jobs: Observed['jobs']): readonly RepoEffect[] {
  return o.engine ? jobs.map(({ uid }) => forgetRun({ uid })) : [];
}
