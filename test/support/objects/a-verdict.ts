import type { NewObject } from '../../../src/api/object.ts';
import type { Effect } from '../../../src/plan/effect.ts';
import { done } from '../../../src/plan/step.ts';
import type { Assignment } from '../../../src/work/assignment.ts';
import { jobManifest } from '../../../src/work/manifest.ts';
import type { PodPlace } from '../../../src/work/pod-place.ts';
import type { Observed } from '../../../src/runs/observed.ts';
import type { RunStep } from '../../../src/runs/step.ts';

/** What a step answers, in one line: `done`, `act: take-lock/kibana`, `wait: Queued`, `fail: Drifted`. */
export function verdictOf(step: RunStep, o: Observed): string {
  const verdict = step.look(o);
  switch (verdict.is) {
    case 'done':
      return 'done';
    case 'act':
      return `act: ${verdict.effects.map(({ id }) => id).join(', ')}`;
    case 'ask':
      return `ask: ${verdict.question.name}`;
    case 'wait':
    case 'fail':
      return `${verdict.is}: ${verdict.reason}`;
    default:
      return verdict satisfies never;
  }
}

/** What is left of a step to clean up, by effect. */
export function undoOf(step: RunStep, o: Observed): readonly string[] {
  const undoing = step.undo?.(o) ?? done;
  if (undoing.is === 'act') return undoing.effects.map(({ id }) => id);
  return undoing.is === 'done' ? [] : [undoing.is];
}

/** A row of a table of verdicts: a sentence, what was observed, what the step answers. */
export type Row = readonly [string, Observed, string];

/** What the effects of a decision or of a verdict say, each under its name. */
export function saidBy(answer: object): readonly Record<string, unknown>[] {
  const { effects = [] } = answer as { readonly effects?: readonly Pick<Effect, 'name' | 'args'>[] };
  return effects.map(({ name, args }) => ({ name, ...args }));
}

/** The manifest that the first effect makes, if it makes one. */
export function madeBy(answer: object): NewObject | undefined {
  const [first] = saidBy(answer);
  if (first?.['assignment']) return jobManifest(first['assignment'] as Assignment, first['place'] as PodPlace); // create-job alone has these fields
  return first?.['request'] as NewObject | undefined; // create-request alone has it
}
