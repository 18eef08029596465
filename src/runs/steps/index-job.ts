import type { Effect } from '../../effects/effect.ts';
import { done, fail, wait } from '../../plan/step.ts';
import { candidateRecord } from '../facts.ts';
import type { RunStep } from '../step.ts';
import { jobOfRound, jobVerdict } from './run-job.ts';

/** Fills the candidate from the Git tree at the newest commit. The record's verified commit proves it, not exit 0. */
export const indexJob: RunStep = {
  name: 'index-job',
  phase: 'Building',
  look: o => {
    const first = jobOfRound(o, 0);
    if (candidateRecord(o)?.commit != null && first?.state !== 'active') return done;
    const commit = first?.commit ?? (o.head?.is === 'found' ? o.head.commit : undefined);
    if (commit === undefined) return wait('RemoteUnreachable', 'the remote was not asked yet', 2000);
    const verdict = jobVerdict(o, { round: 0, mode: 'full', commit, base: '' });
    return (
      verdict ?? fail('VerificationFailed', `the Job ended well but its version says no commit: nothing proves it`)
    );
  },
  // The records first: once a Job is gone, nothing names them any more.
  undo: o =>
    o.jobs
      .filter(job => !job.deleting)
      .flatMap(({ key, uid, partitions }): readonly Effect[] => [
        ...(o.engine ? [{ do: 'forget-run', uid, partitions } as const] : []),
        { do: 'delete-job', key, uid },
      ]),
};
