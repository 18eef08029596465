import { describe, expect, it } from '@jest/globals';
import { copiedBody, servingOf, settledSettings } from '../../../src/domain/copied-shape.ts';
import type { CopiedIndex } from '../../../src/domain/copyable.ts';
import type { IndexMeta } from '../../../src/domain/index-body.ts';
import type { CopiedShape } from '../../../src/domain/shape.ts';
import type { JsonObject } from '../../../src/domain/json.ts';

const meta: IndexMeta = {
  managedBy: 'reindeer',
  schema: 1,
  alias: 'orders',
  version: 2,
  ownerUid: 'owner',
  requestUid: 'request',
  token: 3,
  shapeHash: 'hash',
};

/** What both engines print of any index. */
const always = {
  'index.uuid': 'Zx1',
  'index.creation_date': '1700000000000',
  'index.provided_name': 'orders-2024',
  'index.version.created': '8525000',
  'index.routing.allocation.include._tier_preference': 'data_content',
  'index.number_of_shards': '3',
  'index.number_of_replicas': '2',
};

function anIndex(settings: JsonObject = {}, mappings: JsonObject = {}): CopiedIndex {
  const properties = { sku: { type: 'text', fields: { raw: { type: 'keyword' } } }, at: { type: 'date' } };
  return { name: 'orders-2024', settings: { ...always, ...settings }, mappings: { properties, ...mappings } };
}

const withVectors = { 'index.mapping.exclude_source_vectors': 'false' };
const expanding = { 'index.auto_expand_replicas': '0-1' };

const bodyOf = (live: CopiedIndex, declared: CopiedShape = {}) => copiedBody(live, declared, meta);

const filled = { 'index.number_of_replicas': '0', 'index.refresh_interval': '-1', 'index.hidden': 'true' };

