import { expect, it, describe } from '@jest/globals';
import { copiedBody, servingOf, settledSettings } from '../../src/domain/copied-shape.ts';
import { copyTroubles } from '../../src/domain/copyable.ts';
import type { IndexBody, IndexMeta } from '../../src/domain/index-body.ts';
import type { Engine, IndexDescription } from '../../src/engine/port.ts';
import { ndjson } from '../support/objects/an-index.ts';
import { onRealEngine } from './engines.ts';

const meta: IndexMeta = {
  ...{ managedBy: 'reindeer', schema: 1, alias: 'orders', version: 2, ownerUid: 'owner', requestUid: 'request' },
  ...{ token: 3, shapeHash: 'hash' },
};

/** An index with much of what an index can have. */
const rich: IndexBody = {
  settings: {
    'index.number_of_shards': '2',
    'index.number_of_routing_shards': '4',
    'index.number_of_replicas': '0',
    'index.codec': 'best_compression',
    'index.hidden': 'true',
    'index.refresh_interval': '7s',
    'index.gc_deletes': '30s',
    'index.max_result_window': '20000',
    'index.mapping.total_fields.limit': '1500',
    'index.mapping.ignore_malformed': 'true',
    'index.mapping.coerce': 'false',
    'index.query.default_field': ['sku', 'title'],
    'index.search.idle.after': '1m',
    'index.search.slowlog.threshold.query.warn': '10s',
    'index.translog.durability': 'async',
    'index.merge.policy.max_merged_segment': '2gb',
    'index.sort.field': ['at'],
    'index.sort.order': ['desc'],
    'index.write.wait_for_active_shards': '1',
    'index.default_pipeline': '_none',
    'index.similarity.plain.type': 'BM25',
    'index.similarity.plain.b': '0.3',
    'index.analysis.filter.word.type': 'stop',
    'index.analysis.filter.word.stopwords': ['und', 'oder'],
    'index.analysis.analyzer.code.type': 'custom',
    'index.analysis.analyzer.code.tokenizer': 'standard',
    'index.analysis.analyzer.code.filter': ['word'],
  },
  mappings: {
    dynamic: true,
    date_detection: false,
    dynamic_templates: [{ words: { match_mapping_type: 'string', mapping: { type: 'keyword' } } }],
    _meta: { beat: '9' },
    properties: {
      at: { type: 'date' },
      sku: { type: 'text', analyzer: 'code', fields: { raw: { type: 'keyword' } } },
      title: { type: 'text', similarity: 'plain' },
      place: { dynamic: 'false', properties: { name: { type: 'keyword' } } },
      parts: { type: 'nested', properties: { n: { type: 'long' } } },
    },
  },
};

/** Settings of an index without those that engines set for each of their own. */
function comparable({ settings }: IndexDescription): Readonly<Record<string, unknown>> {
  const own = /^index\.(uuid|creation_date|provided_name|version\.created|routing\.allocation\.)/;
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !own.test(name)));
}

describe('an index that is made to be a copy', () => {
  onRealEngine(bench => {
    const only = async (engine: Engine, name: string): Promise<IndexDescription> => {
      const [found] = await engine.indices.describe(name);
      if (!found) throw new Error(`${name} is not there`);
      return found;
    };

    it('is as the other one in the end, by what the engine prints of both', async () => {
      const { engine, prefix } = bench();
      const [from, to] = [`${prefix}-live`, `${prefix}-v2`];
      await engine.indices.create(from, rich);
      const live = await only(engine, from);
      expect(await engine.indices.create(to, copiedBody(live, {}, meta))).toBe('created');
      await engine.indices.putSettings(to, settledSettings(live, {}));
      const { settings, dynamic } = servingOf(live);
      await engine.indices.putMapping(to, { dynamic });
      await engine.indices.putSettings(to, settings);
      const copy = await only(engine, to);
      expect(comparable(copy)).toEqual(comparable(live));
      expect(copy.mappings).toEqual({ ...live.mappings, _meta: { beat: '9', ...meta } });
    });

    it('has what is declared instead', async () => {
      const { engine, prefix } = bench();
      await engine.indices.create(`${prefix}-live`, rich);
      const live = await only(engine, `${prefix}-live`);
      const settings = { analysis: { analyzer: { code: { type: 'standard' } } }, codec: 'default' };
      const mappings = { properties: { sku: { type: 'text', analyzer: 'code' } } };
      await engine.indices.create(`${prefix}-v2`, copiedBody(live, { shards: 3, settings, mappings }, meta));
      const copy = await only(engine, `${prefix}-v2`);
      expect(copy.settings).toMatchObject({ 'index.number_of_shards': '3', 'index.codec': 'default' });
      expect(copy.settings).not.toHaveProperty(['index.analysis.analyzer.code.tokenizer']);
      expect(copy.mappings['properties']).toMatchObject({ sku: { type: 'text', analyzer: 'code' } });
    });

    it('is of an index that says nothing of itself beside its shards', async () => {
      const { engine, prefix } = bench();
      await engine.indices.create(prefix, { settings: {}, mappings: {} });
      expect(copyTroubles(await only(engine, prefix))).toEqual([]);
    });

    it.each<[unknown]>([[{ n: 1, gone: null }], [{ n: 1, none: [] }], [{ n: 1, empty: {} }]])(
      'takes what the other one took without a field for it: %j',
      async source => {
        const { engine, prefix } = bench();
        const properties = { n: { type: 'long' } };
        await engine.indices.create(prefix, { settings: {}, mappings: { dynamic: true, properties } });
        const send = async (target: string): Promise<number | undefined> => {
          const lines = ndjson({ index: { _id: 'x' } }, source as object);
          return (await engine.documents.bulk(lines, { target, requireAlias: false })).items[0]?.status;
        };
        expect(await send(prefix)).toBe(201);
        await engine.indices.create(`${prefix}-v2`, copiedBody(await only(engine, prefix), {}, meta));
        expect(await send(`${prefix}-v2`)).toBe(201);
      },
    );
  });
});
