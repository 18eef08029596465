import { act, done, type Step } from '../../plan/verdict.ts';
import { ground, holderOf, holdsLock } from '../facts.ts';
import type { Observed } from '../observed.ts';

/** The lock is given back last: from here on light runs go on. */
export const releaseLock: Step<Observed> = {
  name: 'release-lock',
  phase: 'Retiring',
  look: o => {
    if (!holdsLock(o)) return done;
    const { alias, engine } = ground(o);
    return act('release the lock', {
      do: 'release-lock',
      alias,
      holder: holderOf(o),
      token: engine.lock?.lease.token ?? 0,
    });
  },
};