describe('the body of a copy', () => {
  it('is of as many shards, and has nothing of what the index says of itself', () => {
    expect(bodyOf(anIndex()).settings).toEqual({ ...filled, 'index.number_of_shards': '3' });
  });

  it.each<[string, unknown]>([
    ['index.codec', 'best_compression'],
    ['index.analysis.analyzer.code.filter', ['lowercase']],
    ['index.similarity.default.type', 'boolean'],
    ['index.mapping.total_fields.limit', '5000'],
    ['index.mapping.ignore_malformed', 'true'],
    ['index.sort.field', ['at']],
    ['index.number_of_routing_shards', '12'],
    ['index.gc_deletes', '1h'],
    ['index.max_result_window', '20000'],
    ['index.replication.type', 'SEGMENT'],
    ['index.knn', 'true'],
  ])('has %s as the index has it', (name, value) => {
    expect(bodyOf(anIndex({ [name]: value })).settings).toMatchObject({ [name]: value });
  });

  it.each([
    'index.blocks.write',
    'index.blocks.read_only_allow_delete',
    'index.lifecycle.indexing_complete',
    'index.default_pipeline',
    'index.final_pipeline',
    'index.auto_expand_replicas',
    'index.write.wait_for_active_shards',
    'index.routing.allocation.require.box',
    'index.routing.allocation.total_shards_per_node',
    'index.resize.source.name',
    'index.version.upgraded',
  ])('is without %s while it is filled', name => {
    expect(bodyOf(anIndex({ [name]: 'x' })).settings).not.toHaveProperty([name]);
  });

  it('is filled without refresh, whatever refresh the index or its declaration has', () => {
    const live = anIndex({ 'index.refresh_interval': '30s', 'index.hidden': 'false' });
    expect(bodyOf(live, { settings: { refresh_interval: '5s' } }).settings).toMatchObject(filled);
  });

  it('has what is declared instead, an analyzer as a whole', () => {
    const live = anIndex({
      'index.codec': 'default',
      'index.number_of_routing_shards': '12',
      'index.analysis.analyzer.code.type': 'custom',
      'index.analysis.analyzer.code.tokenizer': 'standard',
      'index.analysis.analyzer.other.type': 'simple',
    });
    const settings = { codec: 'best_compression', analysis: { analyzer: { code: { type: 'keyword' } } } };
    expect(bodyOf(live, { shards: 5, settings }).settings).toEqual({
      ...filled,
      'index.number_of_shards': '5',
      'index.codec': 'best_compression',
      'index.analysis.analyzer.code.type': 'keyword',
      'index.analysis.analyzer.other.type': 'simple',
    });
  });

  it('has the definition of a declared field in the place of the whole one, and the other fields', () => {
    const declared = { mappings: { properties: { sku: { type: 'keyword' }, note: { type: 'text' } } } };
    expect(bodyOf(anIndex(), declared).mappings['properties']).toEqual({
      sku: { type: 'keyword' },
      note: { type: 'text' },
      at: { type: 'date' },
    });
  });

  it('keeps the rest of the mapping, and what applications keep in _meta', () => {
    const templates = [{ any: { mapping: { type: 'keyword' } } }];
    const given = { dynamic_templates: templates, date_detection: false, runtime: { day: { type: 'long' } } };
    const { mappings } = bodyOf(anIndex({}, { ...given, _meta: { beat: '9' } }));
    expect(mappings).toMatchObject({ ...given, _meta: { beat: '9', ...meta } });
  });

  it('replaces the _meta that an earlier copy was made with', () => {
    const before = { ...meta, version: 1, requestUid: 'before', copied: { from: 'orders-2023' }, replaces: 1 };
    expect(bodyOf(anIndex({}, { _meta: { beat: '9', ...before } })).mappings['_meta']).toEqual({ beat: '9', ...meta });
  });

  it.each<[string | boolean | undefined, string]>([
    // Null and [] in a field that has no definition are no reason to refuse a document.
    [undefined, 'false'],
    [true, 'false'],
    ['true', 'false'],
    ['runtime', 'strict'],
    ['strict', 'strict'],
    // Documents that it takes have fields that it does not name.
    ['false', 'false'],
    [false, 'false'],
  ])('of an index that is dynamic: %s is dynamic: %s while it is filled', (dynamic, filling) => {
    const live = anIndex({}, dynamic === undefined ? {} : { dynamic });
    expect(bodyOf(live).mappings['dynamic']).toBe(filling);
    expect(servingOf(live).dynamic).toBe(dynamic === undefined ? 'true' : String(dynamic));
  });
});

