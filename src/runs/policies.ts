import { hasFinalizer } from '../alias/ownership.ts';
import { durationMs } from '../api/duration.ts';
import { findCondition } from '../domain/conditions.ts';
import type { Problem } from '../domain/problem.ts';
import { fail, wait } from '../plan/step.ts';
import { keeping, walk } from '../plan/walk.ts';
import { deleteJob } from '../work/job-effects.ts';
import { decided, type Outcome, type RunLooked } from './decision.ts';
import { ended, isDeleting, undone } from './ending.ts';
import { hasRetired, isPaused, pausedMs } from './control.ts';
import {
  candidateIndex,
  candidateSet,
  holdsLock,
  isReturning,
  isSwitched,
  liveByItsNamesake,
  pointsAt,
  serves,
  versionBefore,
} from './facts.ts';
import type { Observed } from './observed.ts';
import { isFinished } from './queue.ts';
import type { RunEffect, RunStanding, RunVerdict } from './step.ts';
import { strategyOf } from './strategies.ts';

/** What decides about a run before its steps are asked. Undefined = this policy has nothing to say now. */
export type Policy = { readonly name: string; readonly decide: (o: Observed) => RunLooked | undefined };

const finished: Policy = {
  name: 'finished',
  decide: o => {
    const outcome = writtenOutcome(o);
    return outcome && isFinished(o.request) ? decided(ended(o, outcome)) : undefined;
  },
};

const deleting: Policy = {
  name: 'deleting',
  decide: o => (isDeleting(o) ? undone(o, writtenOutcome(o) ?? deleted) : undefined),
};

const deleted: Outcome = { succeeded: false, reason: 'Deleting', message: 'the request was deleted while it ran' };

/** Neither a deletion nor an abort waits for the end of a pause, and what ended is cleaned up: only a return stands still. */
const paused: Policy = {
  name: 'paused',
  decide: o => {
    if (!isPaused(o.request) || o.target?.leavingSince !== undefined) return undefined;
    // A run that goes before this one ends its bake.
    if (o.preemptedBy !== undefined && isSwitched(o)) return undefined;
    const outcome = writtenOutcome(o);
    if (outcome && !(isReturning(o) && isSwitched(o))) return undefined;
    const problem = { reason: 'PausedBySpec', message: 'spec.paused of the request is true' } as const;
    const effects = [...stopped(o), ...letGo(o), ...kept(o)];
    return outcome
      ? decided({ is: 'undoing', outcome, effects, refusal: problem, againInMs: hinderedMs })
      : decided({ is: 'walking', standing: standingBy(problem), effects, againInMs: hinderedMs });
  },
};

/** Its outcome stands in its status, and not yet that all is done. */
const ending: Policy = {
  name: 'ending',
  decide: o => {
    const outcome = writtenOutcome(o);
    return outcome && (outcome.succeeded ? decided(ended(o, outcome)) : undone(o, outcome));
  },
};

/**
 * A rollback does not queue behind a rebuild of hours, nor behind one that is paused: the run in its way is aborted, and
 * cleaned up before it begins. One that has switched ends its bake instead.
 */
const superseded: Policy = {
  name: 'superseded',
  decide: o => {
    if (o.preemptedBy === undefined || o.request.status.started === undefined) return undefined;
    if (!o.engine || o.hindrance || isSwitched(o) || writtenOutcome(o)) return undefined;
    return lettingGo(o) ?? standingStill(fail('Superseded', `${o.preemptedBy} goes before it`));
  },
};

/** Before the switch all of it is undone, in a bake the version before serves again; later it is too late. */
const aborted: Policy = {
  name: 'aborted',
  decide: o => {
    const { spec, status } = o.request;
    if (spec.abort !== true || (status.started !== undefined && !o.engine)) return undefined;
    if (isMovedByHand(o)) return standingStill(givenUpWhereItStands(o));
    if (!isSwitched(o)) return lettingGo(o) ?? standingStill(fail('Aborted', 'spec.abort was set'));
    if (!versionBefore(o) || !mayGoBack(o)) return undefined;
    return standingStill(returned(o));
  },
};

function returned({ request }: Observed): RunVerdict {
  return fail('RolledBack', `spec.abort was set in the bake: ${request.status.from?.name ?? ''} serves again`);
}

/** The records say that its version serves, and the alias does not. */
function isMovedByHand(o: Observed): boolean {
  const live = o.engine?.record?.live;
  return live != null && live === candidateSet(o)?.number && !isSwitched(o);
}

