import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ConflictError, RetryableError, TerminalError } from '../../domain/errors.ts';
import type { Abilities } from '../dialect.ts';
import { errorOfShards, errorOfStatus } from '../errors.ts';
import type { CopyStand, PageQuestion, ShardStand, TimeLimit, View, ViewPage, Views } from '../view-port.ts';
import type { Http, HttpRequest } from '../transport.ts';
import { indexPath } from './index-path.ts';
import { parsed } from './reply.ts';

/** Views over the REST shapes that both engines share. `abilities` is asked before the first one that they decide on, and once it answered never again. */
export function restViews(http: Http, abilities: () => Promise<Abilities>): Views {
  let known: Promise<Abilities> | undefined;
  const can = async (): Promise<Abilities> => {
    known ??= abilities();
    try {
      return await known;
    } catch (error) {
      known = undefined;
      throw error;
    }
  };
  return {
    primaryTerms: (index, limit) => primaryTerms(http, index, limit),
    stands: (index, limit) => stands(http, index, limit),
    flush: index => flush(http, index),
    open: async (index, shard) => open(http, await can(), index, shard),
    close: async view => close(http, await can(), view),
    page: (view, question) => page(http, view, question),
    shardsOf: (index, routing) => shardsOf(http, index, routing),
  };
}

const termsReply = z.object({
  metadata: z
    .object({ indices: z.record(z.string(), z.object({ primary_terms: z.record(z.string(), z.number().int()) })) })
    .optional(),
});

async function primaryTerms(http: Http, index: string, { timeoutMs }: TimeLimit): Promise<ReadonlyMap<number, number>> {
  const path = `/_cluster/state/metadata${indexPath(index)}`;
  const query = { filter_path: 'metadata.indices.*.primary_terms', expand_wildcards: 'all' };
  const reply = await http.send({ method: 'GET', path, query, timeoutMs, idempotent: true });
  const found = parsed(termsReply, reply, 'primary terms').metadata?.indices[index];
  if (found === undefined) throw new ConflictError(`index ${index} does not exist`);
  return new Map(Object.entries(found.primary_terms).map(([shard, term]) => [Number(shard), term]));
}

const copyReply = z.object({
  routing: z.object({ state: z.string(), primary: z.boolean() }),
  // None of a copy whose engine is not open.
  seq_no: z
    .object({
      max_seq_no: z.number().int(),
      local_checkpoint: z.number().int(),
      global_checkpoint: z.number().int(),
    })
    .nullish(),
});
const statsReply = z.object({
  _shards: z.object({ failed: z.number() }),
  indices: z.record(z.string(), z.object({ shards: z.record(z.string(), z.array(copyReply)) })).optional(),
});
const statsFilter = '_shards.failed,indices.*.shards.*.routing,indices.*.shards.*.seq_no';

/** Of the statistics that a copy can give this is the least: its sequence numbers come with any. */
async function stands(http: Http, index: string, { timeoutMs }: TimeLimit): Promise<readonly ShardStand[]> {
  const path = `${indexPath(index)}/_stats/docs`;
  const query = { level: 'shards', filter_path: statsFilter };
  const reply = await http.send({ method: 'GET', path, query, timeoutMs, idempotent: true });
  const { _shards, indices } = parsed(statsReply, reply, 'stats');
  if (_shards.failed > 0) throw errorOfShards(`stats of ${index}`, _shards.failed);
  return Object.entries(indices?.[index]?.shards ?? {})
    .map(([shard, copies]) => ({ shard: Number(shard), copies: copies.flatMap(copy => standOf(copy, index)) }))
    .sort((one, other) => one.shard - other.shard);
}

function standOf({ routing, seq_no: stand }: z.output<typeof copyReply>, index: string): readonly CopyStand[] {
  const active = routing.state === 'STARTED' || routing.state === 'RELOCATING';
  if (!stand && active) throw errorOfShards(`stats of ${index}`, 1);
  if (!stand) return [];
  const { max_seq_no: maxSeqNo, local_checkpoint: localCheckpoint, global_checkpoint: globalCheckpoint } = stand;
  return [{ primary: routing.primary, active, maxSeqNo, localCheckpoint, globalCheckpoint }];
}

const flushReply = z.object({ _shards: z.object({ failed: z.number() }) });

async function flush(http: Http, index: string): Promise<void> {
  const reply = await http.send({ method: 'POST', path: `${indexPath(index)}/_flush`, idempotent: true });
  const { failed } = parsed(flushReply, reply, 'flush')._shards;
  if (failed > 0) throw errorOfShards(`flush of ${index}`, failed);
}

const keepAlive = '10m';
const openReply = z.union([
  z.object({ id: z.string().min(1) }).transform(({ id }) => ({ id, failed: 0 })),
  z
    .object({ pit_id: z.string().min(1), _shards: z.object({ failed: z.number() }) })
    .transform(({ pit_id: id, _shards: { failed } }) => ({ id, failed })),
]);

