import { z } from 'zod';
import { RetryableError } from '../../domain/errors.ts';
import type { Capacity, Cluster, ClusterNode, LackedPrivilege, Privileges } from '../port.ts';
import type { Http, HttpRequest } from '../transport.ts';
import { parsed } from './reply.ts';
import { indicesOn } from './shards.ts';
import { templatesFor } from './templates.ts';
import { settingIn, watermarksOf, type ClusterSettings } from './watermarks.ts';

/** What a cluster says of itself, over the REST shapes that both engines share. */
export function restCluster(http: Http): Cluster {
  return {
    capacity: () => capacity(http),
    indicesOn: nodeIds => indicesOn(http, nodeIds),
    templatesFor: index => templatesFor(http, index),
    lacking: wanted => lacking(http, wanted),
    awaitChanges: () => awaitChanges(http),
  };
}

const infoReply = z.object({
  nodes: z.record(
    z.string(),
    z.object({
      name: z.string(),
      roles: z.array(z.string()),
      attributes: z.record(z.string(), z.string()).optional(),
      http: z.object({ publish_address: z.string().optional() }).optional(),
    }),
  ),
});
const bytes = z.object({ total_in_bytes: z.number().optional(), available_in_bytes: z.number().optional() });
const statsReply = z.object({
  nodes: z.record(
    z.string(),
    z.object({ timestamp: z.number().optional(), fs: z.object({ total: bytes.optional() }).optional() }),
  ),
});
const allocationReply = z.array(z.object({ node: z.string().nullable(), shards: z.string() }));
const settingsOfScope = z.record(z.string(), z.unknown()).default({});
const settingsReply = z.object({
  persistent: settingsOfScope,
  transient: settingsOfScope,
  defaults: settingsOfScope,
});
const healthReply = z.object({
  active_shards: z.number(),
  initializing_shards: z.number(),
  unassigned_shards: z.number(),
});

type Info = z.output<typeof infoReply>['nodes'][string];
type Stats = z.output<typeof statsReply>['nodes'][string];

async function capacity(http: Http): Promise<Capacity> {
  const get = async (path: string, query: HttpRequest['query'] = {}) =>
    http.send({ method: 'GET', path, query, idempotent: true });
  const [info, stats, allocation, settings, health] = await Promise.all([
    get('/_nodes/http', { filter_path: 'nodes.*.name,nodes.*.roles,nodes.*.attributes,nodes.*.http' }),
    get('/_nodes/stats/fs', { filter_path: 'nodes.*.timestamp,nodes.*.fs.total' }),
    get('/_cat/allocation', { format: 'json', h: 'node,shards' }),
    get('/_cluster/settings', { include_defaults: true, flat_settings: true }),
    get('/_cluster/health', { timeout: '0s', filter_path: '*_shards' }),
  ]);
  const { persistent, transient, defaults } = parsed(settingsReply, settings, 'cluster settings');
  const known: ClusterSettings = { set: { ...persistent, ...transient }, defaults };
  const nodes = parsed(infoReply, info, 'nodes').nodes;
  const told = parsed(statsReply, stats, 'stats of nodes').nodes;
  const held = shardsByName(parsed(allocationReply, allocation, 'allocation'));
  const ofData = Object.values(nodes).filter(holdsData).length;
  const shards = parsed(healthReply, health, 'health');
  return {
    nodes: Object.entries(nodes)
      .map(([id, node]) => nodeOf(id, node, { stats: told[id], known, isOnly: ofData === 1, held }))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
    shards: {
      open: shards.active_shards + shards.initializing_shards + shards.unassigned_shards,
      most: Number(settingIn(known, 'cluster.max_shards_per_node')) * ofData,
    },
    autoCreate: settingIn(known, 'action.auto_create_index'),
  };
}

type About = {
  readonly stats: Stats | undefined;
  readonly known: ClusterSettings;
  readonly isOnly: boolean;
  readonly held: ReadonlyMap<string, number>;
};

function nodeOf(id: string, node: Info, { stats, known, isOnly, held }: About): ClusterNode {
  const { total_in_bytes: totalBytes, available_in_bytes: freeBytes } = stats?.fs?.total ?? {};
  const disk = totalBytes === undefined || freeBytes === undefined ? undefined : { totalBytes, freeBytes };
  return {
    id,
    name: node.name,
    roles: node.roles,
    takesShards: node.roles.some(role => role === 'data' || role === 'data_content'),
    attributes: node.attributes ?? {},
    // `name/address:port` where the node was given a name.
    http: node.http?.publish_address?.split('/').at(-1),
    disk,
    watermarks: watermarksOf(known, disk?.totalBytes ?? 0, isOnly),
    shards: held.get(node.name) ?? 0,
    clockMs: stats?.timestamp,
  };
}

/** The limit of shards counts by these; a tier of frozen data has a limit of its own. */
function holdsData({ roles }: Info): boolean {
  return roles.some(role => role === 'data' || (role.startsWith('data_') && role !== 'data_frozen'));
}

function shardsByName(rows: z.output<typeof allocationReply>): ReadonlyMap<string, number> {
  const held = new Map<string, number>();
  for (const { node, shards } of rows) if (node !== null) held.set(node, (held.get(node) ?? 0) + Number(shards));
  return held;
}

const granted = z.record(z.string(), z.boolean());
const privilegesReply = z.object({ cluster: granted, index: z.record(z.string(), granted) });

/** An engine without users knows no such path, and says so with one of these. */
const unknownPath = [400, 404, 405];

async function lacking(http: Http, { cluster, indices }: Privileges): Promise<readonly LackedPrivilege[] | undefined> {
  const path = '/_security/user/_has_privileges';
  const json = { cluster, index: indices };
  const reply = await http.send({ method: 'POST', path, json, idempotent: true, expect: unknownPath });
  if (reply.status >= 400) return undefined;
  const { cluster: ofCluster, index } = parsed(privilegesReply, reply, 'privileges');
  return Object.entries({ '': ofCluster, ...index }).flatMap(([name, privileges]) =>
    Object.entries(privileges).flatMap(([privilege, has]) => (has ? [] : [{ privilege, index: name }])),
  );
}

const waitedReply = z.object({ timed_out: z.boolean() });

/** Changes of aliases, blocks and settings have the priority URGENT in both engines, and are done in their order. */
async function awaitChanges(http: Http): Promise<void> {
  const query = { wait_for_events: 'urgent', timeout: '20s', master_timeout: '20s' };
  const reply = await http.send({ method: 'GET', path: '/_cluster/health', query, idempotent: true, expect: [408] });
  if (!parsed(waitedReply, reply, 'health').timed_out) return;
  throw new RetryableError('EngineOverloaded', 'the master does not come to the changes that were asked of it');
}
