import { z } from 'zod';
import { bounded } from '../../domain/bounded-text.ts';
import { ConflictError, RetryableError, TerminalError } from '../../domain/errors.ts';
import type { IndexBody } from '../../domain/index-body.ts';
import type { JsonObject } from '../../domain/json.ts';
import { matchesPattern } from '../../domain/name-pattern.ts';
import { engineErrorOf, errorOfShards, errorOfStatus } from '../errors.ts';
import type { IndexDescription, IndexHealth, Indices, WriteBlock } from '../port.ts';
import type { Http, HttpReply } from '../transport.ts';
import { indexPath } from './index-path.ts';
import { parsed } from './reply.ts';
import { sizeOf } from './segments.ts';
import { shardsOf } from './shards.ts';

/** Shorter than our own time-out, so that the engine tells us what became of the change instead of nobody. */
export const ackTimeout = { timeout: '20s', master_timeout: '20s' } as const;

/** Indices over the REST shapes that both engines share. */
export function restIndices(http: Http): Indices {
  return {
    create: (name, body) => create(http, name, body),
    delete: name => remove(http, name),
    describe: pattern => describe(http, pattern),
    putSettings: (name, settings) => putSettings(http, name, settings),
    putMapping: (name, mappings) => putMapping(http, name, mappings),
    putMeta: (name, meta) => putMapping(http, name, { _meta: meta }),
    refresh: name => refresh(http, name),
    count: (name, query) => count(http, name, query),
    size: name => sizeOf(http, name),
    openReaders: names => openReaders(http, names),
    shards: names => shardsOf(http, names),
    health: names => health(http, names),
    blockWrites: name => blockWrites(http, name),
    unblockWrites: name => unblockWrites(http, name),
    writeBlocks: name => writeBlocks(http, name),
  };
}

async function create(http: Http, name: string, body: IndexBody): Promise<'created' | 'exists'> {
  const path = indexPath(name);
  const query = { ...ackTimeout, wait_for_active_shards: 1 };
  const reply = await http.send({ method: 'PUT', path, query, json: body, idempotent: true, expect: [400] });
  if (reply.status < 400) return 'created';
  const { type, reason } = engineErrorOf(reply.body);
  if (type === 'resource_already_exists_exception') return 'exists';
  throw new TerminalError(refusalOf(type), bounded(`index ${name} was refused: ${type} ${reason}`));
}

/** Everything but the mapping itself is a setting: analysis, limits, names of codecs. */
function refusalOf(errorType: string): 'MappingRejected' | 'SettingsRejected' {
  return errorType.startsWith('mapper_') ? 'MappingRejected' : 'SettingsRejected';
}

async function remove(http: Http, name: string): Promise<'deleted' | 'missing'> {
  const reply = await http.send({
    method: 'DELETE',
    path: indexPath(name),
    query: ackTimeout,
    idempotent: true,
    expect: [404],
  });
  if (reply.status < 400) return 'deleted';
  if (engineErrorOf(reply.body).type === 'index_not_found_exception') return 'missing';
  throw errorOfStatus(reply.status, reply.body, `DELETE ${name}`);
}

const settingValue = z.union([z.string(), z.array(z.string()).transform(values => values.join(','))]);
const jsonObject = z.record(z.string(), z.unknown());
const aliasProperties = z.object({
  filter: jsonObject.optional(),
  is_hidden: z.boolean().optional(),
  is_write_index: z.boolean().optional(),
  index_routing: z.string().optional(),
  search_routing: z.string().optional(),
});
/** `{index: {aliases: {alias: properties}}}`, as `GET /{index}` and `GET /_alias/{alias}` give it. */
export const aliasesOfIndex = z.record(z.string(), z.object({ aliases: z.record(z.string(), aliasProperties) }));

const describeReply = z.record(
  z.string(),
  z.object({
    aliases: z.record(z.string(), aliasProperties),
    mappings: jsonObject,
    settings: z.record(z.string(), settingValue),
  }),
);