async function open(http: Http, can: Abilities, index: string, shard: number): Promise<View> {
  const path = `${indexPath(index)}/${can.openPit ? '_pit' : '_search/point_in_time'}`;
  // A replica may show what was never acknowledged, or, where it takes over whole segments, what is long past.
  const preference = `_shards:${shard}${can.preferPrimary ? '|_primary' : ''}`;
  const query = {
    ...{ keep_alive: keepAlive, preference },
    ...(!can.openPit && { allow_partial_pit_creation: false }),
  };
  // Opened twice, the first runs out by itself.
  const reply = await http.send({ method: 'POST', path, query, idempotent: true });
  const { id, failed } = parsed(openReply, reply, 'view');
  if (failed > 0) throw errorOfShards(`a view of shard ${shard} of ${index}`, failed);
  return { id };
}

async function close(http: Http, can: Abilities, { id }: View): Promise<void> {
  const request: Pick<HttpRequest, 'path' | 'json'> = can.openPit
    ? { path: '/_pit', json: { id } }
    : { path: '/_search/point_in_time', json: { pit_id: [id] } };
  await http.send({ method: 'DELETE', ...request, idempotent: true, expect: [404] });
}

const headReply = z.object({
  pit_id: z.string().min(1),
  timed_out: z.boolean(),
  terminated_early: z.boolean().default(false),
  _shards: z.object({ failed: z.number() }),
});
/** An unescaped quotation mark stands in no text of JSON: the first hits are the hits. */
const hitsBegin = Buffer.from('"hits":[');
const hitsEnd = Buffer.from(']}}');
const pageTimeoutMs = 120_000;

/** Never with `filter_path`: an engine that filters parses the sources, and writes numbers as it would. */
async function page(http: Http, { id }: View, question: PageQuestion): Promise<ViewPage> {
  const mark = randomUUID();
  const { above, size, after, sources, maxBytes } = question;
  const json = {
    pit: { id, keep_alive: keepAlive },
    query: { range: { _seq_no: { gt: above, _name: mark } } },
    // A shard that was shrunk has a number more than once.
    sort: [{ _seq_no: 'asc' }, { _shard_doc: 'asc' }],
    ...{ size, version: true, seq_no_primary_term: true, track_total_hits: false, _source: sources },
    ...(after && { search_after: after }),
  };
  const reply = await http.send({
    ...{ method: 'POST', path: '/_search', query: { allow_partial_search_results: false }, json },
    ...{ idempotent: true, asBytes: true, expect: [404], timeoutMs: pageTimeoutMs },
    ...(maxBytes !== undefined && { maxBytes }),
  });
  if (reply.status === 404) throw goneOr(errorOfStatus(reply.status, reply.body, 'a page of a view'));
  const { head, hits } = cut(reply.body as Buffer); // asked for as bytes
  const whole = parsed(headReply, { ...reply, body: head }, 'a page of a view');
  if (whole._shards.failed > 0) throw errorOfShards('a page of a view', whole._shards.failed);
  if (whole.timed_out || whole.terminated_early)
    throw new RetryableError('EngineOverloaded', 'a page of a view: the engine gave it up half-way');
  return { view: { id: whole.pit_id }, hits, mark };
}

/** A view lives on the node that it was opened on, and is not kept for ever. */
function goneOr(error: Error): RetryableError {
  return new RetryableError('ShardUnavailable', `the view is gone: ${error.message}`, { cause: error });
}

function cut(body: Buffer): { readonly head: unknown; readonly hits: Buffer } {
  const begin = body.indexOf(hitsBegin);
  const end = body.length - hitsEnd.length;
  const from = begin + hitsBegin.length;
  if (begin < 0 || end < from || !body.subarray(end).equals(hitsEnd))
    throw new TerminalError('NotASearchEngine', 'a page of a view: the answer lacks its hits');
  return {
    head: JSON.parse(`${body.toString('utf8', 0, begin)}"hits":[]}}`) as unknown,
    hits: body.subarray(from, end),
  };
}

const searchShardsReply = z.object({ shards: z.array(z.array(z.object({ shard: z.number().int() })).min(1)).min(1) });

async function shardsOf(http: Http, index: string, routing: string): Promise<readonly number[] | undefined> {
  // It would be taken for several.
  if (routing.includes(',')) return undefined;
  const path = `${indexPath(index)}/_search_shards`;
  const query = { routing, filter_path: 'shards.shard' };
  const reply = await http.send({ method: 'GET', path, query, idempotent: true });
  return parsed(searchShardsReply, reply, 'search shards').shards.map(([copy]) => copy?.shard ?? 0);
}
