import { hasFinalizer } from '../alias/ownership.ts';
import { durationMs } from '../api/duration.ts';
import { findCondition } from '../domain/conditions.ts';
import { fail, wait } from '../plan/step.ts';
import { keeping, walk } from '../plan/walk.ts';
import { deleteJob } from '../work/job-effects.ts';
import { decided, type Outcome, type RunLooked } from './decision.ts';
import { ended, isDeleting, undone } from './ending.ts';
import { candidateIndex, isSwitched, liveByItsNamesake } from './facts.ts';
import type { Observed } from './observed.ts';
import { isFinished } from './queue.ts';
import type { RunVerdict } from './step.ts';
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

/** Its outcome stands in its status, and not yet that all is done. */
const ending: Policy = {
  name: 'ending',
  decide: o => {
    const outcome = writtenOutcome(o);
    return outcome && (outcome.succeeded ? decided(ended(o, outcome)) : undone(o, outcome));
  },
};

/** A rollback does not queue behind a rebuild of hours: the run in its way is aborted, and cleaned up before it begins. */
const superseded: Policy = {
  name: 'superseded',
  decide: o => {
    if (o.preemptedBy === undefined || o.request.status.started === undefined) return undefined;
    if (!o.engine || o.hindrance || isSwitched(o)) return undefined;
    return standingStill(fail('Superseded', `${o.preemptedBy} goes back to an earlier version`));
  },
};

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
 * stops the Jobs that are at work (each at its last finished batch); they are made again afterwards and go on from there.
 */
const hindered: Policy = {
  name: 'hindered',
  decide: o => {
    if (!o.hindrance || o.target?.leavingSince !== undefined) return undefined;
    const { reason, message } = o.hindrance;
    const stopped = reason === 'ClusterPaused' ? o.jobs.filter(job => job.state === 'active' && !job.deleting) : [];
    const kept = o.engine ? keeping(walk(strategyOf(o.request).steps, o), o) : [];
    const effects = [...stopped.map(({ key, uid }) => deleteJob({ key, uid })), ...kept];
    const standing = { done: [], verdict: wait(reason, message, hinderedMs) };
    return decided({ is: 'walking', standing, effects, againInMs: hinderedMs });
  },
};

const hinderedMs = 15_000;

const overdue: Policy = {
  name: 'overdue',
  decide: o => {
    const { started } = o.request.status;
    if (started === undefined || isSwitched(o)) return undefined;
    const { deadline } = o.request.spec;
    const isOver = o.now.getTime() - Date.parse(started) > durationMs(deadline);
    return isOver ? standingStill(fail('DeadlineExceeded', `not done within ${deadline}`)) : undefined;
  },
};

/** Asked in this order; the first that answers decides. */
export const policies: readonly Policy[] = [finished, deleting, ending, superseded, alreadyServing, hindered, overdue];

function standingStill(verdict: RunVerdict): RunLooked {
  return decided({ is: 'walking', standing: { done: [], verdict }, effects: [] });
}

/** The outcome stands in the Succeeded condition before anything is undone, so a crash in between cannot lose it. */
function writtenOutcome({ request }: Observed): Outcome | undefined {
  const condition = findCondition(request.status.conditions, 'Succeeded');
  if (condition === undefined || condition.status === 'Unknown') return undefined;
  return { succeeded: condition.status === 'True', reason: condition.reason, message: condition.message };
}
