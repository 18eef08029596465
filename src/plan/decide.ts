import type { Effect } from './effect.ts';
import type { Step, StepName, Strategy, Verdict } from './verdict.ts';

/** Where a run stands: the steps that are done and what the first one that is not done answered. */
export type Standing<Observed> = {
  readonly done: readonly StepName[];
  /** Undefined when every step is done. */
  readonly at?: Step<Observed>;
  readonly verdict: Verdict;
};

/** Walks the list and stops at the first step that is not done. Pure: no clock, no I/O. */
export function decide<Observed>(strategy: Strategy<Observed>, observed: Observed): Standing<Observed> {
  const finished: StepName[] = [];
  for (const step of strategy.steps) {
    const verdict = step.look(observed);
    if (verdict.is !== 'done') return { done: finished, at: step, verdict };
    finished.push(step.name);
  }
  return { done: finished, verdict: { is: 'done' } };
}

/** What is left to clean up after a run that ended badly: the undo lists in reverse; [] when nothing is left. */
export function undoing<Observed>(strategy: Strategy<Observed>, observed: Observed): readonly Effect[] {
  return strategy.steps.toReversed().flatMap(step => step.undo?.(observed) ?? []);
}