describe('an index of which a copy would lose something', () => {
  it.each<[string, CopiedIndex]>([
    ['keeps no _source', anIndex({}, { _source: { enabled: false } })],
    ['a part of each document (excludes)', anIndex({}, { _source: { excludes: ['big'] } })],
    ['a part of each document (includes)', anIndex({}, { _source: { includes: ['at'] } })],
    ['made of its fields', anIndex({}, { _source: { mode: 'synthetic' } })],
    ['made of its fields', anIndex({ 'index.mapping.source.mode': 'SYNTHETIC' })],
    ['made of its fields', anIndex({ 'index.derived_source.enabled': 'true' })],
    ['without its vectors', anIndex({ 'index.version.created': '9039000' }, vectors())],
    ['without its vectors', anIndex({ 'index.mapping.exclude_source_vectors': 'true' }, vectors())],
    ['need a routing', anIndex({}, { _routing: { required: true } })],
    ['dynamic: strict_allow_templates', anIndex({}, { dynamic: 'strict_allow_templates' })],
    ['a dynamic of their own', anIndex({}, { properties: { a: { properties: { b: { dynamic: 'true' } } } } })],
    ['a policy manages it (index.lifecycle.name)', anIndex({ 'index.lifecycle.name': 'logs' })],
    ['a policy manages it', anIndex({ 'index.plugins.index_state_management.policy_id': 'logs' })],
    ['index.mode, index.time_series.start_time', anIndex({ 'index.mode': 'x', 'index.time_series.start_time': 'x' })],
    ['index.search.default_pipeline', anIndex({ 'index.search.default_pipeline': 'x' })],
    ['its _meta has version', anIndex({}, { _meta: { version: '8.1' } })],
  ])('is refused: %s', (why, live) => {
    expect(refusal(() => bodyOf(live))).toMatchObject({
      reason: 'CopyRefused',
      message: expect.stringContaining(why),
    });
  });

  it('is refused with all of it', () => {
    const live = anIndex({ 'index.mode': 'x' }, { _source: { enabled: false }, _routing: { required: 'true' } });
    expect(refusal(() => bodyOf(live))).toMatchObject({
      message:
        'orders-2024 cannot be copied: it has settings that are not known to hold of a copy: index.mode; it keeps no _source; its documents need a routing of their own',
    });
  });

  it.each<[string, CopiedIndex]>([
    ['has its _source said to be whole', anIndex({}, { _source: { enabled: true, excludes: [] } })],
    ['has vectors in its _source', anIndex({}, vectors())],
    ['says that they are there', anIndex({ 'index.version.created': '9039000', ...withVectors }, vectors())],
    ['has objects that take no fields by themselves', anIndex({}, { properties: { a: { dynamic: 'false' } } })],
    ['has a field that is called dynamic', anIndex({}, { properties: { dynamic: { type: 'keyword' } } })],
    ['is not asked for a routing', anIndex({}, { _routing: { required: false } })],
  ])('is none that %s', (_what, live) => {
    expect(bodyOf(live).settings).toMatchObject(filled);
  });

  it.each<[string, CopiedShape, string]>([
    ['SettingsRejected', { settings: { 'blocks.write': true } }, 'index.blocks.write'],
    ['MappingRejected', { mappings: { dynamic: true } }, 'found dynamic'],
    ['MappingRejected', { mappings: { properties: { sku: null } } }, 'has no definition'],
    ['MappingRejected', { mappings: { properties: { _id: { type: 'keyword' } } } }, '_id'],
  ])('is not what a bad declaration is: %s', (reason, declared, why) => {
    expect(refusal(() => bodyOf(anIndex(), declared))).toMatchObject({ reason, message: expect.stringContaining(why) });
  });
});

function vectors(): JsonObject {
  return { properties: { inner: { properties: { v: { type: 'dense_vector', dims: 3 } } } } };
}

describe('what a copy has once it is filled', () => {
  it.each<[string, JsonObject, CopiedShape, JsonObject]>([
    ['replicas as the index', {}, {}, { 'index.number_of_replicas': '2', 'index.refresh_interval': null }],
    ['replicas as declared', {}, { replicas: 0 }, { 'index.number_of_replicas': '0', 'index.refresh_interval': null }],
    ['replicas for every node, as the index', { ...expanding }, {}, { ...expanding, 'index.refresh_interval': null }],
    [
      'as many as declared, and no more by themselves',
      { ...expanding },
      { replicas: 1 },
      { 'index.number_of_replicas': '1', 'index.refresh_interval': null },
    ],
    [
      'refresh as the index',
      { 'index.refresh_interval': '30s' },
      {},
      { 'index.number_of_replicas': '2', 'index.refresh_interval': '30s' },
    ],
    [
      'refresh as declared',
      { 'index.refresh_interval': '30s' },
      { settings: { index: { refresh_interval: '5s' } } },
      { 'index.number_of_replicas': '2', 'index.refresh_interval': '5s' },
    ],
  ])('is %s', (_what, settings, declared, wanted) => {
    expect(settledSettings(anIndex(settings), declared)).toEqual(wanted);
  });

  it('and before it serves: pipelines as the index, hidden only if that is', () => {
    expect(servingOf(anIndex())).toEqual({ settings: { 'index.hidden': null }, dynamic: 'true' });
    const given = {
      'index.hidden': 'true',
      'index.default_pipeline': 'stamp',
      'index.final_pipeline': 'sign',
      'index.write.wait_for_active_shards': '2',
    };
    expect(servingOf(anIndex(given)).settings).toEqual(given);
  });
});

function refusal(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}
