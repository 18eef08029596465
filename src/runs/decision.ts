import type { Problem } from '../domain/problem.ts';
import type { Looked } from '../plan/ask.ts';
import type { Observed } from './observed.ts';
import type { RunEffect, RunHands, RunStanding } from './step.ts';

/** How a run ended, once that is known. */
export type Outcome = Problem & { readonly succeeded: boolean };

/**
 * What is to be done about a run now.
 *   walking: a step acts or waits.    undoing: the outcome is written down, what was made is being removed.
 *   ended:   nothing is owed any more; the object stays as history until its time to live is over.
 */
export type Decision = Walking | Undoing | Ended;

export type Walking = Due & { readonly is: 'walking'; readonly standing: RunStanding };

export type Undoing = Due & {
  readonly is: 'undoing';
  readonly outcome: Outcome;
  /** What keeps it from being cleaned up. */
  readonly refusal?: Problem;
} & Passed;

export type Ended = Due & { readonly is: 'ended'; readonly outcome: Outcome } & Passed;

type Due = { readonly effects: readonly RunEffect[]; readonly againInMs?: number };

/** The steps that led there; absent when the outcome is read from the status, which names them. */
type Passed = { readonly done?: RunStanding['done'] };

/** A decision, or what has to be asked before one can be made. */
export type RunLooked = Looked<Decision, Observed, RunHands>;

export function decided(decision: Decision): RunLooked {
  return { is: 'decided', decision };
}
