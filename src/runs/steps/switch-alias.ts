import { moveAlias } from '../../alias/effects/switch.ts';
import { servedBy } from '../../domain/version.ts';
import { act } from '../../plan/step.ts';
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
import { candidateNumber, recorded, recordOwed, tellSwitched } from '../recorded.ts';
import type { RunStep, RunUndoing } from '../step.ts';

/** One `_aliases` call that is also a compare-and-swap; recorded only after the alias itself was read back. */
export const switchAlias: RunStep = {
  name: 'switch',
  phase: 'Switching',
  look: o => {
    if (isSwitched(o)) return recorded(o);
    const { alias, record, engine } = ground(o);
    const next = servedBy(candidateSet(o)?.members ?? []);
    return act(
      'switch the alias',
      moveAlias({ alias, expected: expectedMembers(record, engine), next }),
      switchRecord(o, candidateNumber(o)),
    );
  },
  undo: o => wayBack(o) ?? recordOwed(o),
  tell: tellSwitched,
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
