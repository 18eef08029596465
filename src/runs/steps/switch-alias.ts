import { moveAlias } from '../../alias/effects/switch.ts';
import { isoSeconds } from '../../domain/progress.ts';
import { servedBy } from '../../domain/version.ts';
import { act, done } from '../../plan/step.ts';
import {
  candidateSet,
  expectedMembers,
  ground,
  holdsLock,
  isReturning,
  isSwitched,
  serves,
  switchRecord,
  versionBefore,
} from '../facts.ts';
import type { Observed } from '../observed.ts';
import type { RunStep, RunUndoing } from '../step.ts';

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
    const back = wayBack(o);
    if (back) return back;
    const number = candidateNumber(o);
    const isOwed = holdsLock(o) && isSwitched(o) && ground(o).record.live !== number;
    return isOwed ? act('record the switch', switchRecord(o, number)) : done;
  },
  tell: {
    field: 'switched',
    of: o => o.request.status.switched ?? (isSwitched(o) ? isoSeconds(o.now) : undefined),
  },
};

/**
 * The version before serves again, by the same kind of call that took the alias away from it. A run whose object is deleted
 * meanwhile leaves what serves.
 */
function wayBack(o: Observed): RunUndoing | undefined {
  const before = versionBefore(o);
  if (!isReturning(o) || !before || !holdsLock(o)) return undefined;
  const { alias, record, engine } = ground(o);
  const note = switchRecord(o, before.number);
  if (serves(engine, before)) return record.live === before.number ? undefined : act('record the return', note);
  if (!isSwitched(o) || o.request.metadata.deletionTimestamp !== undefined) return undefined;
  const [expected, next] = [servedBy(candidateSet(o)?.members ?? []), servedBy(before.members)];
  return act('go back to the version before', moveAlias({ alias, expected, next }), note);
}

function candidateNumber(o: Observed): number {
  return Number(candidateSet(o)?.number);
}
