import { deletionOf } from '../../alias/effects/delete-version.ts';
import { retiredOf } from '../../alias/ownership.ts';
import { durationMs } from '../../api/duration.ts';
import { versionsToDelete } from '../../domain/retention.ts';
import { act, done, wait } from '../../plan/step.ts';
import { ground, metaOf } from '../facts.ts';
import type { EngineSide } from '../observed.ts';
import type { RunStep } from '../step.ts';
import { endOfBake } from './bake.ts';

/** Deletes what retention no longer wants, and forgets what somebody else deleted; what stays can be returned to. */
export const retire: RunStep = {
  name: 'retire',
  phase: 'Retiring',
  look: o => {
    const { target, engine, alias } = ground(o);
    const bakeEnds = endOfBake(o);
    if (bakeEnds) return bakeEnds;
    // The lock must not be held until a human has chosen: the next run finds what this one leaves.
    if (engine.doubt?.reason === 'OperatorTwin') return done;
    if (engine.doubt) return wait(engine.doubt.reason, engine.doubt.message, 5_000);
    const retain = o.request.spec.retain ?? target.retain;
    const retired = retiredOf(target, engine, o.now);
    const forMs = retain.for === undefined ? undefined : durationMs(retain.for);
    const kept = retired.filter(({ isWhole }) => isWhole);
    const outlived =
      target.removes === 'Outlived'
        ? versionsToDelete(kept, { versions: retain.versions, ...(forMs !== undefined && { forMs }) }, o.now)
        : replaced(engine);
    const gone = retired.filter(({ isWhole, number }) => !isWhole || outlived.includes(number));
    if (gone.length === 0) return done;
    return act('delete versions that are no longer kept', ...gone.map(set => deletionOf(set, alias, target.uid)));
  },
};

/** The versions that another one was built to replace. */
function replaced({ indices }: Pick<EngineSide, 'indices'>): readonly number[] {
  return indices.flatMap(index => metaOf(index).replaces ?? []);
}
