import { describe, expect, it } from '@jest/globals';
import { isServed, sameProperties, type AliasMember, type AliasProperties } from '../../../src/domain/alias-member.ts';

const filter = { term: { doc: 'chunk' } };
const one: AliasMember = { index: 'kibana-v1', properties: { filter } };
const locations: AliasMember = { index: 'kibana-v1_locations', properties: { is_hidden: true } };

describe('properties of an alias', () => {
  it.each<[string, AliasProperties, AliasProperties, boolean]>([
    ['what is false and what is left out', { is_hidden: false, is_write_index: false }, {}, true],
    ['the same filter with other objects', { filter: { term: { doc: 'chunk' } } }, { filter }, true],
    ['another filter', { filter: { term: { doc: 'file' } } }, { filter }, false],
    ['a filter and none', {}, { filter }, false],
    ['a routing', { index_routing: '1' }, {}, false],
    ['a write flag', { is_write_index: true }, {}, false],
  ])('%s', (_what, a, b, same) => {
    expect([sameProperties(a, b), sameProperties(b, a)]).toEqual([same, same]);
  });
});

describe('an alias', () => {
  it.each<[string, readonly AliasMember[], boolean]>([
    ['serves its members in any order', [locations, one], true],
    ['does not without one of them', [one], false],
    ['does not with one more', [one, locations, { index: 'other', properties: {} }], false],
    ['does not with the properties of one on the other', [one, { ...locations, properties: { filter } }], false],
  ])('%s', (_what, found, served) => {
    expect(isServed(found, [one, locations])).toBe(served);
  });
});
