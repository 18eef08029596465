import { describe, expect, it } from '@jest/globals';
import { boundedQuery, place, searchBody } from '../../../src/cli/search.ts';

const content = 'class Parser {\n  parse(text) {\n    return text;\n  }\n';
const symbols = [
  { name: 'Parser', kind: 'class', line: 10 },
  { name: 'parse', kind: 'method', line: 11 },
];
const chunk = { filePath: 'src/a.js', startLine: 10, endLine: 13, content };

describe('a place that a search found', () => {
  it.each<[string, object, string, string]>([
    ['names the definition at the line', { ...chunk, symbols }, 'Parser', 'src/a.js:10  class Parser {  (class Parser, lines 10-13)'],
    ['names the last definition above the line', { ...chunk, symbols }, 'return', 'src/a.js:12  return text;  (method parse, lines 10-13)'],
    ['names the container of a definition', { ...chunk, symbols: symbols.slice(1), containerPath: 'A.B' }, 'text', 'src/a.js:11  parse(text) {  (method A.B.parse, lines 10-13)'],
    ['names what it is a part of', { ...chunk, containerPath: 'A.long' }, 'return', 'src/a.js:12  return text;  (in A.long, lines 10-13)'],
    ['without symbols says its lines', chunk, 'return', 'src/a.js:12  return text;  (lines 10-13)'],
  ])('%s', (_, source, query, expected) => {
    expect(place({ source: source as never }, query)).toBe(expected);
  }); // prettier-ignore
});

describe('a search', () => {
  it('asks for definitions by the names as they are written', () => {
    const { query } = searchBody('where is BulkWriter.write?', 5) as { query: { bool: { should: readonly object[] } } };
    expect(query.bool.should).toContainEqual({
      terms: { symbol_names: ['where', 'is', 'BulkWriter.write'], boost: 4 },
    });
  });

  it.each<[string, string, readonly string[], string]>([
    ['letters with marks', 'Größe ändern', ['Größe', 'ändern'], 'größe ändern'],
    ['letters whose marks are characters of their own', 'Größe'.normalize('NFD'), ['Größe'.normalize('NFD')], 'größe'],
    ['letters of another script', 'найти_слово(текст)', ['найти_слово', 'текст'], 'найти_слово найти слово текст'],
    ['letters without a case', '検索 語', ['検索', '語'], '検索 語'],
  ])('keeps words beyond ASCII whole: %s', (_, asked, names, words) => {
    const { query } = searchBody(asked, 5) as { query: { bool: { should: readonly object[] } } };
    expect(query.bool.should).toContainEqual({ terms: { symbol_names: names, boost: 4 } });
    expect(query.bool.should).toContainEqual({ match: { tokens: { query: words, minimum_should_match: '60%' } } });
  });

  it.each(['NFC', 'NFD'] as const)('shows the line of a word beyond ASCII, however a file writes it: %s', form => {
    const text = `first\n  const größe = 1;\n`.normalize(form);
    for (const query of ['Größe', 'Größe'.normalize('NFD')])
      expect(place({ source: { ...chunk, content: text } }, query)).toMatch(/^src\/a.js:11 {2}const gr/);
  });
});

describe('a query', () => {
  it.each<[string, string, string, boolean]>([
    ['of some words is sent as it is', ' parse  request ', 'parse request', false],
    ['of 3,000 words is cut at the 50th', 'word '.repeat(3000), 'word '.repeat(50).trim(), true],
    ['of one endless word is cut within it', 'x'.repeat(120_000), 'x'.repeat(200), true],
    ['is cut in all, and never within a character', '😀'.repeat(100).concat(' ').repeat(4), '😀'.repeat(100).concat(' ').repeat(3).slice(0, 600).toWellFormed().trim(), true],
    ['of nothing stays nothing', ' \n ', '', false],
  ])('%s', (_, query, text, isCut) => {
    expect(boundedQuery(query)).toEqual({ text, isCut });
  }); // prettier-ignore
});
