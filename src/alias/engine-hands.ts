import type { Engine } from '../engine/port.ts';
import type { Fences } from '../fences/fences.ts';
import type { Settings } from '../registry/port.ts';

/** One cluster's engine, its settings index, and the fences between those who act on it, as the operator holds them. */
export type EngineHands = Fences & {
  readonly engine: Engine;
  readonly settings: Settings;
};
