import { deleteJob, forgetRun } from '../work/job-effects.ts';
import type { JobView } from '../work/view.ts';
import type { RepoEffect } from './effect.ts';
import { followed } from './light-standing.ts';
import type { Observed } from './observed.ts';

/**
 * Jobs that have ended, and their pods with them: of each kind only the newest is kept, for its logs, and of light runs the
 * newest into each version that they bring forward, by which the next one is timed. What they said stands in the status by
 * then, of the run or of the request, which are kept as history. All pure.
 */
export function outlivedJobs(o: Observed): readonly RepoEffect[] {
  const versions = new Set(followed(o).map(({ index }) => index));
  const ended = o.jobs.filter(isEnded);
  const newest = [...Map.groupBy(ended, ({ index }) => index)].flatMap(([index, jobs]) =>
    // As long as the engine cannot be asked any version may be one of them.
    !o.engine || versions.has(index) ? jobs.slice(-1) : [],
  );
  const kept = new Set([...newest, ...ended.slice(-1)]);
  const light = ended.filter(job => !kept.has(job));
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
