import type { Step, Verdict } from './step.ts';

/** Where a run stands: the steps that are done and what the first one that is not done answered. */
export type Standing<Observed, Effect, Name extends string = string> = {
  readonly done: readonly Name[];
  /** Undefined when every step is done. */
  readonly at?: Step<Observed, Effect, Name>;
  readonly verdict: Verdict<Effect>;
};

/** Stops at the first step that is not done. Pure: no clock, no I/O. */
export function walk<Observed, Effect, Name extends string>(
  steps: readonly Step<Observed, Effect, Name>[],
  observed: Observed,
): Standing<Observed, Effect, Name> {
  const finished: Name[] = [];
  for (const step of steps) {
    const verdict = step.look(observed);
    if (verdict.is !== 'done') return { done: finished, at: step, verdict };
    finished.push(step.name);
  }
  return { done: finished, verdict: { is: 'done' } };
}

/** What is left to clean up after a run that ended badly: the undo lists in reverse; [] when nothing is left. */
export function undoing<Observed, Effect>(
  steps: readonly Step<Observed, Effect>[],
  observed: Observed,
): readonly Effect[] {
  return steps.toReversed().flatMap(step => step.undo?.(observed) ?? []);
}
