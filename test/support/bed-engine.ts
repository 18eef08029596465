import { readFileSync } from 'node:fs';
import { connect } from '../../src/engine/connect.ts';
import type { Engine } from '../../src/engine/port.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { BedState } from '../bed/state.ts';

/** The engine of a bed as its administrator reaches it; whoever asked for it closes it. */
export function engineOf({ engine }: Pick<BedState, 'engine'>): Engine {
  const { url, username, password, caFile } = engine;
  const caPem = readFileSync(caFile, 'utf8');
  return connect({ endpoints: [url], username, password, caPem, clock: systemClock });
}
