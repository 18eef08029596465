import { readFileSync } from 'node:fs';
import { connect } from '../../../src/engine/connect.ts';
import type { Engine } from '../../../src/engine/port.ts';
import type { ConnectOptions } from '../../../src/engine/transport.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { distributionOf, type DistributionName, type EngineType } from '../../bed/distributions.ts';
import { readBedState, type EngineLocation } from '../../bed/state.ts';

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

export type EngineUnderTest = EngineLocation & {
  readonly type: EngineType;
  /** Of which another one can be started that is like it. */
  readonly distribution: DistributionName;
};

/** The engine of the bed, or another one that REINDEER_TEST_ENGINE names as `{"type", "url", "username", "password", "caFile"}`. */
export function engineUnderTest(): EngineUnderTest | undefined {
  const named = process.env['REINDEER_TEST_ENGINE'];
  if (named === undefined) return readBedState()?.engine;
  const engine = JSON.parse(named) as EngineLocation & { readonly type?: EngineType };
  const { type = 'Elasticsearch' } = engine;
  return { ...engine, type, distribution: distributionOf(type) };
}

/** Why nothing about users and certificates can be tried on an engine; undefined where it can, or no engine is known. */
export function lackOfSecurity(
  engine: { readonly type: EngineType; readonly username: string } | undefined,
): string | undefined {
  if (engine === undefined || engine.username !== '') return undefined;
  return `users and TLS come with the security plugin of ${engine.type}, which its integ-test-zip is without`;
}

/** An engine as the administrator of its bed reaches it; whoever asked for it closes it. */
export function engineOf({ engine }: { readonly engine: EngineLocation }): Engine {
  return connect({ ...accessTo(engine), clock: systemClock });
}
