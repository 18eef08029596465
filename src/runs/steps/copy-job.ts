import { done, fail } from '../../plan/step.ts';
import { isCopied, sidesOf } from '../copying.ts';
import { candidateSet } from '../facts.ts';
import { progressOf } from '../progress.ts';
import type { RunStep } from '../step.ts';
import { endJobs } from './index-job.ts';
import { jobOfRound, jobVerdict } from './run-job.ts';

/** Fills the candidate from the live version, which is written into all the while. The record proves it, not exit 0. */
export const copyJob: RunStep = {
  name: 'copy-job',
  phase: 'Building',
  look: o => {
    if (isCopied(candidateSet(o)) && jobOfRound(o, 0)?.state !== 'active') return done;
    const work = { program: 'copy', ...sidesOf(o) } as const;
    return (
      jobVerdict(o, { step: copyJob.name, round: 0, called: 'copy', work }) ??
      fail('VerificationFailed', 'the Job ended well but its version says nothing of a copy: nothing proves it')
    );
  },
  undo: o => endJobs(o) ?? done,
  // Of the Jobs of the cut-over too: they bring the same version further.
  tell: {
    field: 'progress',
    of: (o, verdict) => (verdict && progressOf(o)) ?? o.request.status.progress,
  },
};
