import { fail } from '../../plan/step.ts';
import { isSwitched, pointsAt } from '../facts.ts';
import { recorded, recordOwed, tellSwitched } from '../recorded.ts';
import type { RunStep } from '../step.ts';

/** Writes down the switch that a worker made. The alias says that it took place; what the worker says of it is a hint. */
export const recordSwitch: RunStep = {
  name: 'record-switch',
  phase: 'Switching',
  look: o => (isSwitched(o) ? recorded(o) : fail('Drifted', `${pointsAt(o)} since the cut-over`)),
  undo: recordOwed,
  tell: tellSwitched,
};
