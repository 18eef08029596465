import { aliasLock } from '../../alias/effects/lock.ts';
import { act, done } from '../../plan/step.ts';
import { ground, holdsLock } from '../facts.ts';
import type { RunStep } from '../step.ts';

/** The lock is given back last: from here on light runs go on. */
export const releaseLock: RunStep = {
  name: 'release-lock',
  phase: 'Retiring',
  look: o => {
    if (!holdsLock(o)) return done;
    const { alias, engine } = ground(o);
    const token = engine.lock?.lease.token ?? 0;
    return act('release the lock', aliasLock.release({ alias, holder: o.holder, token }));
  },
};
