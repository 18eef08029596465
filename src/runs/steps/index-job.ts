import type { Effect } from '../../plan/effect.ts';
import { answerTo } from '../../plan/question.ts';
import { act, ask, done, fail, wait } from '../../plan/step.ts';
import { deleteJob, forgetRun } from '../../work/job-effects.ts';
import { candidateRecord } from '../facts.ts';
import { indexWork } from '../index-work.ts';
import { newestCommit } from '../newest-commit.ts';
import { progressOf } from '../progress.ts';
import type { Observed } from '../observed.ts';
import type { RunHands, RunStep, RunUndoing } from '../step.ts';
import { jobOfRound, jobVerdict } from './run-job.ts';

/** Fills the candidate from the Git tree at the newest commit. The record's verified commit proves it, not exit 0. */
export const indexJob: RunStep = {
  name: 'index-job',
  phase: 'Building',
  look: o => {
    const first = jobOfRound(o, 0);
    if (candidateRecord(o)?.commit != null && first?.state !== 'active') return done;
    const head = first ? undefined : answerTo(o, newestCommit);
    if (!first && !head) return ask(newestCommit);
    if (head?.is === 'problem') return wait(head.reason, head.message, 2000);
    const commit = first?.commit ?? head?.commit ?? '';
    const work = indexWork(o, { mode: 'full', commit, base: '' });
    const verdict = jobVerdict(o, { step: indexJob.name, round: 0, called: 'full', work });
    return (
      verdict ?? fail('VerificationFailed', `the Job ended well but its version says no commit: nothing proves it`)
    );
  },
  undo: o => endJobs(o) ?? done,
  // Of the Jobs of later steps too: they bring the same version further.
  tell: {
    field: 'progress',
    of: (o, verdict) => (verdict && progressOf(o)) ?? o.request.status.progress,
  },
};

/** Deletes the Jobs of the run, and their records first: once a Job is gone, nothing names them any more. Undefined: none is left. */
export function endJobs(o: Observed): RunUndoing | undefined {
  const made = o.jobs.filter(job => !job.deleting);
  const effects = made.flatMap(({ key, uid, partitions }): readonly Effect<RunHands>[] => [
    ...(o.engine ? [forgetRun({ uid, partitions })] : []),
    deleteJob({ key, uid }),
  ]);
  return effects.length === 0 ? undefined : act('delete its Jobs', ...effects);
}
