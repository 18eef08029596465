import { act, done } from '../../plan/step.ts';
import { candidateSet } from '../facts.ts';
import { scratchLeft } from '../preflight/scratch.ts';
import { foreseen, isPassed, judgement, tellPreflight } from '../preflight/verdict.ts';
import type { RunStep } from '../step.ts';

/**
 * Refuses what cannot work before anything is made. Needs no lock and no record of the alias: a dry run has neither. Done once
 * it is written down that nothing stands in the way: a cluster is asked and tried once.
 */
export const preflight: RunStep = {
  name: 'preflight',
  phase: 'Preflight',
  look: o => foreseen(o) ?? (candidateSet(o) || isPassed(o) ? done : judgement(o)),
  undo: o => {
    const tried = scratchLeft(o, 'this run');
    return tried.length > 0 ? act('remove what was tried', ...tried) : done;
  },
  tell: { field: 'preflight', of: tellPreflight },
};
