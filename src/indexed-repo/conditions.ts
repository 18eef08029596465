import { claimantOf } from '../alias/claimant.ts';
import { aliasLost, aliasTrouble } from '../alias/ownership.ts';
import { durationMs } from '../api/duration.ts';
import { reasons } from '../api/reasons.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import { type ConditionUpdate, findCondition, hasCondition } from '../domain/conditions.ts';
import type { Problem } from '../domain/problem.ts';
import { shortRef } from '../domain/ref.ts';
import type { Head } from '../runs/observed.ts';
import { hasFailed } from '../runs/queue.ts';
import { needsHuman } from '../work/pod-trouble.ts';
import { behindSince, type Decision } from './decide.ts';
import { dueToBuild, rebuildDue } from './due.ts';
import { lightStanding } from './light-standing.ts';
import { isKeptByLock } from './light.ts';
import type { Observed } from './observed.ts';
import { runningRequest } from './owned-requests.ts';

/**
 * The six conditions of an IndexedRepo, one function each. What waits for a human does not go on by itself: Stalled and
 * Reconciling exclude each other, and what keeps Ready from being True gives it its reason.
 */
export function repoConditions(o: Observed, decision: Decision): readonly ConditionUpdate[] {
  const waits = stalled(o, decision);
  const works = reconciling(o, decision, waits);
  return [ready(o, waits, works), fresh(o, decision), works, waits, locked(o), paused(o)];
}

/** Does the alias resolve to a version that is ours and was verified, however old? */
function ready(o: Observed, waits: ConditionUpdate, works: ConditionUpdate): ConditionUpdate {
  const type = 'Ready';
  const { engine } = o;
  if (!engine) return { type, status: 'Unknown', ...unasked(o) };
  const trouble =
    aliasTrouble(claimantOf(o.repo), engine) ??
    (engine.live?.commit ? aliasLost(claimantOf(o.repo), engine) : undefined);
  if (trouble) return { type, status: 'False', ...trouble };
  if (!engine.live?.commit) {
    const { reason, message } = [waits, works].find(each => each.status === 'True') ?? nothingBuilt;
    return { type, status: 'False', reason, message };
  }
  const { live } = engine;
  const message = `${o.repo.spec.alias} serves ${live.index} from commit ${live.commit ?? ''}`;
  return { type, status: 'True', reason: 'Live', message };
}

const nothingBuilt: Problem = { reason: 'NoLiveVersion', message: 'no version was built yet' };

/** Why the engine has not said how things stand. */
function unasked({ hindrance }: Observed): Problem {
  return hindrance ?? { reason: 'EngineUnavailable', message: 'the engine was not asked yet' };
}

/** Is the live commit the newest seen, or behind for less than freshWithin? */
function fresh(o: Observed, decision: Decision): ConditionUpdate {
  const type = 'Fresh';
  const { head, engine } = o;
  if (engine && !engine.live?.commit) return { type, status: 'False', ...nothingBuilt };
  if (head?.is === 'problem') return { type, status: 'Unknown', reason: head.reason, message: head.message };
  if (!head) return { type, status: 'Unknown', ...remoteUnasked(o) };
  if (!engine?.live) return { type, status: 'Unknown', ...unasked(o) };
  const since = behindSince(o);
  if (since === undefined) {
    const message = `commit ${head.commit}${ofRef(head)} is live`;
    // It is, and yet a run that shall change what is selected of it stands, or waits for its place.
    const waits = standingRun(o)?.trouble ?? waitsForPlace(o, decision);
    if (waits) return { type, status: 'True', reason: waits.reason, message: `${message}; ${waits.message}` };
    return { type, status: 'True', reason: 'UpToDate', message };
  }
  const inTime = o.now.getTime() - Date.parse(since) < durationMs(o.repo.spec.freshWithin);
  const status = inTime ? 'True' : 'False';
  const message = `behind commit ${head.commit}${ofRef(head)} since ${since}`;
  const why = notYetLive(o, decision);
  return { type, status, reason: why?.reason ?? 'Behind', message: why ? `${message}; ${why.message}` : message };
}

