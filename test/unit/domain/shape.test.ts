import { describe, expect, it } from '@jest/globals';
import { documentFields, selectionHash } from '../../../src/domain/document-model.ts';
import { indexBody, servingSettings, shapeHash, type Shape } from '../../../src/domain/shape.ts';

const bodyOf = (shape: Partial<Shape>) => indexBody({ shape: { replicas: 1, ...shape }, shards: 3, meta: {} });

describe('the body of a candidate', () => {
  it('is built without replicas and refresh, with the number of shards that it was sized for', () => {
    expect(bodyOf({}).settings).toEqual({
      'index.number_of_shards': '3',
      'index.number_of_replicas': '0',
      'index.refresh_interval': '-1',
    });
    expect(bodyOf({ shards: 5 }).settings).toMatchObject({ 'index.number_of_shards': '5' });
  });

  it('refuses unknown fields and carries its meta', () => {
    const body = indexBody({ shape: { replicas: 1 }, shards: 1, meta: { managedBy: 'reindeer', version: 7 } });
    expect(body.mappings).toMatchObject({ dynamic: 'strict', _meta: { managedBy: 'reindeer', version: 7 } });
  });

  it.each<[string, object]>([
    ['nested', { index: { codec: 'best_compression' } }],
    ['flat', { 'index.codec': 'best_compression' }],
    ['short', { codec: 'best_compression' }],
  ])('takes settings in %s form', (_, settings) => {
    expect(bodyOf({ settings: { ...settings } }).settings).toMatchObject({ 'index.codec': 'best_compression' });
  });

  it('takes analysis with its lists', () => {
    const analyzer = { code: { type: 'custom', tokenizer: 'standard', filter: ['lowercase'] } };
    expect(bodyOf({ settings: { analysis: { analyzer } } }).settings).toMatchObject({
      'index.analysis.analyzer.code.tokenizer': 'standard',
      'index.analysis.analyzer.code.filter': ['lowercase'],
    });
  });

  it('takes a field that is named like what every object has', () => {
    const mappings = { properties: { constructor: { type: 'keyword' } } };
    expect(bodyOf({ mappings }).mappings).toMatchObject({ properties: { constructor: { type: 'keyword' } } });
  });

  it.each([
    'number_of_shards',
    'number_of_replicas',
    'blocks.write',
    'hidden',
    'default_pipeline',
    'soft_deletes.enabled',
    'routing.allocation.require._name',
    // The operator's own, of a version that is built in the build zone and serves elsewhere.
    'routing.allocation.require.zone',
    'routing.allocation.include.zone',
    'routing.allocation.exclude.zone',
  ])('refuses the setting %s by name', name => {
    const error = refusal(() => bodyOf({ settings: { [name]: '1', codec: 'default' } }));
    expect(error).toMatchObject({ reason: 'SettingsRejected', message: expect.stringContaining(`index.${name}`) });
    expect(String(error)).not.toContain('codec');
  });

  it('lays a field of the user over the one of the worker as a whole, and keeps the others', () => {
    const content = { type: 'text', analyzer: 'simple' };
    const { properties } = bodyOf({ mappings: { properties: { content, extra: { type: 'text' } } } }).mappings as {
      properties: object;
    };
    expect(properties).toEqual({ ...documentFields, content, extra: { type: 'text' } });
  });

  it.each<[string, object]>([
    ['a definition that is none', { content: null }],
    ['text for a number', { startLine: { type: 'text' } }],
    ['a number for text', { content: { type: 'long' } }],
    ['a key that is not searched', { filePath: { type: 'keyword', index: false } }],
    ['a key that is cut', { git_file_hash: { type: 'keyword', ignore_above: 5 } }],
    ['another type for a key', { doc: { type: 'text' } }],
    ['a field without a type', { content: { properties: {} } }],
    ["a field of the engine's own", { _id: { type: 'keyword' } }],
  ])('refuses %s', (_, properties) => {
    expect(refusal(() => bodyOf({ mappings: { properties } }))).toMatchObject({ reason: 'MappingRejected' });
  });

  it('refuses more fields than the engine takes, with both figures, counted with those below and beside them', () => {
    const numbered = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`f${i}`, { type: 'text', fields: { raw: { type: 'keyword' } } }]),
      );
    const refused = refusal(() => bodyOf({ mappings: { properties: numbered(500) } }));
    const message = /: 10\d\d fields are more than index\.mapping\.total_fields\.limit allows \(1000\)$/;
    expect(refused).toMatchObject({ reason: 'MappingRejected', message: expect.stringMatching(message) });
    const settings = { 'mapping.total_fields.limit': 2000 };
    expect(bodyOf({ mappings: { properties: { nested: { properties: numbered(500) } } }, settings })).toBeDefined();
    const nested = { nested: { properties: numbered(500) } };
    expect(refusal(() => bodyOf({ mappings: { properties: nested } }))).toMatchObject({ reason: 'MappingRejected' });
  });

  it('refuses what is nested as deep as the API server lets through, and still has a hash for it', () => {
    let deep: object = { type: 'keyword' };
    for (let level = 0; level < 9000; level += 1) deep = { properties: { a: deep } };
    const mappings = { properties: { a: deep } };
    expect(refusal(() => bodyOf({ mappings }))).toMatchObject({ reason: 'MappingRejected' });
    expect(refusal(() => bodyOf({ settings: { analysis: deep } }))).toMatchObject({ reason: 'SettingsRejected' });
    expect(shapeHash({ replicas: 1, mappings })).not.toBe(shapeHash({ replicas: 1 }));
  });

  it('refuses everything in mappings but properties', () => {
    const error = refusal(() => bodyOf({ mappings: { dynamic: true, _source: { enabled: false } } }));
    expect(error).toMatchObject({ reason: 'MappingRejected', message: expect.stringContaining('dynamic, _source') });
  });
});

describe('the settings of a version that serves', () => {
  it('give back replicas and refresh', () => {
    expect(servingSettings({ replicas: 2 })).toEqual({
      'index.number_of_replicas': '2',
      'index.refresh_interval': null,
    });
    const shape = { replicas: 0, settings: { refresh_interval: '5s' } };
    expect(servingSettings(shape)).toEqual({ 'index.number_of_replicas': '0', 'index.refresh_interval': '5s' });
  });
});

describe('hashes', () => {
  it('are the same for the same declaration in another order, and differ for another one', () => {
    const one: Shape = {
      replicas: 1,
      mappings: { properties: { a: { type: 'text', store: true }, b: { type: 'long' } } },
    };
    const other: Shape = {
      mappings: { properties: { b: { type: 'long' }, a: { store: true, type: 'text' } } },
      replicas: 1,
    };
    expect(shapeHash(one)).toBe(shapeHash(other));
    expect(shapeHash(one)).not.toBe(shapeHash({ replicas: 2 }));
    expect(shapeHash({ replicas: 1, shards: undefined })).toBe(shapeHash({ replicas: 1 }));
  });

  it('of a selection take absent globs for none', () => {
    expect(selectionHash({ maxFileBytes: 1 })).toBe(selectionHash({ include: [], exclude: [], maxFileBytes: 1 }));
    expect(selectionHash({ maxFileBytes: 1 })).not.toBe(selectionHash({ include: ['a'], maxFileBytes: 1 }));
    expect(selectionHash({ include: ['a'], maxFileBytes: 1 })).not.toBe(
      selectionHash({ exclude: ['a'], maxFileBytes: 1 }),
    );
  });
});

function refusal(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was refused');
}
