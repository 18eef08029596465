import { moveAlias } from '../../alias/effects/switch.ts';
import { isoSeconds } from '../../domain/progress.ts';
import { servedBy } from '../../domain/version.ts';
import { act, done } from '../../plan/step.ts';
import { candidateSet, expectedMembers, ground, holdsLock, isSwitched, switchRecord } from '../facts.ts';
import type { Observed } from '../observed.ts';
import type { RunStep } from '../step.ts';

/** One `_aliases` call that is also a compare-and-swap; recorded only after the alias itself was read back. */
export const switchAlias: RunStep = {
  name: 'switch',
  phase: 'Switching',
  look: o => {
    const number = candidateNumber(o);
    if (isSwitched(o)) {
      const { record } = ground(o);
      return record.live === number && record.candidate === null
        ? done
        : act('record the switch', switchRecord(o, number));
    }
    const { alias, record, engine } = ground(o);
    const next = servedBy(candidateSet(o)?.members ?? []);
    return act(
      'switch the alias',
      moveAlias({ alias, expected: expectedMembers(record, engine), next }),
      switchRecord(o, number),
    );
  },
  // A run that is deleted right after its switch has switched: what is not recorded would be served and never followed.
  undo: o => {
    const number = candidateNumber(o);
    const isOwed = holdsLock(o) && isSwitched(o) && ground(o).record.live !== number;
    return isOwed ? act('record the switch', switchRecord(o, number)) : done;
  },
  tell: {
    field: 'switched',
    of: o => o.request.status.switched ?? (isSwitched(o) ? isoSeconds(o.now) : undefined),
  },
};

function candidateNumber(o: Observed): number {
  return Number(candidateSet(o)?.number);
}
