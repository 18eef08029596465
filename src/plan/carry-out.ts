import type { Logger } from 'pino';
import { ConflictError, hasReason, TerminalError } from '../domain/errors.ts';
import type { Problem } from '../domain/problem.ts';
import type { Effect } from './effect.ts';

/** What kept a decision from being carried out. */
export type Refusal = Problem & {
  /** The effect that was refused; those after it were not tried. */
  readonly effect: Pick<Effect, 'name' | 'marks'>;
  /** Trying it again cannot help. */
  readonly isFinal: boolean;
};

/** How soon the object is looked at again after a refusal that is left to the status: it has to go from there once it is mended. */
export const refusedMs = 15_000;

/**
 * Runs the effects of a decision in order, then tells: the status of a decision is written whatever becomes of its effects,
 * with what was refused in it. What may mend is thrown once it is told, so that it is tried again with back-off; what cannot
 * is left to the status. A conflict is not told: the decision was made on what is no longer so.
 */
export async function carryOut<Hands>(
  effects: readonly Effect<Hands>[],
  { hands, log }: { readonly hands: Hands; readonly log: Pick<Logger, 'info' | 'debug'> },
  tell: (refusal: Refusal | undefined) => Promise<void>,
): Promise<void> {
  for (const effect of effects) {
    try {
      await effect.run(hands);
      const level = effect.marks.includes('is-routine') ? 'debug' : 'info';
      log[level]({ effect: effect.id, ...effect.details }, 'effect applied');
    } catch (error) {
      if (error instanceof ConflictError) throw error;
      await tell({ effect, ...refusalIn(error) });
      if (error instanceof TerminalError) return;
      throw error;
    }
  }
  await tell(undefined);
}

function refusalIn(error: unknown): Omit<Refusal, 'effect'> {
  const isFinal = error instanceof TerminalError;
  if (hasReason(error)) return { reason: error.reason, message: error.message, isFinal };
  return { reason: 'Unexpected', message: error instanceof Error ? error.message : String(error), isFinal };
}
