import { describe, expect, it } from '@jest/globals';
import { restCluster } from '../../../../src/engine/rest/cluster.ts';
import type { Http, HttpReply } from '../../../../src/engine/transport.ts';

/** Answers by path; what is not given is not known there. */
function answering(bodies: Readonly<Record<string, unknown>>, otherwise = 404): Http {
  const send = async ({ path }: { readonly path: string }): Promise<HttpReply> => {
    const status = Object.hasOwn(bodies, path) ? 200 : otherwise;
    return { status, body: bodies[path] ?? {}, headers: {} };
  };
  return { send, close: async () => undefined };
}

const node = { roles: ['data', 'ingest'], http: { publish_address: 'es-1.local/10.0.0.1:9200' } };
const cluster = {
  '/_nodes/http': {
    nodes: {
      b: { ...node, name: 'es-2', attributes: { zone: 'north' } },
      a: { ...node, name: 'es-1' },
      m: { name: 'master', roles: ['master'] },
      f: { name: 'frozen', roles: ['data_frozen'] },
      w: { name: 'warm', roles: ['data_warm'] },
    },
  },
  '/_nodes/stats/fs': {
    nodes: { b: { timestamp: 1000, fs: { total: { total_in_bytes: 1000, available_in_bytes: 400 } } }, a: {} },
  },
  '/_cat/allocation': [
    { node: 'es-2', shards: '7' },
    { node: 'UNASSIGNED', shards: '2' },
  ],
  '/_cluster/settings': {
    persistent: { 'cluster.max_shards_per_node': '10' },
    transient: { 'cluster.max_shards_per_node': '20' },
    defaults: {
      'cluster.max_shards_per_node': '1000',
      'cluster.routing.allocation.disk.watermark.high': '90%',
      'action.auto_create_index': ['+logs-*', '-*'],
    },
  },
  '/_cluster/health': { active_shards: 7, initializing_shards: 1, unassigned_shards: 2 },
};

describe('the capacity of a cluster', () => {
  it('tells its nodes with what they hold and what they have left', async () => {
    const { nodes, shards, autoCreate } = await restCluster(answering(cluster)).capacity();
    expect(nodes.map(({ name, takesShards }) => [name, takesShards])).toEqual([
      ['es-1', true],
      ['es-2', true],
      ['frozen', false],
      ['master', false],
      ['warm', false],
    ]);
    expect(nodes[1]).toMatchObject({
      ...{ id: 'b', attributes: { zone: 'north' }, http: '10.0.0.1:9200', shards: 7, clockMs: 1000 },
      ...{ disk: { totalBytes: 1000, freeBytes: 400 }, watermarks: { lowBytes: 0, highBytes: 100, floodBytes: 0 } },
    });
    expect(nodes[0]).toMatchObject({ disk: undefined, shards: 0 });
    expect(nodes.find(({ name }) => name === 'master')?.http).toBeUndefined();
    // What is frozen has a limit of its own.
    expect(shards).toEqual({ open: 10, most: 60 });
    expect(autoCreate).toBe('+logs-*,-*');
  });
});

const composable = (name: string, patterns: readonly string[], more: object = {}) => ({
  name,
  index_template: { index_patterns: patterns, ...more },
});

describe('the templates for a name', () => {
  const legacy = {
    old: { index_patterns: ['kibana-*'], order: 1, settings: { index: { codec: 'best' } }, mappings: {}, aliases: {} },
    older: { index_patterns: ['*'], order: 0, settings: {}, mappings: { dynamic: false }, aliases: { all: {} } },
    other: { index_patterns: ['x*'], settings: {}, mappings: {}, aliases: {} },
  };

  it('are all of the legacy ones that match, where no composable one does', async () => {
    const http = answering({ '/_index_template': { index_templates: [] }, '/_template': legacy });
    const found = await restCluster(http).templatesFor('kibana-v2');
    expect(found).toEqual([
      {
        name: 'older',
        kind: 'legacy',
        forDataStreams: false,
        settings: {},
        mappings: { dynamic: false },
        aliases: ['all'],
      },
      {
        name: 'old',
        kind: 'legacy',
        forDataStreams: false,
        settings: { 'index.codec': 'best' },
        mappings: {},
        aliases: [],
      },
    ]);
  });

  it('are the composable one of the highest priority alone, with what its components bring', async () => {
    const http = answering({
      '/_index_template': {
        index_templates: [
          composable('low', ['kibana-*'], { template: { settings: { codec: 'best' } } }),
          composable('high', ['*-v*'], {
            ...{ priority: 5, composed_of: ['part', 'gone'], data_stream: {} },
            template: { aliases: { all: {} } },
          }),
          composable('stranger', ['x*'], { priority: 9 }),
        ],
      },
      '/_component_template/part': {
        component_templates: [
          {
            component_template: {
              template: { settings: { index: { lifecycle: { name: 'a' } } }, mappings: { _source: {} } },
            },
          },
        ],
      },
      '/_template': legacy,
    });
    expect(await restCluster(http).templatesFor('kibana-v2')).toEqual([
      {
        ...{ name: 'high', kind: 'composable', forDataStreams: true, settings: { 'index.lifecycle.name': 'a' } },
        ...{ mappings: { _source: {} }, aliases: ['all'] },
      },
    ]);
  });

  it('are not known to credentials that may not ask', async () => {
    expect(await restCluster(answering({}, 403)).templatesFor('kibana-v2')).toBeUndefined();
  });
});

describe('privileges', () => {
  const wanted = {
    cluster: ['monitor'],
    indices: [{ names: ['kibana', 'kibana-v2'], privileges: ['manage', 'read'] }],
  };

  it('that are lacking are told with what they are about', async () => {
    const http = answering({
      '/_security/user/_has_privileges': {
        cluster: { monitor: false },
        index: { kibana: { manage: true, read: true }, 'kibana-v2': { manage: false, read: true } },
      },
    });
    expect(await restCluster(http).lacking(wanted)).toEqual([
      { privilege: 'monitor', index: '' },
      { privilege: 'manage', index: 'kibana-v2' },
    ]);
  });

  it('are not known of an engine that has no users', async () => {
    expect(await restCluster(answering({}, 400)).lacking(wanted)).toBeUndefined();
  });
});

describe('the wait for changes', () => {
  it('is over when the master says so, and not when it says that its time was', async () => {
    const saying = (status: number, timedOut: boolean): Http => ({
      send: async () => ({ status, body: { timed_out: timedOut }, headers: {} }),
      close: async () => undefined,
    });
    await expect(restCluster(saying(200, false)).awaitChanges()).resolves.toBe(undefined);
    await expect(restCluster(saying(408, true)).awaitChanges()).rejects.toMatchObject({ reason: 'EngineOverloaded' });
  });
});
