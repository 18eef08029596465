import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it, jest } from '@jest/globals';
import { connect } from '../../src/engine/connect.ts';
import type { Engine, EngineType } from '../../src/engine/port.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { accessTo, engineUnderTest, lackOfSecurity, type EngineAccess } from '../support/real/bed-engine.ts';
import { fakeEngine } from '../support/fakes/fake-engine.ts';

/** What one test works with: an engine, and a prefix for every index and alias that it makes. */
export type Bench = { readonly engine: Engine; readonly prefix: string };

export type EngineAddress = { readonly type: EngineType; readonly access: EngineAccess };

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
  run(`on ${address?.type ?? 'a real engine (no test bed is up: npm run bed -- up)'}`, () =>
    withBench(
      () => connect({ ...known().access, clock: systemClock }),
      bench => suite(bench, known),
    ),
  );
}

function realEngine(): EngineAddress | undefined {
  const engine = engineUnderTest();
  return engine && { type: engine.type, access: accessTo(engine) };
}

/** `it` for what needs users of the engine, or its certificate; skipped on one that has neither, with the reason. */
export function itWithSecurity(name: string, test: () => Promise<void>): void {
  const lack = lackOfSecurity(engineUnderTest());
  if (lack === undefined) it(name, test);
  else it.skip(`${name} (${lack})`, test);
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
