import { isRecorded } from '../alias/bare-trouble.ts';
import { ownerOf } from '../alias/claimant.ts';
import { adoptedVersion, adoptIndex } from '../alias/effects/adopt.ts';
import { claimAlias } from '../alias/effects/claim.ts';
import { aliasLock } from '../alias/effects/lock.ts';
import type { LockSeen } from '../alias/lock-watch.ts';
import { isHeir, isLeftBehind, isOwned, tokenFloor } from '../alias/ownership.ts';
import { isoSeconds } from '../domain/progress.ts';
import { answerTo } from '../plan/question.ts';
import { act, ask, fail, wait } from '../plan/step.ts';
import { isPaused } from './control.ts';
import { newestCommit } from './newest-commit.ts';
import type { EngineSide, Observed } from './observed.ts';
import type { RunVerdict } from './step.ts';
import { targetTrouble, type Target } from './target.ts';
import type { Waits } from './line.ts';

/** What it takes to begin once it is its turn: nothing in its way, the alias claimed, its lock taken. */
export function begin(o: Observed): RunVerdict {
  return hindrance(o) ?? claim(o) ?? take(o);
}

/**
 * How a request that has not begun waits, as this look finds it. What stands aside is asked what it would do, though it is not
 * its turn: it comes back to its place as soon as nothing else is in its way.
 */
export function waitsFor(o: Observed): Waits {
  if (o.hindrance || isPaused(o.request)) return 'aside';
  const began = o.ahead && !o.aside ? undefined : begin(o);
  if (began?.is !== 'wait') return o.ahead ? 'in line' : 'begins';
  // An IndexedRepo that was only just applied is a moment behind its request.
  return began.reason === 'Pending' && !o.aside ? 'begins' : 'aside';
}

function hindrance(o: Observed): RunVerdict | undefined {
  if (o.hindrance) return wait(o.hindrance.reason, o.hindrance.message, 15_000);
  // The way back stays open: a pause keeps new things from starting, not old ones from returning.
  if (o.target?.paused && !o.traits.startsWhilePaused)
    return wait('PausedBySpec', 'spec.paused of the IndexedRepo is true', 15_000);
  if (!o.engine) return wait('EngineUnavailable', 'the search engine was not asked yet', 5_000);
  // Without a commit nothing could be built: others on the cluster need not wait for that.
  if (!o.traits.builds || o.target?.is !== 'Repo' || o.engine.lock?.lease.held === true) return undefined;
  const head = answerTo(o, newestCommit);
  if (!head) return ask(newestCommit);
  return head.is === 'problem' && !head.lasting ? wait(head.reason, head.message, 15_000) : undefined;
}

function claim(o: Observed): RunVerdict | undefined {
  const { target, engine } = o;
  if (!target || !engine) return undefined;
  const trouble = targetTrouble(target, engine);
  if (trouble) return fail(trouble.reason, trouble.message);
  if (isOwned(target, engine)) return adoption(o, target, engine);
  // Without it a deletion would leave the alias with an owner that is gone, and everything behind it.
  if (!target.mayOwn) return wait('Pending', `IndexedRepo ${target.name} gets its finalizer first`, 1000);
  if (isHeir(target, engine)) return wait('Pending', `IndexedRepo ${target.name} takes its alias over first`, 1000);
  const { doubt } = engine;
  if (isLeftBehind(target, engine) && doubt) return wait(doubt.reason, doubt.message, 5_000);
  return act('claim the alias', claimAlias({ alias: target.alias, owner: ownerOf(target, engine) }));
}

/** What a bare alias serves is written down before its lock is taken: of several runs that do, all write the same. */
function adoption({ now }: Observed, target: Target, engine: EngineSide): RunVerdict | undefined {
  if (target.is !== 'Alias' || isRecorded(engine)) return undefined;
  const record = adoptedVersion(target, engine, isoSeconds(now));
  return record && act(`adopt ${record.index}`, adoptIndex({ record }));
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
 * Kubernetes is the authority on our own requests; anybody else, and what another operator or an earlier release holds,
 * must have been seen unmoved for a whole lease.
 */
function isAbandoned(lock: LockSeen): boolean {
  if (lock.holderOurs) return lock.holderGone;
  return lock.stillMs >= lock.lease.leaseSeconds * 1000;
}

/** Whose the lock is, for people. */
export function holderName(o: Observed): string {
  const lease = o.engine?.lock?.lease;
  return lease?.held ? `held by ${lease.holder?.name ?? 'somebody'}` : 'nobody holds it';
}
