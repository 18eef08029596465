import type { Effect } from '../effects/effect.ts';
import type { Step, Verdict } from '../plan/step.ts';
import type { Standing } from '../plan/walk.ts';
import type { Observed } from './observed.ts';

/** The steps that a strategy may be made of, as `status.steps` names them. */
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

export type RunStep = Step<Observed, Effect, StepName>;
export type RunVerdict = Verdict<Effect>;
export type RunStanding = Standing<Observed, Effect, StepName>;
