import { aliasTrouble } from '../../alias/ownership.ts';
import { TerminalError } from '../../domain/errors.ts';
import { indexBody } from '../../domain/shape.ts';
import { answerTo } from '../../plan/question.ts';
import { ask, done, fail, wait } from '../../plan/step.ts';
import { candidateSet } from '../facts.ts';
import { newestCommit } from '../newest-commit.ts';
import type { RunStep } from '../step.ts';
import type { Target } from '../target.ts';

/** Refuses what cannot work before anything is made. Needs no lock and no record of the alias: a dry run has neither. */
export const preflight: RunStep = {
  name: 'preflight',
  phase: 'Preflight',
  look: o => {
    const { target, engine } = o;
    if (!target || !engine) return wait('EngineUnavailable', 'the search engine was not asked yet', 5_000);
    const trouble = aliasTrouble(target, engine);
    if (trouble) return fail(trouble.reason, trouble.message);
    if (candidateSet(o)) return done;
    const refusal = shapeRefusal(target);
    if (refusal) return fail(refusal.reason, refusal.message);
    const head = answerTo(o, newestCommit);
    if (!head) return ask(newestCommit);
    if (head.is === 'found') return done;
    return head.lasting ? fail(head.reason, head.message) : wait(head.reason, head.message, 15_000);
  },
};

function shapeRefusal({ shape }: Target): TerminalError | undefined {
  try {
    indexBody({ shape, shards: 1, meta: {} });
    return undefined;
  } catch (error) {
    if (error instanceof TerminalError) return error;
    throw error;
  }
}
