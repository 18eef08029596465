import type { EndedRun } from '../work/ended-run.ts';
import { documentsOf, secondsBetween } from '../work/figures.ts';
import { endedRuns } from './light-standing.ts';
import type { Observed } from './observed.ts';

/** The light runs that the status which was just written counts for the first time, in numbers. */
export function runsTold(o: Observed): readonly EndedRun[] {
  return endedRuns(o).map(({ last, job }) => ({
    kind: 'Light',
    outcome: last.outcome,
    seconds: secondsBetween(last.started, last.finished),
    mismatch: last.reason === 'VerificationFailed' ? foundBy(job) : undefined,
    ...documentsOf([job]),
  }));
}

/** A worker that found it says so; otherwise it was the operator who saw that a run had left nothing. */
function foundBy({ said }: Parameters<typeof documentsOf>[0][number]): 'worker' | 'operator' {
  return said?.result?.reason === 'VerificationFailed' ? 'worker' : 'operator';
}
