import { RefusedRequestError } from '../../../src/domain/errors.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Hit } from '../../../src/engine/port.ts';

/** A document as queries look at it. */
export type Candidate = {
  readonly id: string;
  readonly index: string;
  readonly version: number;
  readonly source: JsonObject;
};

/** The part of the query language that the contract needs. Throws on anything else: a fake must not guess. */
export function matches(query: JsonObject, candidate: Candidate): boolean {
  const [kind, body] = Object.entries(query)[0] ?? [];
  if (kind === undefined) throw new RefusedRequestError('400 illegal_argument_exception: empty clause found');
  const clause = body as JsonObject;
  switch (kind) {
    case 'match_all':
      return true;
    case 'term':
      return values(candidate, fieldOf(clause)).includes(bare(Object.values(clause)[0]));
    case 'terms':
      return values(candidate, fieldOf(clause)).some(value => (Object.values(clause)[0] as unknown[]).includes(value));
    case 'match':
      return values(candidate, fieldOf(clause)).some(value => wordsOf(value).includes(onlyWordOf(clause)));
    // Chance is not played: what is found comes in the order of writing.
    case 'function_score':
      return matches(clause['query'] as JsonObject, candidate);
    case 'ids':
      return (clause['values'] as string[]).includes(candidate.id);
    case 'exists':
      return values(candidate, String(clause['field'])).some(value => value !== null && value !== undefined);
    case 'range':
      return values(candidate, fieldOf(clause)).some(value => inRange(value, Object.values(clause)[0] as JsonObject));
    case 'bool':
      return matchesBool(clause, candidate);
    default:
      throw new Error(`the fake engine does not know the query ${JSON.stringify(query)}`);
  }
}

function onlyWordOf(clause: JsonObject): string {
  const [word, ...others] = wordsOf(Object.values(clause)[0]);
  if (word === undefined || others.length > 0) throw new Error('the fake engine matches one word only');
  return word;
}

/** As the standard analyzer cuts plain text. */
function wordsOf(value: unknown): readonly string[] {
  return (
    String(value)
      .toLowerCase()
      .match(/[\p{L}\p{N}_]+/gu) ?? []
  );
}

function matchesBool(clause: JsonObject, candidate: Candidate): boolean {
  const clauses = (name: string): JsonObject[] => [clause[name] ?? []].flat() as JsonObject[];
  const required = [...clauses('filter'), ...clauses('must')];
  const optional = clauses('should');
  if (!required.every(query => matches(query, candidate))) return false;
  if (clauses('must_not').some(query => matches(query, candidate))) return false;
  return optional.length === 0 || required.length > 0 || optional.some(query => matches(query, candidate));
}

function fieldOf(clause: JsonObject): string {
  return Object.keys(clause)[0] ?? '';
}

function bare(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
}

function values(candidate: Candidate, field: string): unknown[] {
  if (field === '_id') return [candidate.id];
  const value = field
    .split('.')
    .reduce<unknown>((inner, key) => (inner as JsonObject | undefined)?.[key], candidate.source);
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function inRange(value: unknown, bounds: JsonObject): boolean {
  return Object.entries(bounds).every(([bound, limit]) => {
    const order = compare(value, limit);
    if (bound === 'gt') return order > 0;
    if (bound === 'gte') return order >= 0;
    if (bound === 'lt') return order < 0;
    if (bound === 'lte') return order <= 0;
    throw new Error(`the fake engine does not know the bound ${bound}`);
  });
}

type SortKey = { readonly field: string; readonly descending: boolean };

/** Sort, `search_after`, `from`, `size` and a top-level `_source` list over what matched. */
export function page(found: readonly Candidate[], body: JsonObject): readonly Hit[] {
  const unknown = Object.keys(body).filter(key => !knownKeys.has(key));
  if (unknown.length > 0) throw new Error(`the fake engine does not know ${unknown.join(', ')} in a search`);
  const keys = ([body['sort'] ?? []].flat() as (string | JsonObject)[]).map(sortKey);
  const keyed = found.map(candidate => ({ candidate, sort: keys.map(key => values(candidate, key.field)[0] ?? null) }));
  const order = (one: readonly unknown[], other: readonly unknown[]): number =>
    keys.reduce((result, key, i) => (result === 0 ? compare(one[i], other[i]) * (key.descending ? -1 : 1) : result), 0);
  const after = body['search_after'] as readonly unknown[] | undefined;
  const from = Number(body['from'] ?? 0);
  return keyed
    .sort((one, other) => order(one.sort, other.sort))
    .filter(({ sort }) => after === undefined || order(sort, after) > 0)
    .slice(from, from + Number(body['size'] ?? 10))
    .map(({ candidate, sort }) => hit(candidate, keys.length > 0 ? sort : undefined, body));
}

type Aggregation = { readonly sum: { readonly field: string } } | { readonly terms: { readonly field: string } };

/** Of aggregations the sum of a number field, and the terms of a keyword field with the most documents first. */
export function aggregated(found: readonly Candidate[], body: JsonObject): JsonObject {
  const asked = Object.entries((body['aggs'] ?? {}) as Record<string, Aggregation>);
  const answers = asked.map(([name, aggregation]) => {
    const answer: JsonObject =
      'sum' in aggregation
        ? { value: sumOf(fieldValues(found, aggregation.sum.field)) }
        : { buckets: bucketsOf(fieldValues(found, aggregation.terms.field)) };
    return [name, answer] as const;
  });
  return Object.fromEntries(answers);
}

/** Of every document that has the field. */
function fieldValues(found: readonly Candidate[], field: string): unknown[] {
  return found.flatMap(candidate => values(candidate, field));
}

function sumOf(numbers: readonly unknown[]): number {
  return numbers.reduce<number>((sum, number) => sum + Number(number), 0);
}

function bucketsOf(terms: readonly unknown[]): readonly JsonObject[] {
  const counts = new Map<unknown, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return [...counts].map(([key, doc_count]) => ({ key, doc_count })).sort((a, b) => b.doc_count - a.doc_count);
}

const knownKeys: ReadonlySet<string> = new Set([
  'aggs',
  'query',
  'sort',
  'search_after',
  'from',
  'size',
  '_source',
  'version',
  'timeout',
  'track_total_hits',
]);

function sortKey(key: string | JsonObject): SortKey {
  if (typeof key === 'string') return { field: key, descending: false };
  const order = Object.values(key)[0];
  return {
    field: fieldOf(key),
    descending: (typeof order === 'object' && order !== null && 'order' in order ? order.order : order) === 'desc',
  };
}

function hit(candidate: Candidate, sort: readonly unknown[] | undefined, body: JsonObject): Hit {
  return {
    id: candidate.id,
    index: candidate.index,
    score: sort === undefined ? 1 : null,
    source: selected(candidate.source, body['_source']),
    ...(body['version'] === true ? { version: candidate.version } : {}),
    ...(sort === undefined ? {} : { sort }),
  };
}

function selected(source: JsonObject, fields: unknown): JsonObject {
  if (fields === false) return {};
  if (!Array.isArray(fields)) return source;
  return Object.fromEntries(Object.entries(source).filter(([field]) => fields.includes(field)));
}

function compare(one: unknown, other: unknown): number {
  if (one === other) return 0;
  if (one === null || one === undefined) return 1;
  if (other === null || other === undefined) return -1;
  return (one as string | number) < (other as string | number) ? -1 : 1;
}
