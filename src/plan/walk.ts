import type { Effect } from './effect.ts';
import { act, done, type Step, type Undoing, type Verdict } from './step.ts';

/** Where a run stands: the steps that are done and what the first one that is not done answered. */
export type Standing<Observed, Hands, Told> = {
  readonly done: readonly Step<Observed, Hands, Told>[];
  /** Undefined when every step is done. */
  readonly at?: Step<Observed, Hands, Told>;
  readonly verdict: Verdict<Observed, Hands>;
};

/** Stops at the first step that is not done. Pure: no clock, no I/O. */
export function walk<Observed, Hands, Told>(
  steps: readonly Step<Observed, Hands, Told>[],
  observed: Observed,
): Standing<Observed, Hands, Told> {
  const finished: Step<Observed, Hands, Told>[] = [];
  for (const step of steps) {
    const verdict = step.look(observed);
    if (verdict.is !== 'done') return { done: finished, at: step, verdict };
    finished.push(step);
  }
  return { done: finished, verdict: done };
}

/** What the steps that are done keep going. */
export function keeping<Observed, Hands, Told>(
  { done: finished }: Pick<Standing<Observed, Hands, Told>, 'done'>,
  observed: Observed,
): readonly Effect<Hands>[] {
  return finished.flatMap(step => step.keep?.(observed) ?? []);
}

/**
 * What is left to clean up after a run that ended badly, the last step first. A step that asks or waits is reached once
 * everything after it is cleaned up.
 */
export function undoing<Observed, Hands, Told>(
  steps: readonly Step<Observed, Hands, Told>[],
  observed: Observed,
): Undoing<Observed, Hands> {
  const effects: Effect<Hands>[] = [];
  for (const step of steps.toReversed()) {
    const verdict = step.undo?.(observed) ?? done;
    if (verdict.is === 'act') effects.push(...verdict.effects);
    else if (verdict.is !== 'done') return effects.length > 0 ? act('clean up', ...effects) : verdict;
  }
  return effects.length > 0 ? act('clean up', ...effects) : done;
}
