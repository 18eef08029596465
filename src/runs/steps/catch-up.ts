import { findCondition } from '../../domain/conditions.ts';
import { answerTo } from '../../plan/question.ts';
import { act, ask, done } from '../../plan/step.ts';
import { deleteJob, forgetRun } from '../../work/job-effects.ts';
import { pausedSince, standsAtGate } from '../control.ts';
import { candidateRecord, ground } from '../facts.ts';
import { indexWork } from '../index-work.ts';
import { newestCommit } from '../newest-commit.ts';
import type { Observed } from '../observed.ts';
import type { RunEffect, RunStep } from '../step.ts';
import { atWork, jobOfRound, jobVerdict } from './run-job.ts';

/** A branch that moves faster than we index must not hold a switch back for ever. */
const mostRounds = 3;

/**
 * Brings the candidate to the newest commit before it is verified, at most three times without a stop, and further only where
 * the live version would be ahead of it: a switch never goes back in time. At a gate it follows the live version, which light
 * runs keep up to date, as often as that moves, and none of that counts once it goes on.
 */
export const catchUp: RunStep = {
  name: 'catch-up',
  phase: 'CatchingUp',
  look: o => {
    const running = o.jobs.find(job => job.round > 0 && job.state === 'active');
    if (running) return atWork(o, running, indexWork(o, { mode: 'incremental', commit: '', base: '' }));
    const over = standsAtGate(o.request) ? outlivedRounds(o) : [];
    if (over.length > 0) return act('clear away rounds that are over', ...over);
    const commit = candidateRecord(o)?.commit ?? '';
    const passed = passedByLive(o, commit);
    const head = standsAtGate(o.request) ? 'not asked' : answerTo(o, newestCommit);
    if (!head) return ask(newestCommit);
    // A remote that cannot be asked now is no reason to keep a good candidate from serving.
    const target = head !== 'not asked' && head.is === 'found' ? head.commit : (passed ?? commit);
    if (target === commit) return done;
    const round = 1 + Math.max(0, ...o.jobs.map(job => job.round));
    const isEnough = roundsAtOnce(o) >= mostRounds && jobOfRound(o, round - 1)?.state === 'succeeded';
    if (isEnough && passed === undefined) return done;
    const failed = o.jobs.find(job => job.round === round - 1 && job.round > 0 && job.state === 'failed');
    const at = failed ? failed.round : round;
    const work = indexWork(o, { mode: 'incremental', commit: target, base: commit });
    return jobVerdict(o, { step: catchUp.name, round: at, called: 'incremental', work }) ?? done;
  },
};

/** Rounds since the run went on the last time, from a gate or a pause. */
function roundsAtOnce({ request, jobs }: Observed): number {
  if (pausedSince(request) !== undefined) return 0;
  const since = findCondition(request.status.conditions, 'Paused')?.lastTransitionTime;
  const isSince = (created: string): boolean => since === undefined || Date.parse(created) >= Date.parse(since);
  return jobs.filter(({ round, created }) => round > 0 && isSince(created)).length;
}

/** A gate may stay shut for weeks: of the rounds that ended well the last ones are enough to tell what the candidate held. */
const keptRounds = 3;

function outlivedRounds({ jobs }: Observed): readonly RunEffect[] {
  const over = jobs.filter(job => job.round > 0 && job.state === 'succeeded' && !job.deleting).slice(0, -keptRounds);
  return over.flatMap(({ key, uid, partitions }) => [forgetRun({ uid, partitions }), deleteJob({ key, uid })]);
}

/**
 * The commit that a light run brought the live version to during this run (`light.duringReindex: Continue`), unless the
 * candidate has been there. Light runs wait from this step on, so it does not move on for ever.
 */
function passedByLive(o: Observed, commit: string): string | undefined {
  const { engine, record } = ground(o);
  const live = engine.versions.find(version => version.number === record.live)?.commit;
  const been = o.jobs.filter(job => job.state === 'succeeded').map(job => job.commit);
  return live == null || [commit, o.request.status.from?.commit, ...been].includes(live) ? undefined : live;
}
