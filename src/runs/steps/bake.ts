import { keepInStep } from '../../alias/effects/write-set.ts';
import { durationMs } from '../../api/duration.ts';
import { isoSeconds } from '../../domain/progress.ts';
import { versionName } from '../../domain/version.ts';
import { act, done, fail, wait } from '../../plan/step.ts';
import { holderName } from '../begin.ts';
import { isPaused, pausedSince } from '../control.ts';
import { brokenUnder, ground, holdsLock, versionBefore } from '../facts.ts';
import type { Observed } from '../observed.ts';
import type { RunStep } from '../step.ts';

/** How often a bake is looked at; the watch tells of an abort. */
const lookMs = 10_000;

/**
 * Keeps the version before in the write set for as long as the request says: light runs bring every push to both, so that a
 * return loses nothing. Without a version to return to there is nothing to wait for.
 */
export const bake: RunStep = {
  name: 'bake',
  phase: 'Baking',
  look: o => {
    const before = versionBefore(o);
    const end = bakeEnd(o);
    if (!before || end === undefined || (o.request.status.bakeUntil !== undefined && end <= o.now)) return done;
    const { alias, record } = ground(o);
    if (!holdsLock(o)) {
      const broken = brokenUnder(o, o.holder.uid);
      if (broken !== undefined) return fail('LockBroken', broken);
      return fail('LockLost', `the lock of ${alias} is no longer this request's: ${holderName(o)}`);
    }
    if (record.live !== null && !record.writeSet.includes(before.number))
      return act('keep the version before in step', keepInStep({ alias, versions: [record.live, before.number] }));
    const message = `${versionName(alias, before.number)} is kept up to date until ${isoSeconds(end)}`;
    return wait('Baking', message, Math.min(lookMs, Math.max(0, end.getTime() - o.now.getTime())));
  },
  undo: o => endOfBake(o) ?? done,
  tell: {
    field: 'bakeUntil',
    of: (o, verdict) => (verdict?.is === 'wait' ? until(o) : o.request.status.bakeUntil),
  },
};

/** Writes go to the live version alone again. Undefined = they do. */
export function endOfBake(o: Observed) {
  const record = o.engine?.record;
  if (!record || record.live === null || record.writeSet.length <= 1 || !holdsLock(o)) return undefined;
  return act('end the bake', keepInStep({ alias: record.alias, versions: [record.live] }));
}

/** When the bake is over: it begins with the first look at it, and does not go on while the run is paused. */
function bakeEnd({ request, now }: Observed): Date | undefined {
  const { bake: asked } = request.spec;
  if (!asked) return undefined;
  const { bakeUntil } = request.status;
  if (bakeUntil === undefined) return new Date(now.getTime() + durationMs(asked.for));
  const since = pausedSince(request);
  const stoodMs = since === undefined || isPaused(request) ? 0 : now.getTime() - Math.max(Date.parse(since), 0);
  return new Date(Date.parse(bakeUntil) + stoodMs);
}

function until(o: Observed): string | undefined {
  const end = bakeEnd(o);
  return end && isoSeconds(end);
}
