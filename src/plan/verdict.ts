import type { Reason } from '../api/reasons.ts';
import type { Phase } from '../api/meta.ts';
import type { Effect } from './effect.ts';

/** What a step answers when it looks at what was observed. `fail` is terminal: the run ends and is undone. */
export type Verdict =
  | { readonly is: 'done' }
  | { readonly is: 'act'; readonly effects: readonly Effect[]; readonly why: string }
  | {
      readonly is: 'wait';
      readonly reason: Reason;
      readonly message: string;
      readonly againInMs: number;
      /** It has waited for so long that a human should look. */
      readonly stalls?: boolean;
    }
  | { readonly is: 'fail'; readonly reason: Reason; readonly message: string };

export type StepName =
  | 'take-lock'
  | 'preflight'
  | 'create-candidate'
  | 'index-job'
  | 'catch-up'
  | 'settle'
  | 'verify'
  | 'switch'
  | 'retire'
  | 'release-lock';

/**
 * One step of a run. Both functions are pure. `look` says whether the step is done and what it takes otherwise, so the
 * check and the act cannot drift apart; `undo` says what is left of it to clean up ([] = nothing) when a run ends badly.
 */
export type Step<Observed> = {
  readonly name: StepName;
  readonly phase: Phase;
  readonly look: (observed: Observed) => Verdict;
  readonly undo?: (observed: Observed) => readonly Effect[];
};

export type Strategy<Observed> = { readonly name: 'rebuild' | 'rollback'; readonly steps: readonly Step<Observed>[] };

export const done: Verdict = { is: 'done' };

export function act(why: string, ...effects: readonly Effect[]): Verdict {
  return { is: 'act', effects, why };
}

export function wait(reason: Reason, message: string, againInMs: number): Extract<Verdict, { is: 'wait' }> {
  return { is: 'wait', reason, message, againInMs };
}

export function fail(reason: Reason, message: string): Verdict {
  return { is: 'fail', reason, message };
}
