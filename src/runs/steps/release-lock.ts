import { act, done } from '../../plan/step.ts';
import { ground, holderOf, holdsLock } from '../facts.ts';
import type { RunStep } from '../step.ts';

/** The lock is given back last: from here on light runs go on. */
export const releaseLock: RunStep = {
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
