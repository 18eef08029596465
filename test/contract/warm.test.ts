import { describe, expect, it } from '@jest/globals';
import type { RunHands } from '../../src/runs/step.ts';
import { warmWindow } from '../../src/runs/steps/warm.ts';
import { aReindexRequest } from '../support/objects/an-object.ts';
import { asRequest, aSettledRun, engineOf, onEngine } from '../support/objects/a-run.ts';
import { onEveryEngine } from './engines.ts';

const mappings = { dynamic: 'strict', properties: { doc: { type: 'keyword' }, text: { type: 'text' } } };

describe('a window of searches that warm a version', () => {
  onEveryEngine(bench => {
    it('holds the declared queries and one for each document that was drawn', async () => {
      const { engine, prefix } = bench();
      const name = `${prefix}-v2`;
      await engine.indices.create(name, { settings: { 'index.number_of_shards': 1 }, mappings });
      for (const n of [1, 2, 3]) await engine.documents.create(name, `c${n}`, { doc: 'chunk', text: `word${n}` });
      await engine.documents.create(name, 'f', { doc: 'file' });
      await engine.indices.refresh(name);
      const spec = { warm: {}, verify: { queries: [{ name: 'q', body: { match: { text: 'word1' } } }] } };
      const settled = asRequest(aSettledRun(), aReindexRequest({ spec }));
      const { indices, versions } = engineOf(settled);
      const o = onEngine(settled, {
        indices: indices.map(each => (each.name === 'kibana-v2' ? { ...each, name, mappings } : each)),
        versions: versions.map(each => (each.number === 2 ? { ...each, index: name } : each)),
      });
      const hands = { engine: { engine } } as unknown as RunHands; // nothing else of them is used
      expect(await warmWindow.ask(o, hands)).toEqual({
        queries: 4,
        tookMs: expect.any(Number),
        hindrance: undefined,
      });
    });
  });
});
