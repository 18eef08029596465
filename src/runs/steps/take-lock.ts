import { ownerOf } from '../../alias/claimant.ts';
import { claimAlias } from '../../alias/effects/claim.ts';
import { aliasLock } from '../../alias/effects/lock.ts';
import type { LockSeen } from '../../alias/lock-watch.ts';
import { aliasTrouble, isHeir, isLeftBehind, isOwned, tokenFloor } from '../../alias/ownership.ts';
import { versionSet } from '../../alias/version-set.ts';
import type { Reason } from '../../api/reasons.ts';
import type { ReindexRequestStatus } from '../../api/reindex-request.ts';
import { isoSeconds } from '../../domain/progress.ts';
import { answerTo } from '../../plan/question.ts';
import { act, ask, done, fail, wait } from '../../plan/step.ts';
import { adoption } from '../adoption.ts';
import { brokenUnder, candidateIndex, ground, holdsLock, metaOf, serves, switchRecord } from '../facts.ts';
import { newestCommit } from '../newest-commit.ts';
import type { Observed } from '../observed.ts';
import { nearPlaces, shownPlace } from '../queue.ts';
import type { RunStep, RunVerdict } from '../step.ts';

/** One run per alias: waits its turn, claims the alias for the IndexedRepo, takes the lock. */
export const takeLock: RunStep = {
  name: 'take-lock',
  phase: 'Pending',
  look: o => {
    if (!o.target) return awaited(o) ?? fail(...targetGone(o));
    if (o.target.leavingSince !== undefined) return fail(...targetGone(o));
    if (holdsLock(o)) return unrecordedSwitch(o) ?? done;
    const broken = brokenUnder(o, o.holder.uid);
    if (broken !== undefined) return fail('LockBroken', broken);
    if (hasWork(o))
      return fail('LockLost', `the lock of ${o.target.alias} is no longer this request's: ${holderName(o)}`);
    return queue(o) ?? hindrance(o) ?? claim(o) ?? take(o);
  },
  undo: o =>
    holdsLock(o) && o.engine?.lock && o.target
      ? act(
          'give the lock back',
          aliasLock.release({ alias: o.target.alias, holder: o.holder, token: o.engine.lock.lease.token }),
        )
      : done,
  // Due when this process has seen the lock unmoved for a third of its lease.
  keep: o => {
    const lock = o.engine?.lock;
    if (!o.target || !lock || !holdsLock(o) || lock.stillMs < (lock.lease.leaseSeconds * 1000) / 3) return [];
    return [aliasLock.renew({ alias: o.target.alias, holder: o.holder, token: lock.lease.token })];
  },
  tell: {
    field: 'queue',
    of: (o, verdict) => (verdict?.is === 'wait' ? placeShown(o) : undefined),
  },
};

/** A request may be applied before its target, as in one file with it: so long it waits for one that was never there. */
const targetMs = 5 * 60_000;

function awaited({ request, now }: Observed): RunVerdict | undefined {
  const { creationTimestamp } = request.metadata;
  const until = Date.parse(creationTimestamp) + targetMs;
  if (request.status.started !== undefined || now.getTime() >= until) return undefined;
  const { name } = request.spec.target.repoRef;
  const message = `there is no IndexedRepo "${name}" in this namespace yet; it is waited for until ${isoSeconds(new Date(until))}`;
  // The watch tells when it comes.
  return wait('TargetNotFound', message, until - now.getTime());
}

function targetGone(o: Observed): readonly [Reason, string] {
  const { name } = o.request.spec.target.repoRef;
  if (o.request.status.started !== undefined)
    return ['TargetDeleted', `IndexedRepo "${name}" was deleted while the run was at work`];
  return ['TargetNotFound', `there is no IndexedRepo "${name}" in this namespace, or it is being deleted`];
}

/**
 * A run that has Jobs, or the index that it builds, had the lock before: it must not quietly take it a second time. Its
 * Job alone is no proof, since one that stands is made anew.
 */
function hasWork(o: Observed): boolean {
  return o.jobs.length > 0 || (o.traits.builds && candidateIndex(o) !== undefined);
}

/** A watch tells when something in front of it moves; this is for what no watch tells. */
const nearMs = 10_000;
const farMs = 60_000;

function placeShown(o: Observed): ReindexRequestStatus['queue'] {
  if (o.ahead) return shownPlace(o.ahead, o.request.status.queue);
  const lease = o.engine?.lock?.lease;
  const foreign = lease?.held === true && lease.holder?.uid !== o.holder.uid;
  return foreign ? { position: 1, behind: lease.holder?.name ?? 'somebody' } : undefined;
}

