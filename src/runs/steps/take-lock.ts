import { aliasLock } from '../../alias/effects/lock.ts';
import { versionSet } from '../../alias/version-set.ts';
import type { ReindexRequestStatus } from '../../api/reindex-request.ts';
import { act, done, fail, wait } from '../../plan/step.ts';
import { adoption } from '../adoption.ts';
import { begin, waitsFor } from '../begin.ts';
import { isCopied } from '../copying.ts';
import { brokenUnder, candidateIndex, ground, holdsLock, metaOf, serves, switchRecord } from '../facts.ts';
import { lostLock } from '../lost-lock.ts';
import type { Observed } from '../observed.ts';
import { nearPlaces, shownPlace, type Place } from '../queue.ts';
import type { RunStep, RunVerdict } from '../step.ts';
import { targetMissing } from './await-target.ts';

/** One run per alias: waits its turn, claims the alias for the IndexedRepo, takes the lock. */
export const takeLock: RunStep = {
  name: 'take-lock',
  phase: 'Pending',
  look: o => {
    const missing = targetMissing(o);
    if (missing) return missing;
    const lost = lostLock(o);
    if (!lost) return unrecordedSwitch(o) ?? done;
    if (hasWork(o) || brokenUnder(o, o.holder.uid) !== undefined) return lost;
    const verdict = inLine(o) ?? begin(o);
    const isBusy = verdict.is === 'wait' && verdict.reason === 'Queued';
    return isBusy && o.request.spec.whenBusy === 'Fail' ? fail('Busy', verdict.message) : verdict;
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

/**
 * A run that has Jobs, or the index that it builds, had the lock before: it must not quietly take it a second time. Its
 * Job alone is no proof, since one that stands is made anew.
 */
function hasWork(o: Observed): boolean {
  return o.jobs.length > 0 || (o.traits.builds && candidateIndex(o) !== undefined);
}

/** It is woken when its turn comes; this is for the place that it shows, and for what no watch tells. */
const nearMs = 10_000;
const farMs = 60_000;
/** How often it is tried whether what stands aside could begin, though it is not its turn. */
const asideMs = 30_000;

/** What stands aside keeps the place that it had: the places behind it are those of others by now. */
function placeShown(o: Observed): ReindexRequestStatus['queue'] {
  const before = o.request.status.queue;
  const waits = waitsFor(o);
  if (o.ahead && waits === 'in line') return shownPlace(o.ahead, before);
  const lease = o.engine?.lock?.lease;
  const foreign = lease?.held === true && lease.holder?.uid !== o.holder.uid;
  if (foreign) return { position: 1, behind: lease.holder?.name ?? 'somebody' };
  return waits === 'aside' ? (before ?? (o.ahead && shownPlace(o.ahead, before))) : undefined;
}

/** What stands aside waits for something else than its turn, and says for what. */
function inLine(o: Observed): RunVerdict | undefined {
  if (!o.ahead) return undefined;
  const other = o.aside ? begin(o) : undefined;
  if (other?.is === 'wait') return { ...other, againInMs: Math.max(other.againInMs, asideMs) };
  return other && other.is !== 'act' ? other : queued(o.ahead);
}

/** Says nothing that a start in front of it changes: its place is in `status.queue`. */
function queued({ limit, position, behind }: Place): RunVerdict {
  const inMs = position > nearPlaces ? farMs : nearMs;
  return limit
    ? wait('Queued', `waits for a place; SearchCluster ${limit.by} allows ${limit.runs} at once on this engine`, inMs)
    : wait('Queued', `number ${position} in the queue for its alias, behind ${behind}`, inMs);
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
  // A copy holds no commit.
  const isVerified = set.record?.commit != null || isCopied(set);
  if (!serves(engine, set) || !isOurs || !isVerified) return undefined;
  const adopted = adoption(o);
  return adopted
    ? act('go on with what an earlier run switched', adopted)
    : act('record what the run before switched', switchRecord(o, number));
}
