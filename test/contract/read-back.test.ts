import { describe, expect, it } from '@jest/globals';
import { indexBody, servingSettings } from '../../src/domain/shape.ts';
import { writeAliasOf } from '../../src/fences/write-alias.ts';
import { readBack } from '../../src/runs/read-back.ts';
import { aReindexRequest } from '../support/objects/an-object.ts';
import { asRequest, aSettledRun, engineOf, onEngine } from '../support/objects/a-run.ts';
import { onEveryEngine } from './engines.ts';

/** Declared in words that an engine gives back otherwise: numbers, lists, nested keys, defaults, objects without a type. */
const shape = {
  shards: 2,
  settings: {
    codec: 'best_compression',
    'index.max_result_window': 20_000,
    requests: { cache: { enable: false } },
    translog: { sync_interval: '10s' },
    analysis: {
      analyzer: { folded: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'stop'] } },
    },
  },
  mappings: {
    properties: {
      note: { type: 'keyword', ignore_above: 256, doc_values: true },
      title: { type: 'text', analyzer: 'folded', fields: { raw: { type: 'keyword' } } },
      by: { properties: { name: { type: 'text', norms: false }, at: { type: 'date', format: 'strict_date_time' } } },
      parts: { type: 'nested', properties: { n: { type: 'integer', coerce: true } } },
      score: { type: 'float', coerce: true },
      same: { type: 'alias', path: 'note' },
    },
  },
} as const;

describe('what an engine says of an index', () => {
  onEveryEngine(bench => {
    it('is what was declared, whatever words it says it in', async () => {
      const { engine, prefix } = bench();
      const index = `${prefix}-v2`;
      const serving = { ...shape, replicas: 1 };
      const body = indexBody({ shape: serving, shards: 1, meta: {} });
      await engine.indices.create(index, { ...body, aliases: writeAliasOf(index, 0) });
      await engine.indices.putSettings(index, servingSettings(serving));
      const settled = asRequest(aSettledRun(), aReindexRequest());
      const { indices, versions } = engineOf(settled);
      const described = await engine.indices.describe(index);
      const o = onEngine(settled, {
        indices: indices.map(each =>
          each.name === 'kibana-v2' ? { ...each, ...described[0], meta: each.meta } : each,
        ),
        versions: versions.map(each => (each.number === 2 ? { ...each, index, shape } : each)),
      });
      const failed = readBack(o).filter(({ result }) => result !== 'Pass');
      expect(failed).toEqual([]);
      expect(readBack(o).map(({ name }) => name)).toEqual(['mapping', 'settings', 'aliases']);
    });
  });
});
