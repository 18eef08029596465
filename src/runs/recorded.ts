import { isoSeconds } from '../domain/progress.ts';
import { act, done } from '../plan/step.ts';
import { candidateSet, ground, holdsLock, isSwitched, switchRecord } from './facts.ts';
import type { Observed } from './observed.ts';
import type { RunStep, RunUndoing, RunVerdict } from './step.ts';

/** What every step owes that has the alias switched, whoever did it. */

/** Of an alias that serves the candidate: whether that is written down. */
export function recorded(o: Observed): RunVerdict {
  const number = candidateNumber(o);
  const { record } = ground(o);
  const isWritten = record.live === number && record.candidate === null;
  return isWritten ? done : act('record the switch', switchRecord(o, number));
}

/** A run that is deleted right after its switch has switched: what is not recorded would be served and never followed. */
export function recordOwed(o: Observed): RunUndoing {
  const number = candidateNumber(o);
  const isOwed = holdsLock(o) && isSwitched(o) && ground(o).record.live !== number;
  return isOwed ? act('record the switch', switchRecord(o, number)) : done;
}

export const tellSwitched: NonNullable<RunStep['tell']> = {
  field: 'switched',
  of: o => o.request.status.switched ?? (isSwitched(o) ? isoSeconds(o.now) : undefined),
};

export function candidateNumber(o: Observed): number {
  return Number(candidateSet(o)?.number);
}
