import type { RunStep } from '../step.ts';
import { act, done, wait } from '../../plan/step.ts';
import { durationMs } from '../../api/duration.ts';
import { versionsToDelete } from '../../domain/retention.ts';
import { versionName } from '../../domain/versions.ts';
import { ground } from '../facts.ts';
import { retiredOf } from '../../alias/ownership.ts';

/** Deletes what retention no longer wants, and forgets what somebody else deleted; what stays can be returned to. */
export const retire: RunStep = {
  name: 'retire',
  phase: 'Retiring',
  look: o => {
    const { repo, engine, alias } = ground(o);
    // The lock must not be held until a human has chosen: the next run finds what this one leaves.
    if (engine.doubt?.reason === 'OperatorTwin') return done;
    if (engine.doubt) return wait(engine.doubt.reason, engine.doubt.message, 5_000);
    const retain = o.request.spec.retain ?? repo.spec.retain;
    const ownerUid = repo.metadata.uid;
    const retired = retiredOf(repo, engine, o.now);
    const vanished = retired.filter(({ index }) => index === undefined).map(({ number }) => number);
    const forMs = retain.for === undefined ? undefined : durationMs(retain.for);
    const kept = retired.filter(({ index }) => index !== undefined);
    const outlived = versionsToDelete(
      kept,
      { versions: retain.versions, ...(forMs !== undefined && { forMs }) },
      o.now,
    );
    const numbers = [...vanished, ...outlived];
    if (numbers.length === 0) return done;
    return act(
      'delete versions that are no longer kept',
      ...numbers.map(
        number => ({ do: 'delete-version', alias, number, index: versionName(alias, number), ownerUid }) as const,
      ),
    );
  },
};
