import { z } from 'zod';
import type { JsonObject } from '../../domain/json.ts';
import { engineErrorOf, errorOfStatus } from '../errors.ts';
import type { BulkItem, BulkReply, Documents, Hit, SearchOptions, SearchReply, Stand, Stored } from '../port.ts';
import type { Http, HttpReply } from '../transport.ts';
import { indexPath } from './index-path.ts';
import { parsed } from './reply.ts';

/** Documents over the REST shapes that both engines share. */
export function restDocuments(http: Http): Documents {
  return {
    get: <T>(index: string, id: string) => get<T>(http, index, id),
    getAll: <T>(index: string, ids: readonly string[], fields?: readonly string[]) =>
      getAll<T>(http, index, ids, fields),
    create: (index, id, source) => create(http, index, id, source),
    replace: (index, id, source, expected) => replace(http, index, id, source, expected),
    bulk: (ndjson, options) => bulk(http, ndjson, options),
    search: (index, body, options) => search(http, index, body, options),
  };
}

const standReply = z.object({ _seq_no: z.number().int(), _primary_term: z.number().int() });
const jsonObject = z.record(z.string(), z.unknown());
const getReply = standReply.extend({ _source: jsonObject });

async function get<T>(http: Http, index: string, id: string): Promise<Stored<T> | undefined> {
  const reply = await http.send({
    method: 'GET',
    path: documentPath(index, '_doc', id),
    idempotent: true,
    expect: [404],
  });
  return reply.status === 404 ? undefined : storedIn(id, reply);
}

function storedIn<T>(id: string, reply: HttpReply): Stored<T> {
  const body = parsed(getReply, reply, 'document');
  // The caller's type is a claim about what it wrote itself; records are parsed leniently where they are read.
  return { id, source: body._source as T, stand: standOf(body) };
}

const getAllReply = z.object({ docs: z.array(z.looseObject({ found: z.boolean().default(false) })) });

async function getAll<T>(
  http: Http,
  index: string,
  ids: readonly string[],
  fields?: readonly string[],
): Promise<readonly (Stored<T> | undefined)[]> {
  if (ids.length === 0) return [];
  const path = `${indexPath(index)}/_mget`;
  const query = fields && { _source_includes: fields.join(',') };
  const reply = await http.send({ method: 'POST', path, ...(query && { query }), json: { ids }, idempotent: true });
  const { docs } = parsed(getAllReply, reply, '_mget');
  return ids.map((id, at) => {
    const doc = docs[at];
    if (doc?.found === true) return storedIn(id, { ...reply, body: doc });
    throwUnlessAbsent(doc, `${path} of ${id}`);
    return undefined;
  });
}

/** A document that could not be looked for is an error, as it is for `get`. */
function throwUnlessAbsent(doc: object | undefined, what: string): void {
  const { type } = engineErrorOf(doc);
  if (doc === undefined || (type !== '' && type !== 'index_not_found_exception')) throw errorOfStatus(503, doc, what);
}

async function create(http: Http, index: string, id: string, source: object): Promise<Stand | 'exists'> {
  const path = documentPath(index, '_create', id);
  const reply = await http.send({ method: 'PUT', path, json: source, idempotent: false, expect: [409] });
  return reply.status === 409 ? 'exists' : standIn(reply);
}

async function replace(
  http: Http,
  index: string,
  id: string,
  source: object,
  expected: Stand,
): Promise<Stand | 'conflict'> {
  const path = documentPath(index, '_doc', id);
  const query = { if_seq_no: expected.seqNo, if_primary_term: expected.primaryTerm };
  const reply = await http.send({ method: 'PUT', path, query, json: source, idempotent: false, expect: [409] });
  return reply.status === 409 ? 'conflict' : standIn(reply);
}

function documentPath(index: string, endpoint: '_doc' | '_create', id: string): string {
  return `${indexPath(index)}/${endpoint}/${encodeURIComponent(id)}`;
}

