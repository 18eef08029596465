import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, jest } from '@jest/globals';
import { connect } from '../../src/engine/connect.ts';
import type { Engine } from '../../src/engine/port.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { readBedState } from '../bed/state.ts';
import { fakeEngine } from '../support/fake-engine.ts';

/** What one test works with: an engine, and a prefix for every index and alias that it makes. */
export type Bench = { readonly engine: Engine; readonly prefix: string };

export type EngineAddress = {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly caPem: string;
};

/** One suite, run on the fake and on the real engine of the test bed; skipped there, with the reason, when none is up. */
export function onEveryEngine(suite: (bench: () => Bench, on: 'fake' | 'real') => void): void {
  describe('on the fake engine', () => withBench(fakeEngine, bench => suite(bench, 'fake')));
  onRealEngine(bench => suite(bench, 'real'));
}

/** For what a fake cannot show: limits, error types, TLS. */
export function onRealEngine(suite: (bench: () => Bench, address: () => EngineAddress) => void): void {
  const address = realEngine();
  const run = address === undefined ? describe.skip : describe;
  const known = (): EngineAddress => {
    if (address === undefined) throw new Error('no engine');
    return address;
  };
  jest.setTimeout(realTestTimeoutMs);
  run(`on Elasticsearch${address === undefined ? ' (no test bed is up: npm run bed -- up)' : ''}`, () =>
    withBench(
      () => connect({ ...known(), endpoints: [known().url], clock: systemClock }),
      bench => suite(bench, known),
    ),
  );
}

/** The engine of the bed, or another one that REINDEER_TEST_ENGINE names as `{"url", "username", "password", "caFile"}`. */
function realEngine(): EngineAddress | undefined {
  const named = process.env['REINDEER_TEST_ENGINE'];
  const engine =
    named === undefined ? readBedState()?.engine : (JSON.parse(named) as EngineAddress & { caFile: string });
  if (engine === undefined) return undefined;
  const { url, username, password, caFile } = engine;
  return { url, username, password, caPem: readFileSync(caFile, 'utf8') };
}

/** A cluster-state update takes 10 to 100 ms, more on a busy machine, and some tests make dozens. */
const realTestTimeoutMs = 60_000;

function withBench(open: () => Engine, suite: (bench: () => Bench) => void): void {
  let engine: Engine;
  let prefix: string;
  beforeAll(() => {
    engine = open();
  });
  beforeEach(() => {
    prefix = `t-${randomBytes(5).toString('hex')}`;
  });
  afterEach(async () => {
    const made = await engine.indices.describe(`${prefix}*`);
    await Promise.all(made.map(index => engine.indices.delete(index.name)));
  });
  afterAll(() => engine.close());
  suite(() => ({ engine, prefix }));
}
