import { describe, expect, it } from '@jest/globals';
import { fakeEngine } from '../../support/fakes/fake-engine.ts';
import { interceptedEngine } from '../../support/fakes/faulty-engine.ts';
import { aReindexRequest } from '../../support/objects/an-object.ts';
import { anIndexBody } from '../../support/objects/an-index.ts';
import { asRequest, aSettledRun, c2 } from '../../support/objects/a-run.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Engine, SearchReply } from '../../../src/engine/port.ts';
import { goldenAnswers } from '../../../src/runs/golden-queries.ts';
import type { Observed } from '../../../src/runs/observed.ts';
import type { RunHands } from '../../../src/runs/step.ts';

const readme = { term: { path: 'README.md' } };

async function anEngine(): Promise<Engine> {
  const engine = fakeEngine();
  for (const index of ['kibana-v1', 'kibana-v2']) {
    await engine.indices.create(index, anIndexBody());
    await engine.documents.create(index, 'f', { doc: 'file', path: 'README.md' });
    await engine.documents.create(index, 'c', { doc: 'chunk', path: 'README.md' });
    await engine.indices.refresh(index);
  }
  return engine;
}

/** A run that asks these queries, past its build. */
function asking(queries: readonly JsonObject[], status: object = {}): Observed {
  const o = aSettledRun();
  const request = aReindexRequest({ spec: { verify: { queries } } });
  return asRequest(o, { ...request, status: { ...o.request.status, ...status } });
}

/** Its answers, and every search as "index size scoring". */
async function answers(o: Observed, engine: Engine, change: (reply: SearchReply) => SearchReply = reply => reply) {
  const searches: string[] = [];
  const watched = interceptedEngine(engine, async ({ name, args }, carryOut) => {
    const [index, { size }, { scoring }] = args as [string, { size: number }, { scoring: string }];
    if (name === 'documents.search') searches.push(`${index} ${size} ${scoring}`);
    return change((await carryOut()) as SearchReply);
  });
  const hands = { engine: { engine: watched } } as unknown as RunHands; // nothing else of them is used
  return { found: await goldenAnswers.ask(o, hands), searches };
}

describe('the golden queries of a run', () => {
  it('are asked of the candidate alone where nothing is compared, through the filter of the alias', async () => {
    const { found, searches } = await answers(asking([{ name: 'q', body: readme, k: 7 }]), await anEngine());
    expect(searches).toEqual(['kibana-v2 7 Global']);
    expect(found.get('q')).toMatchObject({ candidate: { is: 'answered', reply: { total: 1, hits: [{ id: 'c' }] } } });
    expect(found.get('q')?.live).toBeUndefined();
  });

  it('are asked of the live version too where they are compared, and three times where their time is', async () => {
    const compared = await answers(asking([{ name: 'q', body: readme, overlapPercent: 50 }]), await anEngine());
    expect(compared.searches.toSorted()).toEqual(['kibana-v1 10 Global', 'kibana-v2 10 Global']);
    expect(compared.found.get('q')?.live).toMatchObject({ is: 'answered', reply: { total: 1 } });
    let ms = 30;
    const timed = await answers(
      asking([{ name: 'q', body: readme, maxLatencyPercent: 200 }]),
      await anEngine(),
      reply => ({ ...reply, tookMs: (ms -= 1) }),
    );
    expect(timed.searches).toHaveLength(6);
    expect([timed.found.get('q')?.candidate, timed.found.get('q')?.live]).toMatchObject([
      { fastestMs: expect.any(Number) },
      { fastestMs: expect.any(Number) },
    ]);
  });

  it('say which of them the engine refuses', async () => {
    const queries = [
      { name: 'good', body: readme },
      { name: 'empty', body: {} },
    ];
    const { found } = await answers(asking(queries), await anEngine());
    expect(found.get('good')?.candidate?.is).toBe('answered');
    expect(found.get('empty')?.candidate).toMatchObject({ is: 'refused', message: expect.stringContaining('empty') });
  });

  it('are not asked again once they passed for the commit that the candidate holds', async () => {
    const to = { name: 'kibana-v2', number: 2, indices: ['kibana-v2'], commit: c2 };
    const verification = [{ name: 'query/one', result: 'Pass', message: '' }];
    const queries = [
      { name: 'one', body: readme },
      { name: 'two', body: readme },
    ];
    const { found } = await answers(asking(queries, { to, verification }), await anEngine());
    expect([...found.keys()]).toEqual(['two']);
    const further = { ...to, commit: 'c3'.padEnd(40, '0') };
    const again = await answers(asking(queries, { to: further, verification }), await anEngine());
    expect([...again.found.keys()]).toEqual(['one', 'two']);
  });

  it('take no more than a bounded time at one look', async () => {
    const queries = Array.from({ length: 9 }, (_, at) => ({ name: `q${at}`, body: readme }));
    const slow = (reply: SearchReply): SearchReply => ({ ...reply, tookMs: 4000 });
    const { found } = await answers(asking(queries), await anEngine(), slow);
    expect([...found.keys()]).toEqual(['q0', 'q1', 'q2', 'q3']);
  });
});
