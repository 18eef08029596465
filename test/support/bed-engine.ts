import { readFileSync } from 'node:fs';
import { connect } from '../../src/engine/connect.ts';
import type { Engine } from '../../src/engine/port.ts';
import type { ConnectOptions } from '../../src/engine/transport.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { BedState, EngineLocation } from '../bed/state.ts';

/** How an engine is reached, and as whom if it has users. */
export type EngineAccess = Omit<ConnectOptions, 'clock'>;

export function accessTo(engine: EngineLocation): EngineAccess {
  const { url, username, password, caFile } = engine;
  return {
    endpoints: [url],
    ...(username !== '' && { username, password }),
    ...(caFile !== '' && { caPem: readFileSync(caFile, 'utf8') }),
  };
}

/** The engine of a bed as its administrator reaches it; whoever asked for it closes it. */
export function engineOf({ engine }: Pick<BedState, 'engine'>): Engine {
  return connect({ ...accessTo(engine), clock: systemClock });
}
