import { describe, expect, it } from '@jest/globals';
import { RetryableError } from '../../../../src/domain/errors.ts';
import type { ReindexRequestStatus } from '../../../../src/api/reindex-request.ts';
import type { SearchReply } from '../../../../src/engine/port.ts';
import type { Observed } from '../../../../src/runs/observed.ts';
import type { RunHands } from '../../../../src/runs/step.ts';
import { warm, warmWindow, type Window } from '../../../../src/runs/steps/warm.ts';
import { fakeEngine } from '../../../support/fakes/fake-engine.ts';
import { interceptedEngine } from '../../../support/fakes/faulty-engine.ts';
import { aReindexRequest, at } from '../../../support/objects/an-object.ts';
import { answered, asRequest, aSettledRun, engineOf, onEngine } from '../../../support/objects/a-run.ts';
import { verdictOf, type Row } from '../../../support/objects/a-verdict.ts';

type Warm = NonNullable<ReindexRequestStatus['warm']>;

const settled = aSettledRun();
const window = (given: Partial<Window> = {}): Window => ({ queries: 10, tookMs: 95, hindrance: undefined, ...given });

/** A run of a request like this, at a second, as far as its status says. */
function asking(spec: object, status: { readonly warm?: Warm } = {}, second = 0): Observed {
  const request = { ...aReindexRequest({ spec }), status: { ...settled.request.status, ...status } };
  return { ...asRequest(settled, request), now: new Date(at(second)) };
}

const before = (given: Partial<Warm> = {}): Warm => ({
  ...{ seed: 1, started: at(0), latest: at(5), queries: 20, firstMillis: 80, windows: [80, 11], message: '' },
  ...given,
});

const told = (o: Observed, found?: Window): Warm | undefined =>
  warm.tell?.of(answered(o, warmWindow, found), { is: 'wait' }) as Warm | undefined;
const hot = { warm: { atMost: '2m' } };

describe('warm', () => {
  it.each<Row>([
    ['has nothing to do where nothing asks for it', asking({}), 'done'],
    ['searches a window', asking(hot), `ask: ${warmWindow.name}`],
    ['waits for the next one', answered(asking(hot), warmWindow, window()), 'wait: Running'],
    ['waits while the last one is not long ago', asking(hot, { warm: before() }, 9), 'wait: Running'],
    ['searches the next one after five seconds', asking(hot, { warm: before() }, 10), `ask: ${warmWindow.name}`],
    ['is done once it has ended, whatever the candidate holds since', asking(hot, { warm: before({ finished: at(9) }) }), 'done'],
    ['searches before a rollback that says so', asking({ strategy: 'Rollback', rollback: { warmFirst: true } }), `ask: ${warmWindow.name}`],
    ['lets a rollback serve cold that does not', asking({ strategy: 'Rollback', rollback: { warmFirst: false } }), 'done'],
  ])('%s', (_, o, verdict) => {
    expect(verdictOf(warm, o)).toBe(verdict);
  }); // prettier-ignore

  it('tells each window, with the figures of the first and the last', () => {
    const first = told(asking(hot), window({ tookMs: 800 }));
    expect(first).toMatchObject({ queries: 10, firstMillis: 80, windows: [80] });
    expect(first?.finished).toBeUndefined();
    expect(first?.message).toMatch(/^10 searches, seed \d+, 80 ms each at first, 80 ms of late: not settled yet$/);
    const next = told(asking(hot, { warm: before() }, 10), window());
    expect(next).toMatchObject({ queries: 30, firstMillis: 80, windows: [80, 11, 10] });
    expect(told(asking(hot, { warm: before() }))).toEqual(before());
  });

  it('ends once it gets no faster', () => {
    const end = told(asking(hot, { warm: before({ windows: [80, 11, 10] }) }, 15), window());
    expect(end).toMatchObject({ finished: at(15), settled: true });
    expect(end?.message).toContain('settled after 15s');
  });

  it('ends when its time is over, however slow that leaves it, and never fails for it', () => {
    const end = told(asking(hot, { warm: before({ windows: [80, 40] }) }, 120), window({ tookMs: 200 }));
    expect(end).toMatchObject({ finished: at(120), settled: false });
    expect(end?.message).toContain('not settled within 2m');
  });

  it('has no more to do where there is nothing to search for', () => {
    const end = told(asking(hot), window({ queries: 0, tookMs: 0 }));
    expect(end).toMatchObject({ queries: 0, settled: true, message: 'there is nothing to search for' });
  });

  it('goes on until its time is over while the engine does not answer', () => {
    const away = window({ queries: 0, tookMs: 0, hindrance: 'too much to do' });
    expect(told(asking(hot, {}, 0), away)).toMatchObject({ queries: 0, windows: [], message: expect.stringContaining('too much to do') });
    expect(told(asking(hot, {}, 0), away)?.finished).toBeUndefined();
    expect(told(asking(hot, { warm: before() }, 120), away)).toMatchObject({ finished: at(120), settled: false });
  }); // prettier-ignore
});

describe('a window of searches', () => {
  const mappings = { properties: { doc: { type: 'keyword' }, text: { type: 'text' } } };

  async function searched(spec: object, change: (reply: SearchReply) => SearchReply = reply => reply) {
    const engine = fakeEngine();
    await engine.indices.create('kibana-v2', { settings: { 'index.number_of_shards': 1 }, mappings });
    for (const n of [1, 2, 3]) await engine.documents.create('kibana-v2', `c${n}`, { doc: 'chunk', text: `word${n}` });
    await engine.indices.refresh('kibana-v2');
    const queries: string[] = [];
    const watched = interceptedEngine(engine, async ({ args }, carryOut) => {
      const { query } = args[1] as { readonly query: { readonly bool?: { readonly must: readonly object[] } } };
      queries.push(JSON.stringify(query.bool?.must[0] ?? 'drawn'));
      return change((await carryOut()) as SearchReply);
    });
    const o = asking(spec);
    const indices = engineOf(o).indices.map(index => (index.name === 'kibana-v2' ? { ...index, mappings } : index));
    const hands = { engine: { engine: watched } } as unknown as RunHands; // nothing else of them is used
    return { window: await warmWindow.ask(onEngine(o, { indices }), hands), queries };
  }
  const declared = { ...hot, verify: { queries: [{ name: 'all', body: { match_all: {} } }] } };

  it('holds the declared queries, and one for each document that was drawn', async () => {
    const { window: found, queries } = await searched(declared);
    expect(queries.slice(0, 2)).toEqual(['"drawn"', '{"match_all":{}}']);
    expect(queries.slice(2).toSorted()).toEqual([1, 2, 3].map(n => `{"match":{"text":"word${n}"}}`));
    expect(found).toEqual({ queries: 4, tookMs: 4, hindrance: undefined });
  });

  it('ends after a few seconds of the engine', async () => {
    const { window: found } = await searched(declared, reply => ({ ...reply, tookMs: 2500 }));
    expect(found).toMatchObject({ queries: 2, tookMs: 5000 });
  });

  it('tells what keeps the engine from answering', async () => {
    const { window: found } = await searched(declared, () => {
      throw new RetryableError('EngineOverloaded', 'too much to do');
    });
    expect(found).toEqual({ queries: 0, tookMs: 0, hindrance: 'too much to do' });
  });
});