async function describe(http: Http, pattern: string): Promise<readonly IndexDescription[]> {
  const path = `/${pattern.split(',').map(encodeURIComponent).join(',')}`;
  if (path === '/') throw new Error('expected a pattern of index names, got an empty one');
  const query = { flat_settings: true, expand_wildcards: 'all', ignore_unavailable: true, allow_no_indices: true };
  const reply = await http.send({ method: 'GET', path, query, idempotent: true });
  const found = descriptionsIn(reply, pattern);
  const missing = pattern.split(',').filter(each => !each.includes('*') && !found.some(({ name }) => name === each));
  const asked = await Promise.all(missing.map(async name => describeByName(http, name)));
  return [...found, ...asked.flat()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/**
 * Of an index that was not found among several. An engine leaves out of a list what the credentials may not see, and that
 * is not the same as not being there: asked by its name alone it refuses.
 */
async function describeByName(http: Http, name: string): Promise<readonly IndexDescription[]> {
  const query = { flat_settings: true };
  const reply = await http.send({ method: 'GET', path: indexPath(name), query, idempotent: true, expect: [404] });
  return reply.status === 404 ? [] : descriptionsIn(reply, name);
}

function descriptionsIn(reply: HttpReply, pattern: string): readonly IndexDescription[] {
  return Object.entries(parsed(describeReply, reply, 'describe'))
    .filter(([name]) => matchesPattern(name, pattern))
    .map(([name, index]) => ({ name, ...index, meta: metaOf(index.mappings) }));
}

function metaOf(mappings: JsonObject): JsonObject {
  return jsonObject.safeParse(mappings['_meta']).data ?? {};
}

async function putSettings(http: Http, name: string, settings: JsonObject): Promise<void> {
  const reply = await sendSettings(http, name, settings);
  if (reply.status === 404) throw errorOfStatus(404, reply.body, `PUT ${name}/_settings`);
}

/** Answers with what became of it: 404 is for the caller to judge. */
async function sendSettings(http: Http, name: string, settings: JsonObject): Promise<HttpReply> {
  const path = `${indexPath(name)}/_settings`;
  const expect = [400, 404];
  const reply = await http.send({ method: 'PUT', path, query: ackTimeout, json: settings, idempotent: true, expect });
  if (reply.status === 404) return reply;
  if (reply.status >= 400) {
    const { type, reason } = engineErrorOf(reply.body);
    throw new TerminalError('SettingsRejected', bounded(`settings of ${name} were refused: ${type} ${reason}`));
  }
  requireAcknowledged(reply, `settings of ${name}`);
  return reply;
}

async function putMapping(http: Http, name: string, mappings: JsonObject): Promise<void> {
  const path = `${indexPath(name)}/_mapping`;
  const reply = await http.send({ method: 'PUT', path, query: ackTimeout, json: mappings, idempotent: true });
  requireAcknowledged(reply, `the mapping of ${name}`);
}

const shards = z.object({ _shards: z.object({ failed: z.number() }) });
const refreshed = z.object({ _shards: z.object({ failed: z.number(), successful: z.number() }) });

async function refresh(http: Http, name: string): Promise<number> {
  const reply = await http.send({ method: 'POST', path: `${indexPath(name)}/_refresh`, idempotent: true });
  const body = parsed(refreshed, reply, 'refresh');
  requireAllShards(body, `refresh of ${name}`);
  return body._shards.successful;
}

async function count(http: Http, name: string, query?: JsonObject): Promise<number> {
  const json = { query: query ?? { match_all: {} } };
  const reply = await http.send({ method: 'POST', path: `${indexPath(name)}/_count`, json, idempotent: true });
  const body = parsed(shards.extend({ count: z.number() }), reply, 'count');
  requireAllShards(body, `count of ${name}`);
  return body.count;
}

/** A count or refresh that reached only some shards would say too little without saying so. */
function requireAllShards(body: z.output<typeof shards>, what: string): void {
  if (body._shards.failed === 0) return;
  throw errorOfShards(what, body._shards.failed);
}

const searchReply = z.object({
  _all: z.object({ total: z.object({ search: z.object({ open_contexts: z.number() }) }) }),
});

async function openReaders(http: Http, names: readonly string[]): Promise<number> {
  const path = `/${names.map(name => indexPath(name).slice(1)).join(',')}/_stats/search`;
  const reply = await http.send({ method: 'GET', path, idempotent: true });
  return parsed(searchReply, reply, 'stats')._all.total.search.open_contexts;
}

const healthReply = z.object({
  status: z.enum(['green', 'yellow', 'red']),
  active_shards: z.number(),
  unassigned_shards: z.number(),
  initializing_shards: z.number(),
  relocating_shards: z.number(),
});

async function health(http: Http, names: readonly string[]): Promise<IndexHealth> {
  const path = `/_cluster/health/${names.map(name => indexPath(name).slice(1)).join(',')}`;
  // Without a time-out the engine waits half a minute for an index that does not exist, then says 408.
  const reply = await http.send({ method: 'GET', path, query: { timeout: '0s' }, idempotent: true, expect: [408] });
  if (reply.status === 408) throw new ConflictError(`index ${names.join(' or ')} does not exist`);
  const body = parsed(healthReply, reply, 'health');
  return {
    status: body.status,
    activeShards: body.active_shards,
    unassignedShards: body.unassigned_shards,
    initializingShards: body.initializing_shards,
    relocatingShards: body.relocating_shards,
  };
}

const blockReply = z.object({
  acknowledged: z.boolean(),
  shards_acknowledged: z.boolean(),
  indices: z.array(z.unknown()),
});

async function blockWrites(http: Http, name: string): Promise<'blocked' | 'already' | 'gone'> {
  const path = `${indexPath(name)}/_block/write`;
  const reply = await http.send({ method: 'PUT', path, query: ackTimeout, idempotent: true, expect: [404] });
  if (isGone(reply, path)) return 'gone';
  const body = parsed(blockReply, reply, '_block');
  // No index in the answer: an earlier call set the block and drained the index already.
  if (body.acknowledged && body.indices.length === 0) return 'already';
  if (!body.acknowledged || !body.shards_acknowledged) throw unconfirmed(`write block of ${name}`);
  return 'blocked';
}

async function unblockWrites(http: Http, name: string): Promise<'lifted' | 'gone'> {
  const reply = await sendSettings(http, name, { 'index.blocks.write': null });
  return isGone(reply, `PUT ${name}/_settings`) ? 'gone' : 'lifted';
}

/** Throws for a 404 that does not say that nothing has this name. */
function isGone(reply: HttpReply, what: string): boolean {
  if (reply.status !== 404) return false;
  if (engineErrorOf(reply.body).type === 'index_not_found_exception') return true;
  throw errorOfStatus(reply.status, reply.body, what);
}

const blocksById = z.record(z.string(), z.object({ description: z.string(), levels: z.array(z.string()) })).optional();
const blocksReply = z.object({
  blocks: z.object({ global: blocksById, indices: z.record(z.string(), blocksById).optional() }).optional(),
});
/** `read-only / allow delete`, of an index and of the cluster. */
const idsOfDisk: ReadonlySet<string> = new Set(['12', '13']);
/** `index write (api)`. */
const idOfRequest = '8';

/** From the cluster state, which holds nothing but blocks here: no privilege that asking for the cluster's uuid does not need. */
async function writeBlocks(http: Http, name: string): Promise<readonly WriteBlock[]> {
  const path = `/_cluster/state/blocks${indexPath(name)}`;
  const query = { filter_path: 'blocks', ignore_unavailable: true, expand_wildcards: 'all' };
  const { blocks } = parsed(blocksReply, await http.send({ method: 'GET', path, query, idempotent: true }), 'blocks');
  return [blocks?.global, blocks?.indices?.[name]]
    .flatMap(found => Object.entries(found ?? {}))
    .filter(([, { levels }]) => levels.includes('write'))
    .map(([id, { description }]) => ({
      ...{ description: bounded(description), byDisk: idsOfDisk.has(id), byRequest: id === idOfRequest },
    }));
}

const acknowledged = z.object({ acknowledged: z.boolean() });

/** An unacknowledged change is published but not everywhere: the caller asks again until it is. */
function requireAcknowledged(reply: HttpReply, what: string): void {
  if (parsed(acknowledged, reply, what).acknowledged) return;
  throw unconfirmed(what);
}

function unconfirmed(what: string): RetryableError {
  return new RetryableError('EngineUnavailable', `${what}: not all nodes confirmed it in time`);
}
