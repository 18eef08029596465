import { z } from 'zod';
import { oneLine } from '../domain/bounded-text.ts';
import type { Hit, JsonObject } from '../engine/port.ts';
import { searchWords } from '../workers/index/words.ts';
import type { CliContext } from './context.ts';
import { unknownAlias } from './status.ts';

const source = z.object({ filePath: z.string(), startLine: z.number(), content: z.string() });

/** `reindeer search`: the best places for some words, each with its path, lines and the line that fits best. */
export async function searchVerb(context: CliContext, alias: string, query: string, limit: number): Promise<number> {
  const { engine, output } = context;
  if ((await engine.aliases.kindOf(alias)) !== 'alias') throw await unknownAlias(context, alias);
  const reply = await engine.documents.search(alias, searchBody(query, limit));
  for (const hit of reply.hits) output.line(place(hit, query));
  output.note(reply.hits.length === 0 ? 'nothing found' : `${reply.hits.length} of ${reply.total} places`);
  return 0;
}

/** Words as they stand count most, then names in parts (`fooBar` finds `foo bar`), then the path. */
export function searchBody(query: string, limit: number): JsonObject {
  const words = searchWords(query);
  const should = [
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

/** `path:line  text`, with the first line that holds the most words. */
function place(hit: Hit, query: string): string {
  const { filePath, startLine, content } = source.parse(hit.source);
  const words = searchWords(query).split(' ');
  const lines = content.split('\n');
  const scores = lines.map(line => words.filter(word => line.toLowerCase().includes(word)).length);
  const best = scores.indexOf(Math.max(...scores));
  return `${oneLine(filePath)}:${startLine + best}  ${(lines[best] ?? '').trim().slice(0, snippetLength)}`;
}
