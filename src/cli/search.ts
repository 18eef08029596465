import { z } from 'zod';
import { oneLine } from '../domain/bounded-text.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Hit } from '../engine/port.ts';
import { searchWords } from '../workers/index/documents/words.ts';
import type { CliContext } from './context.ts';
import { unknownAlias } from './status.ts';

const source = z.object({
  filePath: z.string(),
  startLine: z.number(),
  endLine: z.number(),
  content: z.string(),
  containerPath: z.string().default(''),
  symbols: z.array(z.object({ name: z.string(), kind: z.string(), line: z.number() })).default([]),
});
type Found = z.infer<typeof source>;

/** `reindeer search`: the best places for some words, each with its path, the line that fits best, the symbol around it and its lines. */
export async function searchVerb(context: CliContext, alias: string, query: string, limit: number): Promise<number> {
  const { engine, output } = context;
  if ((await engine.aliases.kindOf(alias)) !== 'alias') throw await unknownAlias(context, alias);
  const asked = boundedQuery(query);
  if (asked.isCut)
    output.note(`The query is long: only its first ${asked.text.split(' ').length} words are looked for.`);
  const reply = await engine.documents.search(alias, searchBody(asked.text, limit));
  for (const hit of reply.hits) output.line(place(hit, asked.text));
  output.note(reply.hits.length === 0 ? 'nothing found' : `${reply.hits.length} of ${reply.total} places`);
  return 0;
}

/** More words than this, longer ones, or more in all, are no question but a text that was pasted. */
const mostWords = 50;
const longestWord = 200;
const mostCharacters = 600;

/** A query as it is sent: its first words, as far as they are no longer than names are. Pure. */
export function boundedQuery(query: string): { readonly text: string; readonly isCut: boolean } {
  const words = query.split(/\s+/).filter(word => word !== '');
  const kept = words.slice(0, mostWords).map(word => word.slice(0, longestWord));
  // A character that was cut in two would be none.
  const text = kept.join(' ').slice(0, mostCharacters).trim().toWellFormed();
  return { text, isCut: text !== words.join(' ').toWellFormed() };
}

/** Words as they stand and names that are defined under them count most, then names in parts (`fooBar` finds `foo bar`), then the path. */
export function searchBody(query: string, limit: number): JsonObject {
  const words = searchWords(query);
  const names = query.split(/[^\p{L}\p{M}\p{N}_$#.:~]+/u).filter(name => name !== '');
  const should = [
    { terms: { symbol_names: names, boost: 4 } },
    { match: { content: { query, operator: 'and', boost: 2 } } },
    { match: { content: { query } } },
    { match: { tokens: { query: words, minimum_should_match: '60%' } } },
    { match: { path_tokens: { query: words } } },
  ];
  return {
    size: limit,
    query: { bool: { should, minimum_should_match: 1 } },
    sort: ['_score', { filePath: 'asc' }, { seq: 'asc' }],
    _source: Object.keys(source.shape),
  };
}

const snippetLength = 160;

/** `path:line  text  (kind name, lines a-b)`, with the first line that holds the most words. */
export function place({ source: fields }: Pick<Hit, 'source'>, query: string): string {
  const found = source.parse(fields);
  const words = searchWords(query).split(' ');
  const lines = found.content.split('\n');
  const scores = lines.map(line => words.filter(word => line.normalize('NFC').toLowerCase().includes(word)).length);
  const best = scores.indexOf(Math.max(...scores));
  const text = (lines[best] ?? '').trim().slice(0, snippetLength);
  const { startLine, endLine } = found;
  const filePath = oneLine(found.filePath);
  return `${filePath}:${startLine + best}  ${text}  (${symbolAt(found, startLine + best)}lines ${startLine}-${endLine})`;
}

/** The last definition of the chunk at or above a line, or what the chunk as a whole is a part of. */
function symbolAt({ symbols, containerPath }: Found, line: number): string {
  const symbol = symbols.findLast(each => each.line <= line);
  const names = [containerPath, symbol?.name ?? ''].filter(name => name !== '');
  return names.length === 0 ? '' : `${symbol === undefined ? 'in' : symbol.kind} ${oneLine(names.join('.'))}, `;
}
