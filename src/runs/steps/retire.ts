import { deletionOf } from '../../alias/effects/delete-version.ts';
import { retiredOf, type Retired } from '../../alias/ownership.ts';
import { durationMs } from '../../api/duration.ts';
import { versionsToDelete } from '../../domain/retention.ts';
import { versionName } from '../../domain/version.ts';
import { answerTo } from '../../plan/question.ts';
import { act, ask, done, wait } from '../../plan/step.ts';
import { ground, holdsLock, metaOf } from '../facts.ts';
import type { EngineSide, Observed } from '../observed.ts';
import { engineQuestion, type RunStep, type RunVerdict } from '../step.ts';
import { lostLock } from '../lost-lock.ts';
import { endOfBake } from './bake.ts';
import { releaseLock } from './release-lock.ts';

/** How many searches hold each version open that is to go, by its number. */
export const openReaders = engineQuestion('readers of versions that are to go', async (o, { engine }) => {
  const read = await Promise.all(
    leaving(o).map(async ({ number, indices }) => {
      const names = indices.map(({ name }) => name);
      return [number, names.length === 0 ? 0 : await engine.indices.openReaders(names)] as const;
    }),
  );
  return new Map(read);
});

/** So long a version that is still read keeps the run from its end; then a later run deletes it. */
const patienceMs = 600_000;
const readersMs = 10_000;

/**
 * Deletes what retention no longer wants, and forgets what somebody else deleted; what stays can be returned to. A search
 * that reads a version over and over would fail with it: such a version is waited for.
 */
export const retire: RunStep = {
  name: 'retire',
  phase: 'Retiring',
  look: o => {
    const { target, engine, alias } = ground(o);
    const bakeEnds = endOfBake(o);
    if (bakeEnds) return bakeEnds;
    // It may be what the other one goes back to; that one's own end retires.
    if (o.preemptedBy !== undefined) return done;
    const gone = leaving(o);
    if (gone.length === 0) return done;
    // The lock must not be held until a human has chosen: the next run finds what this one leaves.
    if (engine.doubt?.reason === 'OperatorTwin') return done;
    if (engine.doubt) return wait(engine.doubt.reason, engine.doubt.message, 5_000);
    if (!holdsLock(o)) return hasReleased(o) ? done : (lostLock(o) ?? done);
    const readers = answerTo(o, openReaders);
    if (!readers) return ask(openReaders);
    const free = gone.filter(({ number }) => (readers.get(number) ?? 0) === 0);
    if (free.length === 0) return stillRead(o, gone, readers);
    return act('delete versions that are no longer kept', ...free.map(set => deletionOf(set, alias, target.uid)));
  },
};

function leaving(o: Observed): readonly Retired[] {
  const { target, engine } = ground(o);
  const retain = o.request.spec.retain ?? target.retain;
  const retired = retiredOf(target, engine, o.now);
  const forMs = retain.for === undefined ? undefined : durationMs(retain.for);
  const kept = retired.filter(({ isWhole }) => isWhole);
  const outlived =
    target.removes === 'Outlived'
      ? versionsToDelete(kept, { versions: retain.versions, ...(forMs !== undefined && { forMs }) }, o.now)
      : replaced(engine);
  return retired.filter(({ isWhole, number }) => !isWhole || outlived.includes(number));
}

/** What outlives its time after that is left to a later run. */
function hasReleased({ request }: Observed): boolean {
  return request.status.steps?.some(({ name }) => name === releaseLock.name) === true;
}

function stillRead(o: Observed, gone: readonly Retired[], readers: ReadonlyMap<number, number>): RunVerdict {
  const since = o.request.status.steps?.find(({ name }) => name === retire.name)?.started;
  const isOver = since !== undefined && o.now.getTime() - Date.parse(since) >= patienceMs;
  if (isOver) return done;
  const { alias } = ground(o);
  const read = gone.map(({ number }) => `${versionName(alias, number)} by ${readers.get(number) ?? 0} searches`);
  return wait('ReadersLeft', `still read: ${read.join(', ')}`, readersMs);
}

/** The versions that another one was built to replace. */
function replaced({ indices }: Pick<EngineSide, 'indices'>): readonly number[] {
  return indices.flatMap(index => metaOf(index).replaces ?? []);
}