function queue(o: Observed): RunVerdict | undefined {
  if (!o.ahead) return undefined;
  const { limit } = o.ahead;
  const { position, behind } = shownPlace(o.ahead, o.request.status.queue);
  const why = limit ? `; SearchCluster ${limit.by} allows ${limit.runs} at once on this engine` : '';
  return o.ahead.position > nearPlaces
    ? wait('Queued', `more than ${nearPlaces} come first, it was number ${position} when it was queued${why}`, farMs)
    : wait('Queued', `number ${position} in the queue, behind ${behind}${why}`, nearMs);
}

function hindrance(o: Observed): RunVerdict | undefined {
  if (o.hindrance) return wait(o.hindrance.reason, o.hindrance.message, 15_000);
  // The way back stays open: a pause keeps new things from starting, not old ones from returning.
  if (o.target?.paused && !o.traits.startsWhilePaused)
    return wait('PausedBySpec', 'spec.paused of the IndexedRepo is true', 15_000);
  if (!o.engine) return wait('EngineUnavailable', 'the search engine was not asked yet', 5_000);
  // Without a commit nothing could be built: others on the cluster need not wait for that.
  if (!o.traits.builds || o.engine.lock?.lease.held === true) return undefined;
  const head = answerTo(o, newestCommit);
  if (!head) return ask(newestCommit);
  return head.is === 'problem' && !head.lasting ? wait(head.reason, head.message, 15_000) : undefined;
}

function claim(o: Observed): RunVerdict | undefined {
  const { target, engine } = o;
  if (!target || !engine) return undefined;
  const trouble = aliasTrouble(target, engine);
  if (trouble) return fail(trouble.reason, trouble.message);
  if (isOwned(target, engine)) return undefined;
  // Without it a deletion would leave the alias with an owner that is gone, and everything behind it.
  if (!target.mayOwn) return wait('Pending', `IndexedRepo ${target.name} gets its finalizer first`, 1000);
  if (isHeir(target, engine)) return wait('Pending', `IndexedRepo ${target.name} takes its alias over first`, 1000);
  const { doubt } = engine;
  if (isLeftBehind(engine) && doubt) return wait(doubt.reason, doubt.message, 5_000);
  return act('claim the alias', claimAlias({ alias: target.alias, owner: ownerOf(target, engine) }));
}

function take(o: Observed): RunVerdict {
  const alias = o.target?.alias ?? '';
  const { holder, leaseSeconds } = o;
  const request = { alias, holder, leaseSeconds, tokenFloor: tokenFloor(o.target, o.engine) };
  const lock = o.engine?.lock;
  if (!lock?.lease.held) return act('take the lock', aliasLock.take(request));
  const doubt = o.engine?.doubt;
  if (isAbandoned(lock) && doubt) {
    const way = `to go on before that, reindeer lock break ${alias} --reason TEXT`;
    return wait(doubt.reason, `${doubt.message}; the lock is ${holderName(o)}, which is silent: ${way}`, 5_000);
  }
  if (isAbandoned(lock))
    return act('take over from a dead holder', aliasLock.takeOver({ ...request, seqNo: lock.seqNo }));
  const until = lock.holderOurs ? '' : `, until it has not renewed its lease of ${lock.lease.leaseSeconds} s`;
  return wait('Queued', `the lock is ${holderName(o)}${until}`, 5_000);
}

/**
 * The run before died for good between its switch and the record of it, say with its finalizer taken away by force. The
 * alias decides on which side of a switch we are.
 */
function unrecordedSwitch(o: Observed): RunVerdict | undefined {
  const { target, record, engine, alias } = ground(o);
  const number = record.candidate;
  if (number === null || number === record.live) return undefined;
  const set = versionSet(engine, alias, number);
  const isOurs = set.indices.every(index => metaOf(index).ownerUid === target.uid);
  const isVerified = set.record?.commit != null;
  if (!serves(engine, set) || !isOurs || !isVerified) return undefined;
  const adopted = adoption(o);
  return adopted
    ? act('go on with what an earlier run switched', adopted)
    : act('record what the run before switched', switchRecord(o, number));
}

/**
 * Kubernetes is the authority on our own requests; anybody else, and what another operator or an earlier release holds,
 * must have been seen unmoved for a whole lease.
 */
function isAbandoned(lock: LockSeen): boolean {
  if (lock.holderOurs) return lock.holderGone;
  return lock.stillMs >= lock.lease.leaseSeconds * 1000;
}

function holderName(o: Observed): string {
  const lease = o.engine?.lock?.lease;
  return lease?.held ? `held by ${lease.holder?.name ?? 'somebody'}` : 'nobody holds it';
}
