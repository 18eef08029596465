import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import { goldenAnswers } from '../../src/runs/golden-queries.ts';
import type { RunHands } from '../../src/runs/step.ts';
import { aReindexRequest } from '../support/objects/an-object.ts';
import { anIndexBody } from '../support/objects/an-index.ts';
import { asRequest, aSettledRun, onEngine, engineOf } from '../support/objects/a-run.ts';
import { onEveryEngine, type Bench } from './engines.ts';

/** A run whose versions are indices of this bench, and asks this query. */
async function answersTo({ engine, prefix }: Bench, body: JsonObject) {
  const indexOf = (name: string): string => name.replace('kibana', prefix);
  for (const index of ['kibana-v1', 'kibana-v2'].map(indexOf)) {
    await engine.indices.create(index, anIndexBody());
    for (const n of [1, 2, 3]) await engine.documents.create(index, `c${n}`, { doc: 'chunk', path: 'a', n });
    await engine.documents.create(index, 'f', { doc: 'file', path: 'a' });
    await engine.indices.refresh(index);
  }
  const queries = [{ name: 'q', body, k: 2, overlapPercent: 100, maxLatencyPercent: 200 }];
  const settled = aSettledRun();
  const { indices, versions } = engineOf(settled);
  const o = onEngine(asRequest(settled, aReindexRequest({ spec: { verify: { queries } } })), {
    indices: indices.map(each => ({ ...each, name: indexOf(each.name) })),
    versions: versions.map(each => ({ ...each, index: indexOf(each.index) })),
  });
  const hands = { engine: { engine } } as unknown as RunHands; // nothing else of them is used
  return (await goldenAnswers.ask(o, hands)).get('q');
}

describe('the answer to a golden query', () => {
  onEveryEngine(bench => {
    it('is that of both versions, as the alias shows them', async () => {
      const both = await answersTo(bench(), { term: { path: 'a' } });
      for (const answer of [both?.candidate, both?.live]) {
        const reply = { total: 3, totalIsExact: true, timedOut: false, failedShards: 0 };
        expect(answer).toMatchObject({ is: 'answered', reply });
        expect(answer?.is === 'answered' && answer.reply.hits.length).toBe(2);
      }
    });

    it('says in its words which query it refuses', async () => {
      const { candidate } = (await answersTo(bench(), {})) ?? {};
      expect(candidate).toMatchObject({ is: 'refused', message: expect.stringMatching(/400 .*empty clause/) });
    });
  });
});