/** Where the alias was moved to the version before, that is the return: it is only written down. Anything else is left as it is. */
function givenUpWhereItStands(o: Observed): RunVerdict {
  const before = versionBefore(o);
  const mayReturn = holdsLock(o) && !hasRetired(o.request.status);
  if (before && o.engine && serves(o.engine, before) && mayReturn) return returned(o);
  return fail('Drifted', `${pointsAt(o)}: spec.abort moves nothing that was moved by hand`);
}

/** The steps stand between the switch and the end of the way back, whatever the status says yet. */
function mayGoBack(o: Observed): boolean {
  if (!isSwitched(o) || !o.engine?.record) return false;
  const { steps, baking } = strategyOf(o.request);
  const { at } = walk(steps, o);
  return at !== undefined && baking.includes(at);
}

/** What it asks for serves already, and not because of this run: then it owns nothing either. */
const alreadyServing: Policy = {
  name: 'already serving',
  decide: o => {
    if (o.request.status.started !== undefined || hasFinalizer(o.request)) return undefined;
    const live = o.traits.builds ? liveByItsNamesake(o) : isSwitched(o) && candidateIndex(o);
    if (!live) return undefined;
    const message = `${live.name} serves already: nothing was done`;
    return decided(ended(o, { succeeded: true, reason: 'AlreadyLive', message }));
  },
};

/**
 * Something outside of this run keeps it from going on: it waits where it is, and keeps what it holds. A paused cluster also
 * stops the Jobs that are at work.
 */
const hindered: Policy = {
  name: 'hindered',
  decide: o => {
    if (!o.hindrance || o.target?.leavingSince !== undefined) return undefined;
    const effects = [...(o.hindrance.reason === 'ClusterPaused' ? [...stopped(o), ...letGo(o)] : []), ...kept(o)];
    return decided({ is: 'walking', standing: standingBy(o.hindrance), effects, againInMs: hinderedMs });
  },
};

const hinderedMs = 15_000;

function standingBy({ reason, message }: Problem): RunStanding {
  return { done: [], verdict: wait(reason, message, hinderedMs) };
}

/** Each Job stops at its last finished batch; it is made again afterwards and goes on from there. */
function stopped({ jobs }: Observed): readonly RunEffect[] {
  const active = jobs.filter(job => job.state === 'active' && !job.deleting);
  return active.map(({ key, uid }) => deleteJob({ key, uid }));
}

/** What no step may have under way while the run stands still. */
function letGo(o: Observed): readonly RunEffect[] {
  return o.engine ? strategyOf(o.request).steps.flatMap(step => step.letGo?.(o) ?? []) : [];
}

/** The same before a run ends by a word: what is under way may come to its end first, and then it is too late for that. */
function lettingGo(o: Observed): RunLooked | undefined {
  const effects = letGo(o);
  if (effects.length === 0) return undefined;
  const standing = standingBy({ reason: 'Running', message: 'what is under way is given up first' });
  return decided({ is: 'walking', standing, effects: [...stopped(o), ...effects], againInMs: letGoMs });
}

const letGoMs = 1_000;

function kept(o: Observed): readonly RunEffect[] {
  return o.engine ? keeping(walk(strategyOf(o.request).steps, o), o) : [];
}

const overdue: Policy = {
  name: 'overdue',
  decide: o => {
    const { started } = o.request.status;
    if (started === undefined || isSwitched(o)) return undefined;
    const { deadline } = o.request.spec;
    const workedMs = o.now.getTime() - Date.parse(started) - pausedMs(o.request, o.now);
    const isOver = workedMs > durationMs(deadline);
    if (!isOver) return undefined;
    return lettingGo(o) ?? standingStill(fail('DeadlineExceeded', `not done within ${deadline}`));
  },
};

/** Asked in this order; the first that answers decides. */
export const policies: readonly Policy[] = [
  finished,
  deleting,
  superseded,
  paused,
  ending,
  aborted,
  alreadyServing,
  hindered,
  overdue,
];

function standingStill(verdict: RunVerdict): RunLooked {
  return decided({ is: 'walking', standing: { done: [], verdict }, effects: [] });
}

/** The outcome stands in the Succeeded condition before anything is undone, so a crash in between cannot lose it. */
function writtenOutcome({ request }: Observed): Outcome | undefined {
  const condition = findCondition(request.status.conditions, 'Succeeded');
  if (condition === undefined || condition.status === 'Unknown') return undefined;
  return { succeeded: condition.status === 'True', reason: condition.reason, message: condition.message };
}
