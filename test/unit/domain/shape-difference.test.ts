import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/domain/json.ts';
import { shapeDifference } from '../../../src/domain/shape-difference.ts';

const note = (type: string) => ({ mappings: { properties: { note: { type } } } });

describe('what differs between two declarations', () => {
  it.each<readonly [string, JsonObject, JsonObject]>([
    ['shards: 1 -> 2', { shards: 1 }, { shards: 2 }],
    ['shards: unset -> 2', {}, { shards: 2 }],
    ['mappings.properties.note added', {}, note('keyword')],
    ['mappings.properties.note removed', note('keyword'), {}],
    ['mappings.properties.note.type: keyword -> long', note('keyword'), note('long')],
    ['settings.index.codec: unset -> best_compression', {}, { settings: { index: { codec: 'best_compression' } } }],
    ['settings.a changed', { settings: { a: [1] } }, { settings: { a: [2] } }],
    ['settings.constructor: unset -> x', {}, { settings: { constructor: 'x' } }],
    [`settings.a: b -> ${'c'.repeat(40)}...`, { settings: { a: 'b' } }, { settings: { a: 'c'.repeat(41) } }],
    ['', note('keyword'), note('keyword')],
  ])('is said as "%s"', (said, before, after) => {
    expect(shapeDifference(before, after)).toBe(said);
  });

  it('names the first few and counts the others', () => {
    const settings = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(name => [name, 1]));
    expect(shapeDifference({}, { settings })).toMatch(
      /^settings\.a: unset -> 1, .*settings\.e: unset -> 1 and 2 more$/,
    );
  });
});
