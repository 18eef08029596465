import type { ReindexRequestStatus } from '../../api/reindex-request.ts';
import { servingOf } from '../../domain/copied-shape.ts';
import { isoSeconds } from '../../domain/progress.ts';
import { act, done, fail, wait } from '../../plan/step.ts';
import type { CutOverWork } from '../../work/assignment.ts';
import { terminalExitCodes } from '../../work/contract.ts';
import { deleteJob } from '../../work/job-effects.ts';
import { copiedSet, sidesOf } from '../copying.ts';
import {
  blockMs,
  cutOverJob,
  givingUp,
  isBlocked,
  isGuarded,
  latestTurn,
  lettingGo,
  liveSide,
  shuttingOut,
} from '../cutting-over.ts';
import { brokenUnder, ground, pointsAt, serves } from '../facts.ts';
import type { Observed, ObservedJob } from '../observed.ts';
import type { RunStep, RunVerdict } from '../step.ts';
import { atWork, failure, jobVerdict } from './run-job.ts';

/** As long as a request says nothing about it. */
const attemptsAtMost = 10;
/** How many Jobs in a row may end by what may mend. */
const mostJobs = 3;
const blockedByHandMs = 15_000;
const soonestMs = 200;

/**
 * Has a worker take the alias over: it follows the live version, and then blocks its writers for the last documents and the
 * switch (docs/design/0025). Looks on, and gives up in its place where it ended without a switch or takes too long.
 */
export const cutOver: RunStep = {
  name: 'cut-over',
  phase: 'Switching',
  look: o => {
    const live = liveSide(o);
    if (!live) return fail('Drifted', `${pointsAt(o)}: that was not switched by this run`);
    const job = cutOverJob(o);
    if (job && (job.state === 'active' || job.deleting)) return underWay(o, job);
    if (isGuarded(o)) return act('give the cut-over up that ended without a switch', ...givingUp(o));
    if (job && !mayMend(o, job)) return ended(o, job);
    if (!isServed(o)) return fail('Drifted', `${pointsAt(o)}, and not at what was copied`);
    if (isBlocked(live))
      return wait('WritesBlocked', `${live.name} is set to take no writes, and not by this run`, blockedByHandMs);
    const round = job ? job.round + 1 : 1;
    return jobVerdict(o, { step: cutOver.name, round, called: 'cut-over', work: workOf(o) }) ?? done;
  },
  letGo: lettingGo,
  undo: o => {
    const effects = shuttingOut(o);
    return effects.length > 0 ? act('give the cut-over up', ...effects) : done;
  },
  tell: { field: 'cutOver', of: attemptAtHand },
};

/** While its Job is there: how long writers have been refused decides, by what the operator has seen itself. */
function underWay(o: Observed, job: ObservedJob): RunVerdict {
  const leftMs = blockLeftMs(o);
  const { key, uid, deleting } = job;
  if (leftMs !== undefined && leftMs <= 0)
    return act('end a cut-over that takes too long', ...(deleting ? [] : [deleteJob({ key, uid })]), ...givingUp(o));
  if (deleting && job.state !== 'active' && isGuarded(o)) return act('give the cut-over up', ...givingUp(o));
  const verdict = atWork(o, job, workOf(o));
  if (verdict.is !== 'wait' || leftMs === undefined) return verdict;
  return { ...verdict, againInMs: Math.max(soonestMs, Math.min(verdict.againInMs, leftMs)) };
}

/** What is left of the time that writers may be refused; undefined = they are not, as far as was seen. */
function blockLeftMs(o: Observed): number | undefined {
  const since = attemptAtHand(o)?.blockedSince;
  return since === undefined ? undefined : Date.parse(since) + blockMs(o) - o.now.getTime();
}

/** By the names that stand on the live index: each attempt has its own. */
function attemptAtHand(o: Observed): ReindexRequestStatus['cutOver'] {
  const live = liveSide(o);
  const turn = live && latestTurn(live);
  if (!turn) return undefined;
  const before = o.request.status.cutOver;
  const isSame = before?.epoch === turn.epoch && before.attempt === turn.attempt;
  const since = (isSame ? before.blockedSince : undefined) ?? isoSeconds(o.now);
  return { ...turn, ...(isBlocked(live) && { blockedSince: since }) };
}

/** Its pods were tried again by Kubernetes already; another Job begins by looking at everything anew. */
function mayMend(o: Observed, { round, state, failure: why, said, uid }: ObservedJob): boolean {
  if (state !== 'failed' || why === 'DeadlineExceeded' || brokenUnder(o, uid) !== undefined) return false;
  return round < mostJobs && (said === undefined || !terminalExitCodes.includes(said.exitCode));
}

function ended(o: Observed, job: ObservedJob): RunVerdict {
  if (job.state === 'failed') return failure(o, job);
  return fail('Drifted', `${pointsAt(o)}, and Job ${job.key.name} says that it has switched`);
}

function workOf(o: Observed): CutOverWork {
  const live = liveSide(o);
  const { attempts = attemptsAtMost } = o.request.spec.copy ?? {};
  return {
    ...{ program: 'cut-over', ...sidesOf(o), blockMs: blockMs(o), attempts, moves: movesOf(o) },
    serving: live ? servingOf(live) : { settings: {}, dynamic: 'strict' },
  };
}

/** Every alias of the live index: what it points at now, and with the candidate in its place. */
function movesOf(o: Observed): CutOverWork['moves'] {
  const { alias, engine } = ground(o);
  const { from, index } = sidesOf(o);
  return [{ alias, members: engine.members }, ...engine.beside].map(({ alias: moved, members }) => ({
    ...{ alias: moved, expected: members },
    next: members.map(member => (member.index === from ? { ...member, index } : member)),
  }));
}

function isServed(o: Observed): boolean {
  const set = copiedSet(o);
  return set !== undefined && serves(ground(o).engine, set);
}
