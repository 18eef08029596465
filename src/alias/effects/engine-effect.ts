import { RetryableError } from '../../domain/errors.ts';
import { effect, type Effect, type Mark } from '../../plan/effect.ts';
import type { EngineHands } from '../engine-hands.ts';

/** What an effect on an engine works with; undefined while that is not connected. */
export type OnEngine = { readonly engine: EngineHands | undefined };

/** Makes the function that makes effects of one kind on an engine and its settings index. */
export function engineEffect<Args extends object>(kind: {
  readonly name: string;
  readonly marks?: readonly Mark[];
  readonly target: (args: Args) => string;
  readonly run: (args: Args, hands: EngineHands) => Promise<void>;
}): (args: Args) => Effect<OnEngine> {
  return effect({
    ...kind,
    run: async (args: Args, { engine }: OnEngine) => {
      if (!engine) throw new RetryableError('EngineUnavailable', 'the search engine is needed and not connected');
      return kind.run(args, engine);
    },
  });
}
