import type { JsonObject } from '../domain/json.ts';
import type { Engine } from '../engine/port.ts';
import type { Clock } from '../runtime/clock.ts';
import { giveUp, guardSeen } from './cut-over.ts';
import { epochIn, type Pair } from './guard.ts';
import { switchAlias, type SwitchRequest, type SwitchResult } from './switch.ts';
import { writeAliasOf } from './write-alias.ts';

/** What of the fences whoever decides is handed. */
export type Fences = {
  readonly switchAlias: (request: SwitchRequest) => Promise<SwitchResult>;
  /** The hidden alias that the writers of an epoch write through, for the body that creates an index. */
  readonly writeAliasOf: (index: string, epoch: number) => JsonObject;
  /**
   * Ends a cut-over in the name of this epoch of the candidate's writer lease; undefined = of one that is higher than those
   * of all its names. `gone` = there was none, most often because the switch took place. ConflictError: a later one stands,
   * and nothing was lifted. RetryableError: a block may stand, and calling again goes on.
   */
  readonly giveUpCutOver: (pair: Pair, epoch: number | undefined) => Promise<'lifted' | 'gone'>;
};

/** Between two looks at a block that is to go away. */
const pauseMs = 200;

export function fencesOn(engine: Engine, clock: Clock): Fences {
  return {
    switchAlias: async request => switchAlias(engine.aliases, request),
    writeAliasOf,
    giveUpCutOver: async (pair, given) => {
      const epoch = given ?? 1 + epochIn(await guardSeen(engine, pair));
      const parts = { engine, pause: async () => clock.sleep(pauseMs) };
      return giveUp(parts, pair, { epoch, attempt: 0 });
    },
  };
}
