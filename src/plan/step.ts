import type { Phase } from '../api/phase.ts';
import type { Reason } from '../api/reasons.ts';
import type { Problem } from '../domain/problem.ts';
import type { Effect } from './effect.ts';
import type { Question } from './question.ts';

/** What a step answers when it looks at what was observed. `fail` is terminal: the run ends and is undone. */
export type Verdict<Observed, Hands> = Undoing<Observed, Hands> | Fail;

/** What a step answers when a run ended badly: what is left of it to clean up. */
export type Undoing<Observed, Hands> =
  | { readonly is: 'done' }
  /** It cannot say before this is answered. */
  | { readonly is: 'ask'; readonly question: Question<unknown, Observed, Hands> }
  | { readonly is: 'act'; readonly effects: readonly Effect<Hands>[]; readonly why: string }
  | Wait;

type Wait = Problem & {
  readonly is: 'wait';
  readonly againInMs: number;
  /** It has waited for so long that a human should look. */
  readonly stalls?: boolean;
};

type Fail = Problem & { readonly is: 'fail' };

/** What a step answered, and why where it says so. */
export type Answered = { readonly is: string } & Partial<Problem>;

/** The part of a status that a step tells: under a field of its own, so that two steps never write the same. */
export type Telling<Observed, Status> = {
  readonly [Field in keyof Status]: {
    readonly field: Field;
    /**
     * The whole of the field; undefined = there is none. What was told before comes back with what is observed. `verdict` is
     * what the step answered at this look: undefined = an earlier one is at hand.
     */
    readonly of: (observed: Observed, verdict: Answered | undefined) => Status[Field] | undefined;
  };
}[keyof Status];

/** One step of a run. All of it is pure. */
export type Step<Observed, Hands, Told> = {
  readonly name: string;
  readonly phase: Phase;
  /** Whether the step is done and what it takes otherwise, so the check and the act cannot drift apart. */
  readonly look: (observed: Observed) => Verdict<Observed, Hands>;
  /** What goes on while a later step, or the run as a whole, waits. */
  readonly keep?: (observed: Observed) => readonly Effect<Hands>[];
  /**
   * What it has under way that must not stand while the run stands still, nor when it is given up: asked of every step before
   * that. [] = nothing.
   */
  readonly letGo?: (observed: Observed) => readonly Effect<Hands>[];
  readonly undo?: (observed: Observed) => Undoing<Observed, Hands>;
  readonly tell?: Told;
};

export const done = { is: 'done' } as const;

export function act<Hands>(
  why: string,
  ...effects: readonly Effect<Hands>[]
): { readonly is: 'act'; readonly effects: readonly Effect<Hands>[]; readonly why: string } {
  return { is: 'act', effects, why };
}

export function ask<Observed, Hands>(
  question: Question<unknown, Observed, Hands>,
): { readonly is: 'ask'; readonly question: Question<unknown, Observed, Hands> } {
  return { is: 'ask', question };
}

export function wait(reason: Reason, message: string, againInMs: number): Wait {
  return { is: 'wait', reason, message, againInMs };
}

export function fail(reason: Reason, message: string): Fail {
  return { is: 'fail', reason, message };
}
