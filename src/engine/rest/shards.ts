import { z } from 'zod';
import type { ShardCopy } from '../port.ts';
import type { Http } from '../transport.ts';
import { indexPath } from './index-path.ts';
import { parsed } from './reply.ts';

/** Where shards lie, by the cluster state: the master decides it, and no node has to be asked. */

const copy = z.object({
  index: z.string(),
  shard: z.number(),
  primary: z.boolean(),
  state: z.enum(['UNASSIGNED', 'INITIALIZING', 'STARTED', 'RELOCATING']),
  node: z.string().nullish(),
});
const tableReply = z.object({
  routing_table: z
    .object({ indices: z.record(z.string(), z.object({ shards: z.record(z.string(), z.array(copy)) })) })
    .optional(),
});

export async function shardsOf(http: Http, names: readonly string[]): Promise<readonly ShardCopy[]> {
  const wanted = names.map(name => indexPath(name).slice(1)).join(',');
  // Nothing would mean every index.
  if (wanted === '') return [];
  const path = `/_cluster/state/routing_table/${wanted}`;
  const query = { filter_path: 'routing_table.indices', ignore_unavailable: true, expand_wildcards: 'all' };
  const reply = parsed(tableReply, await http.send({ method: 'GET', path, query, idempotent: true }), 'routing table');
  return Object.values(reply.routing_table?.indices ?? {})
    .flatMap(({ shards }) => Object.values(shards).flat())
    .map(({ node, ...rest }) => ({ ...rest, node: node ?? undefined }))
    .sort(inOrder);
}

function inOrder(one: ShardCopy, other: ShardCopy): number {
  if (one.index !== other.index) return one.index < other.index ? -1 : 1;
  return one.shard - other.shard || Number(other.primary) - Number(one.primary);
}

const nodesReply = z.object({
  routing_nodes: z.object({ nodes: z.record(z.string(), z.array(z.object({ index: z.string() }))) }).optional(),
});

/** So many ids fit into one address. */
const mostNodes = 50;

export async function indicesOn(http: Http, nodeIds: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for (let from = 0; from < nodeIds.length; from += mostNodes) {
    const fields = nodeIds.slice(from, from + mostNodes).map(id => `routing_nodes.nodes.${id}.index`);
    const query = { filter_path: fields.join(',') };
    const reply = await http.send({ method: 'GET', path: '/_cluster/state/routing_nodes', query, idempotent: true });
    const nodes = parsed(nodesReply, reply, 'routing nodes').routing_nodes?.nodes ?? {};
    for (const { index } of Object.values(nodes).flat()) found.add(index);
  }
  return [...found].sort();
}
