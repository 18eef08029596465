import { playInTurn } from '../support/real/engine-faults.ts';
import { engineBusy } from './rows/f12-engine-busy.ts';
import { engineKilled } from './rows/f13-engine-killed.ts';
import { engineHalted } from './rows/f14-engine-halted.ts';

/** Faults of the engine while workers write, on real components. */
playInTurn('a fault of the engine', [engineBusy, engineKilled, engineHalted]);
