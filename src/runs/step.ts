import type { OnEngine } from '../alias/effects/engine-effect.ts';
import type { ReindexRequestStatus } from '../api/reindex-request.ts';
import type { OnKube } from '../objects/kube-effect.ts';
import type { Effect } from '../plan/effect.ts';
import { question, type Question } from '../plan/question.ts';
import type { Step, Telling, Undoing, Verdict } from '../plan/step.ts';
import type { Standing } from '../plan/walk.ts';
import type { AtWork } from '../work/workplace.ts';
import type { Head, Observed } from './observed.ts';

/** What effects and questions of a run work with. */
export type RunHands = OnEngine &
  OnKube &
  AtWork & {
    /** The newest commit of the ref, asked for now unless it was for this occasion. */
    readonly head: (occasion: string) => Promise<Head>;
  };

type RunTelling = Telling<Observed, ReindexRequestStatus>;

export type RunStep = Step<Observed, RunHands, RunTelling>;
export type RunVerdict = Verdict<Observed, RunHands>;
export type RunUndoing = Undoing<Observed, RunHands>;
export type RunStanding = Standing<Observed, RunHands, RunTelling>;
export type RunEffect = Effect<RunHands>;
export type RunQuestion = Question<unknown, Observed, RunHands>;

/** A fact of the engine, for the steps that want it; they stand behind the lock, where the engine is connected. */
export function engineQuestion<Answer>(
  name: string,
  ask: (o: Observed, hands: NonNullable<RunHands['engine']>) => Promise<Answer>,
): Question<Answer, Observed, RunHands> {
  return question(name, async (o, { engine }) => {
    if (!engine) throw new Error(`"${name}" was asked before the engine was connected`);
    return ask(o, engine);
  });
}