function standIn(reply: HttpReply): Stand {
  return standOf(parsed(standReply, reply, 'write'));
}

function standOf(body: z.output<typeof standReply>): Stand {
  return { seqNo: body._seq_no, primaryTerm: body._primary_term };
}

/** Successes are a few bytes each; the order of the items is the order of the request. */
const bulkFilter = 'took,items.*._id,items.*.status,items.*.error.type,items.*.error.reason';
/** A bulk waits for its slowest shard. */
const bulkTimeoutMs = 120_000;

const itemReply = z.object({ _id: z.string(), status: z.number().int(), error: jsonObject.optional() });
const bulkReply = z.object({ took: z.number(), items: z.array(z.record(z.string(), itemReply)) });

async function bulk(
  http: Http,
  ndjson: Uint8Array,
  options: { readonly target: string; readonly requireAlias: boolean },
): Promise<BulkReply> {
  const path = `${indexPath(options.target)}/_bulk`;
  const query = { filter_path: bulkFilter, require_alias: options.requireAlias };
  const pace = { idempotent: false, isPaced: true, timeoutMs: bulkTimeoutMs } as const;
  const reply = await http.send({ method: 'POST', path, query, ndjson, ...pace });
  const body = parsed(bulkReply, reply, '_bulk');
  return { tookMs: body.took, items: body.items.map(itemOf) };
}

function itemOf(item: Readonly<Record<string, z.output<typeof itemReply>>>): BulkItem {
  const [operation, result] = Object.entries(item)[0] ?? [];
  if (operation === undefined || result === undefined) throw new Error('a bulk item came back without its operation');
  const op = operation === 'delete' ? 'delete' : 'index';
  if (result.error === undefined) return { id: result._id, op, status: result.status };
  const { type, reason } = engineErrorOf({ error: result.error });
  return { id: result._id, op, status: result.status, errorType: type, errorReason: reason };
}

const hitReply = z.object({
  _id: z.string(),
  _index: z.string(),
  _score: z.number().nullable().default(null),
  _version: z.number().optional(),
  _source: jsonObject.default({}),
  sort: z.array(z.unknown()).optional(),
  highlight: z.record(z.string(), z.array(z.string())).optional(),
});
const searchReply = z.object({
  took: z.number(),
  timed_out: z.boolean(),
  _shards: z.object({ failed: z.number() }),
  hits: z.object({
    total: z.object({ value: z.number(), relation: z.string() }).default({ value: 0, relation: 'gte' }),
    hits: z.array(hitReply),
  }),
  aggregations: jsonObject.default({}),
});

/** Totals are exact unless the body says otherwise: by default engines stop counting at 10,000. */
async function search(
  http: Http,
  index: string,
  body: JsonObject,
  { scoring }: SearchOptions = {},
): Promise<SearchReply> {
  const json = { track_total_hits: true, ...body };
  const path = `${indexPath(index)}/_search`;
  const query = scoring && { search_type: 'dfs_query_then_fetch' };
  const reply = await http.send({ method: 'POST', path, ...(query && { query }), json, idempotent: true });
  const found = parsed(searchReply, reply, '_search');
  return {
    tookMs: found.took,
    timedOut: found.timed_out,
    total: found.hits.total.value,
    totalIsExact: found.hits.total.relation === 'eq',
    hits: found.hits.hits.map(hitOf),
    aggregations: found.aggregations,
    failedShards: found._shards.failed,
  };
}

function hitOf(hit: z.output<typeof hitReply>): Hit {
  return {
    id: hit._id,
    index: hit._index,
    score: hit._score,
    source: hit._source,
    ...(hit._version === undefined ? {} : { version: hit._version }),
    ...(hit.sort === undefined ? {} : { sort: hit.sort }),
    ...(hit.highlight === undefined ? {} : { highlight: hit.highlight }),
  };
}
