import { describe, expect, it } from '@jest/globals';
import { indexBody } from '../../../src/domain/shape.ts';
import type { IndexDescription } from '../../../src/engine/port.ts';
import type { Observed } from '../../../src/runs/observed.ts';
import { readBack } from '../../../src/runs/read-back.ts';
import { aReindexRequest } from '../../support/objects/an-object.ts';
import { asRequest, aSettledRun, aTarget, engineOf, onEngine } from '../../support/objects/a-run.ts';

const shape = {
  shards: 2,
  settings: { codec: 'best_compression' },
  mappings: { properties: { note: { type: 'keyword' }, by: { properties: { name: { type: 'text' } } } } },
};
const { mappings } = indexBody({ shape: { ...shape, replicas: 1 }, shards: 1, meta: {} });
const settings = { 'index.number_of_shards': '2', 'index.number_of_replicas': '1', 'index.codec': 'best_compression' };

/** A candidate that was declared in this shape, as the engine describes it. */
function found(change: Partial<IndexDescription> = {}): Observed {
  const settled = aSettledRun();
  const { indices, versions } = engineOf(settled);
  return onEngine(settled, {
    indices: indices.map(each =>
      each.name === 'kibana-v2' ? { ...each, mappings, settings, aliases: { 'kibana-v2.W0': {} }, ...change } : each,
    ),
    versions: versions.map(each => (each.number === 2 ? { ...each, shape } : each)),
  });
}

const results = (o: Observed): readonly string[] =>
  readBack(o).map(({ name, result, message }) => `${result} ${message.slice(name.length + 2)}`);
const { note: _note, ...withoutNote } = mappings['properties'] as Readonly<Record<string, object>>;
const fields = Object.keys(mappings['properties'] as object).length + 8;

describe('what the engine says of a candidate', () => {
  it('is what was declared', () => {
    expect(results(found())).toEqual([
      `Pass ${fields} fields declared, ${fields} of them found`,
      'Pass 4 declared, 4 of them found',
      'Pass none of users expected, 0 found',
    ]);
  });

  it.each<[string, Partial<IndexDescription>, string]>([
    ['lacks a field', { mappings: { properties: withoutNote } }, `Fail ${fields} fields declared, ${fields - 1} of them found (note: keyword declared, nothing found)`],
    ['has a field of another type', { mappings: { properties: { ...withoutNote, note: { type: 'text' } } } }, `Fail ${fields} fields declared, ${fields - 1} of them found (note: keyword declared, text found)`],
    ['has another setting', { settings: { ...settings, 'index.codec': 'default' } }, 'Fail 4 declared, 3 of them found (index.codec: best_compression declared, default found)'],
    ['has a setting left from its build', { settings: { ...settings, 'index.refresh_interval': '-1' } }, 'Fail 4 declared, 3 of them found (index.refresh_interval: the default declared, -1 found)'],
    ['has an alias of somebody', { aliases: { 'kibana-v2.W0': {}, mine: {} } }, 'Fail none of users expected, 1 found (mine)'],
  ])('%s', (_, change, expected) => {
    expect(results(found(change))).toContain(expected);
  }); // prettier-ignore

  it('may be declared otherwise by now, in what changes in place', () => {
    const index = { shards: 2, replicas: 3, settings: { refresh_interval: '5s', codec: 'default' } };
    const now = { ...settings, 'index.number_of_replicas': '3', 'index.refresh_interval': '5s' };
    expect(results({ ...found({ settings: now }), target: aTarget({ spec: { index } }) })[1]).toMatch(/^Pass /);
  });

  it('is not asked of a version that was there before, nor of one whose declaration is not known', () => {
    expect(readBack(aSettledRun())).toEqual([]);
    expect(readBack(asRequest(found(), aReindexRequest({ spec: { strategy: 'Rollback' } })))).toEqual([]);
  });
});
