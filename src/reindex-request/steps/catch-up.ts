import { done, wait, type Step } from '../../plan/verdict.ts';
import { candidateRecord } from '../facts.ts';
import type { Observed } from '../observed.ts';
import { jobOfRound, jobVerdict } from './run-job.ts';

/** A branch that moves faster than we index must not hold a switch back for ever. */
const mostRounds = 3;

/**
 * Brings the candidate to the newest commit before it is verified, at most three times: a switch never goes back in
 * time, since the candidate was pinned to a commit at least as new as the live one.
 */
export const catchUp: Step<Observed> = {
  name: 'catch-up',
  phase: 'CatchingUp',
  look: o => {
    const running = o.jobs.find(job => job.round > 0 && job.state === 'active');
    if (running) return wait('Running', `Job ${running.key.name} is catching up`, 5000);
    const commit = candidateRecord(o)?.commit ?? '';
    // A remote that cannot be asked now is no reason to keep a good candidate from serving.
    if (o.head?.is !== 'found' || o.head.commit === commit) return done;
    const round = 1 + Math.max(0, ...o.jobs.map(job => job.round));
    if (round > mostRounds && jobOfRound(o, mostRounds)?.state === 'succeeded') return done;
    const failed = o.jobs.find(job => job.round === round - 1 && job.round > 0 && job.state === 'failed');
    const at = failed ? failed.round : round;
    return jobVerdict(o, { round: at, mode: 'incremental', commit: o.head.commit, base: commit }) ?? done;
  },
};
