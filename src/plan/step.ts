import type { Phase } from '../api/meta.ts';
import type { Reason } from '../api/reasons.ts';
import type { Problem } from '../domain/problem.ts';

/** What a step answers when it looks at what was observed. `fail` is terminal: the run ends and is undone. */
export type Verdict<Effect> =
  | { readonly is: 'done' }
  | { readonly is: 'act'; readonly effects: readonly Effect[]; readonly why: string }
  | Wait
  | Fail;

type Wait = Problem & {
  readonly is: 'wait';
  readonly againInMs: number;
  /** It has waited for so long that a human should look. */
  readonly stalls?: boolean;
};

type Fail = Problem & { readonly is: 'fail' };

/**
 * One step of a run. Both functions are pure. `look` says whether the step is done and what it takes otherwise, so the
 * check and the act cannot drift apart; `undo` says what is left of it to clean up ([] = nothing) when a run ends badly.
 */
export type Step<Observed, Effect, Name extends string = string> = {
  readonly name: Name;
  readonly phase: Phase;
  readonly look: (observed: Observed) => Verdict<Effect>;
  readonly undo?: (observed: Observed) => readonly Effect[];
};

export const done = { is: 'done' } as const;

export function act<Effect>(why: string, ...effects: readonly Effect[]): Verdict<Effect> {
  return { is: 'act', effects, why };
}

export function wait(reason: Reason, message: string, againInMs: number): Wait {
  return { is: 'wait', reason, message, againInMs };
}

export function fail(reason: Reason, message: string): Fail {
  return { is: 'fail', reason, message };
}