/** Why no light run brings the newest commit now; undefined = one does, or is about to. */
function notYetLive(o: Observed, decision: Decision): Problem | undefined {
  const { refusal } = decision;
  if (refusal && refusal.effect.marks.includes('starts-work'))
    return { reason: refusal.reason, message: `no light run can start: ${refusal.message}` };
  const obstacle = standingRun(o)?.trouble ?? (isKeptByLock(o) ? lockSilence(o) : undefined);
  if (obstacle) return obstacle;
  const { failures, last } = lightStanding(o);
  const waits = waitsForPlace(o, decision);
  if (failures === 0 || !last) return waits;
  const tries = `the last ${failures} light runs failed, ${last.job} with ${last.reason}`;
  return { reason: 'RunFailed', message: waits ? `${tries}; ${waits.message}` : tries };
}

function waitsForPlace({ lightLimit }: Observed, { light }: Decision): Problem | undefined {
  if (light?.is !== 'queued') return undefined;
  const limit = `SearchCluster ${lightLimit.by} allows ${lightLimit.runs} light runs at once on this engine`;
  return { reason: 'Queued', message: `the next light run waits for a place; ${limit}` };
}

/** The branch or tag that the ref, or HEAD, stands for now. */
function ofRef({ refName = '' }: Extract<Head, { is: 'found' }>): string {
  return refName === '' ? '' : ` of ${shortRef(refName)}`;
}

/** Why the remote was not asked for its newest commit. */
function remoteUnasked({ repo, schedule }: Observed): Problem {
  if (repo.metadata.deletionTimestamp !== undefined)
    return { reason: 'Deleting', message: 'the remote is not asked any more' };
  if (schedule.is === 'invalid') return { reason: schedule.reason, message: schedule.message };
  if (repo.spec.paused) return { reason: 'PausedBySpec', message: 'the remote is not asked while spec.paused is true' };
  return { reason: 'Pending', message: 'the remote was not asked yet' };
}

/** Is the declared shape not live yet? Never True for a routine light run. */
function reconciling(o: Observed, { refusal }: Decision, waits: ConditionUpdate): ConditionUpdate {
  const type = 'Reconciling';
  const { reason, message } = waits;
  if (waits.status === 'True') return { type, status: 'False', reason, message };
  if (o.repo.metadata.deletionTimestamp !== undefined)
    return { type, status: 'True', reason: 'Deleting', message: 'cleaning up as deletionPolicy says' };
  if (refusal && !refusal.effect.marks.includes('starts-work'))
    return { type, status: 'True', reason: refusal.reason, message: refusal.message };
  const request = runningRequest(o);
  if (request) return { type, status: 'True', ...atWork(request) };
  if (!o.engine) return { type, status: 'Unknown', ...unasked(o) };
  const [due] = dueToBuild(o);
  if (due) return { type, status: 'True', reason: due.reason, message: due.message };
  const left = rebuildDue(o).find(({ reason, is }) => reason === 'SpecChanged' && is === 'reported');
  if (left) return { type, status: 'False', reason: 'RebuildDue', message: `${left.reason}: ${left.message}` };
  return { type, status: 'False', reason: 'Idle', message: 'the declared shape is live' };
}

/** Does it wait for a human? */
function stalled(o: Observed, decision: Decision): ConditionUpdate {
  const type = 'Stalled';
  const problem = lastingProblem(o, decision);
  if (problem) return { type, status: 'True', reason: problem.reason, message: problem.message };
  const warning = unassignable(o) ?? ({ reason: 'Idle', message: 'nothing waits for a human' } as const);
  return { type, status: 'False', ...warning };
}

/** Everything serves, but copies that were asked for have no node to be on: worth saying, and nothing to wait for. */
function unassignable({ engine, repo }: Observed): Problem | undefined {
  const health = engine?.health;
  if (!health || health.status !== 'yellow' || health.initializingShards + health.relocatingShards > 0)
    return undefined;
  const copies = health.activeShards + health.unassignedShards;
  const { replicas } = repo.spec.index;
  return {
    reason: 'ReplicasUnassignable',
    message: `${health.unassignedShards} of ${copies} shard copies have no node: index.replicas ${replicas} takes ${replicas + 1} nodes that may hold them`,
  };
}

