import { keepInStep } from '../../alias/effects/write-set.ts';
import { isoSeconds } from '../../domain/progress.ts';
import { versionName } from '../../domain/version.ts';
import { act, done, wait } from '../../plan/step.ts';
import { bakeEnd, isClosed } from '../control.ts';
import { ground, holdsLock, isCutShort, versionBefore } from '../facts.ts';
import { lostLock } from '../lost-lock.ts';
import type { Observed } from '../observed.ts';
import type { RunStep } from '../step.ts';
import { reportedFailures } from './bake-checks.ts';

/** How often a bake is looked at; the watch tells of an abort. */
const lookMs = 10_000;

/**
 * Keeps the version before in the write set for as long as the request says, and on at the gate after it: light runs bring
 * every push to both, so that a return loses nothing. Without a version to return to there is nothing to wait for.
 */
export const bake: RunStep = {
  name: 'bake',
  phase: 'Baking',
  look: o => {
    const before = versionBefore(o);
    const end = bakeEnd(o.request, o.now);
    if (!before || isCutShort(o) || (end === undefined && !isClosed(o.request, 'AfterBake'))) return done;
    const isOver = o.request.status.bakeUntil !== undefined && end !== undefined && end <= o.now;
    if (isOver && !isClosed(o.request, 'AfterBake')) return done;
    const lost = lostLock(o);
    if (lost) return lost;
    const { alias, record } = ground(o);
    if (record.live !== null && !record.writeSet.includes(before.number))
      return act('keep the version before in step', keepInStep({ alias, versions: [record.live, before.number] }));
    if (isOver || end === undefined) return done;
    const kept = `${versionName(alias, before.number)} is kept up to date until ${isoSeconds(end)}`;
    const message = `${kept}${reportedFailures(o)}`;
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

function until(o: Observed): string | undefined {
  const end = bakeEnd(o.request, o.now);
  return end && isoSeconds(end);
}
