import { act, done, type Step } from '../../plan/verdict.ts';
import { durationMs } from '../../api/duration.ts';
import { versionsToDelete } from '../../domain/retention.ts';
import { versionName } from '../../domain/versions.ts';
import { ground } from '../facts.ts';
import type { Observed } from '../observed.ts';

/** Deletes what retention no longer wants; what stays can be returned to. */
export const retire: Step<Observed> = {
  name: 'retire',
  phase: 'Retiring',
  look: o => {
    const { repo, record, engine, alias } = ground(o);
    const retain = o.request.spec.retain ?? repo.spec.retain;
    const retired = record.retired.map(number => ({
      number,
      retiredAt: new Date(engine.versions.find(version => version.number === number)?.since ?? o.now),
    }));
    const forMs = retain.for === undefined ? undefined : durationMs(retain.for);
    const numbers = versionsToDelete(
      retired,
      { versions: retain.versions, ...(forMs !== undefined && { forMs }) },
      o.now,
    );
    if (numbers.length === 0) return done;
    const ownerUid = repo.metadata.uid;
    return act(
      'delete versions that are no longer kept',
      ...numbers.map(
        number => ({ do: 'delete-version', alias, number, index: versionName(alias, number), ownerUid }) as const,
      ),
    );
  },
};
