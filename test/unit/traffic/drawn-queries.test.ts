import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/domain/json.ts';
import { drawnQueries, searchedFields } from '../../../src/traffic/drawn-queries.ts';

const mapping = (properties: JsonObject): JsonObject => ({ properties });

describe('fields that are searched', () => {
  it.each<[string, JsonObject, readonly string[]]>([
    ['are the text fields', { a: { type: 'text' }, b: { type: 'keyword' }, c: { type: 'long' } }, ['a']],
    ['are the keywords where there is no text', { b: { type: 'keyword' }, c: { type: 'long' } }, ['b']],
    ['are none that are not indexed', { a: { type: 'text', index: false } }, []],
    ['are none of an empty mapping', {}, []],
  ])('%s', (_, properties, expected) => {
    expect(searchedFields(mapping(properties)).map(({ name }) => name)).toEqual(expected);
  });
});

describe('queries that are drawn', () => {
  const fields = [
    { name: 'content', type: 'text' },
    { name: 'tokens', type: 'text' },
  ] as const;
  const documents = [
    { content: 'parse the tree, twice' },
    { content: 'größe_1', tokens: ['one two', 'three'] },
    { other: 'x' },
    { content: '- a ; !' },
  ];

  it('ask for a word that stands in the document, and for nothing where there is none', () => {
    const drawn = drawnQueries(documents, fields, 7);
    expect(drawn).toHaveLength(2);
    const [first, second] = drawn as readonly { readonly match: Readonly<Record<string, string>> }[];
    expect(['parse', 'the', 'tree', 'twice']).toContain(first?.match['content']);
    const { content, tokens } = second?.match ?? {};
    expect(['größe_1', 'one', 'two', 'three']).toContain(content ?? tokens);
  });

  it('are the same for the same seed, and others for another', () => {
    const many = Array.from({ length: 50 }, () => documents[0] ?? {});
    expect(drawnQueries(many, fields, 7)).toEqual(drawnQueries(many, fields, 7));
    expect(drawnQueries(many, fields, 8)).not.toEqual(drawnQueries(many, fields, 7));
    expect(new Set(drawnQueries(many, fields, 7).map(query => JSON.stringify(query))).size).toBe(4);
  });

  it('ask for a keyword as a whole, but for one that is no name', () => {
    const keywords = [{ name: 'path', type: 'keyword' }] as const;
    expect(drawnQueries([{ path: 'a/b c' }, { path: 'x'.repeat(300) }], keywords, 1)).toEqual([{ term: { path: 'a/b c' } }]);
  }); // prettier-ignore
});
