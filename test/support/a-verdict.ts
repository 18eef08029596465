import { effectId } from '../../src/effects/effect.ts';
import type { Observed } from '../../src/runs/observed.ts';
import type { RunStep } from '../../src/runs/step.ts';

/** What a step answers, in one line: `done`, `act: take-lock/kibana`, `wait: Queued`, `fail: Drifted`. */
export function verdictOf(step: RunStep, o: Observed): string {
  const verdict = step.look(o);
  switch (verdict.is) {
    case 'done':
      return 'done';
    case 'act':
      return `act: ${verdict.effects.map(effectId).join(', ')}`;
    case 'wait':
    case 'fail':
      return `${verdict.is}: ${verdict.reason}`;
    default:
      return verdict satisfies never;
  }
}

/** What is left of a step to clean up, by effect. */
export function undoOf(step: RunStep, o: Observed): readonly string[] {
  return (step.undo?.(o) ?? []).map(effectId);
}

/** A row of a table of verdicts: a sentence, what was observed, what the step answers. */
export type Row = readonly [string, Observed, string];
