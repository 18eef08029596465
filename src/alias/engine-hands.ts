import type { JsonObject } from '../domain/json.ts';
import type { Engine } from '../engine/port.ts';
import type { SwitchRequest, SwitchResult } from '../fences/switch.ts';
import type { Settings } from '../registry/port.ts';

/** One cluster's engine, its settings index, and the switch, as the operator holds them. */
export type EngineHands = {
  readonly engine: Engine;
  readonly settings: Settings;
  readonly switchAlias: (request: SwitchRequest) => Promise<SwitchResult>;
  /** The hidden alias that the writers of an epoch write through, for the body that creates an index. */
  readonly writeAliasOf: (index: string, epoch: number) => JsonObject;
};