function lastingProblem(o: Observed, { rebuild, refusal }: Decision): Problem | undefined {
  if (refusal && (refusal.isFinal || reasons[refusal.reason].lasts)) return refusal;
  if (o.repo.metadata.deletionTimestamp !== undefined) return rebuild.is === 'stalled' ? rebuild : undefined;
  if (o.engine?.doubt?.reason === 'OperatorTwin') return o.engine.doubt;
  if (o.schedule.is === 'invalid') return o.schedule;
  if (o.rebuildSchedule?.is === 'invalid')
    return { ...o.rebuildSchedule, message: `spec.rebuild.schedule: ${o.rebuildSchedule.message}` };
  const alias = o.engine && (aliasTrouble(claimantOf(o.repo), o.engine) ?? aliasLost(claimantOf(o.repo), o.engine));
  if (alias) return alias;
  if (o.head?.is === 'problem' && o.head.lasting) return o.head;
  if (o.hindrance && reasons[o.hindrance.reason].lasts) return o.hindrance;
  return rebuild.is === 'stalled' ? rebuild : (stalledRun(o) ?? heldBack(o));
}

/** A run of either kind that has stood for so long that somebody should look. */
function stalledRun(o: Observed): Problem | undefined {
  const request = runningRequest(o);
  const isStalled = hasCondition(request?.status.conditions, 'Stalled');
  // One that has failed is told of when its next try is decided.
  if (request && isStalled && !hasFailed(request)) return atWork(request);
  const job = standingRun(o);
  return job?.trouble && needsHuman(job.trouble, job, o.now) ? job.trouble : undefined;
}

function standingRun(o: Observed): Observed['jobs'][number] | undefined {
  return o.jobs.find(job => job.trouble !== undefined);
}

/** What a run that waits says of itself; of one that moves no more than that it does: its steps are its own to tell. */
function atWork(request: ReindexRequest): Problem {
  const { name } = request.metadata;
  const told = findCondition(request.status.conditions, 'Reconciling');
  return told === undefined || told.reason === 'Running' || hasFailed(request)
    ? { reason: 'Building', message: `ReindexRequest ${name} is at work` }
    : { reason: told.reason, message: `ReindexRequest ${name}: ${told.message}` };
}

function heldBack(o: Observed): Problem | undefined {
  const held = rebuildDue(o).find(({ is }) => is === 'held');
  if (!held) return undefined;
  const message = `${held.message}; held since the rollback, until index, worker.image or rebuild.revision changes`;
  return { reason: 'HeldBack', message };
}

function locked(o: Observed): ConditionUpdate {
  const type = 'Locked';
  const lock = o.engine?.lock;
  if (!lock?.held) return { type, status: 'False', reason: 'Free', message: 'nobody holds the alias' };
  const silence = lockSilence(o);
  if (silence) return { type, status: 'True', ...silence };
  const name = lock.holder?.name ?? 'somebody';
  return {
    type,
    status: 'True',
    reason: lock.holder?.kind === 'External' ? 'HeldOutside' : 'HeldByRequest',
    message: `held by ${name}`,
  };
}

/** The holder may be gone without a word: who it is, and what a human can do. */
function lockSilence({ engine, repo }: Observed): Problem | undefined {
  if (engine?.lockSilentSince === undefined) return undefined;
  const name = engine.lock?.holder?.name ?? 'somebody';
  const way = `if it is gone: reindeer lock break ${repo.spec.alias} --reason TEXT`;
  return {
    reason: 'LockSilent',
    message: `held by ${name}, which has not renewed its lease since ${engine.lockSilentSince}; ${way}`,
  };
}

function paused(o: Observed): ConditionUpdate {
  const type = 'Paused';
  if (o.repo.spec.paused)
    return { type, status: 'True', reason: 'PausedBySpec', message: 'spec.paused is true; the alias serves on' };
  if (o.cluster?.spec.paused)
    return {
      type,
      status: 'True',
      reason: 'ClusterPaused',
      message: `SearchCluster ${o.cluster.metadata.name} is paused`,
    };
  return { type, status: 'False', reason: 'NotPaused', message: 'nothing is paused' };
}
