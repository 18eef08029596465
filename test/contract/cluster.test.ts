import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openHttp, type Http } from '../../src/engine/transport.ts';
import { systemClock as clock } from '../../src/runtime/clock.ts';
import { anIndexBody } from '../support/objects/an-index.ts';
import { itWithSecurity, onEveryEngine, onRealEngine } from './engines.ts';

const disk = 'cluster.routing.allocation.disk';
/** Settings of the cluster that these tests change; null = as it was. */
const undone = {
  ...{ [`${disk}.threshold_enabled`]: null, [`${disk}.watermark.low`]: null, [`${disk}.watermark.high`]: null },
  ...{ [`${disk}.watermark.flood_stage`]: null, 'cluster.max_shards_per_node': null },
};

describe('the cluster', () => {
  // Other tests make and delete indices on a real engine meanwhile: nothing is counted exactly there, and no setting bites.
  onEveryEngine((bench, on) => {
    it('tells its nodes: what they may hold, what they have left, where they speak HTTP', async () => {
      const { nodes } = await bench().engine.cluster.capacity();
      const [node] = nodes.filter(({ takesShards }) => takesShards);
      if (!node) throw new Error('no node takes shards');
      expect(node.id).not.toBe('');
      expect(node.roles).toContain('data');
      expect(node.attributes).toHaveProperty('zone');
      expect(node.http).toMatch(/:\d+$/);
      expect(node.disk?.totalBytes).toBeGreaterThan(node.disk?.freeBytes ?? Infinity);
    });

    it('counts the shards that are open, those that have no node included', async () => {
      const { engine, prefix } = bench();
      const before = await engine.cluster.capacity();
      const body = anIndexBody();
      const settings = { ...body.settings, 'index.number_of_shards': 2, 'index.number_of_replicas': 3 };
      await engine.indices.create(`${prefix}-v1`, { ...body, settings });
      const after = await engine.cluster.capacity();
      if (on === 'fake') expect(after.shards.open - before.shards.open).toBe(8);
      expect(after.shards.open).toBeGreaterThanOrEqual(8);
      expect(after.shards.most).toBe(before.shards.most);
      expect(after.nodes.reduce((sum, { shards }) => sum + shards, 0)).toBeGreaterThanOrEqual(2);
    });

    it('names the indices on a node, and none of a node that is not there', async () => {
      const { engine, prefix } = bench();
      await engine.indices.create(`${prefix}-v1`, anIndexBody());
      const [copy] = await engine.indices.shards([`${prefix}-v1`]);
      expect(await engine.cluster.indicesOn([copy?.node ?? ''])).toContain(`${prefix}-v1`);
      expect(await engine.cluster.indicesOn(['none'])).toEqual([]);
      expect(await engine.cluster.indicesOn([])).toEqual([]);
    });

    it('comes to an end of the changes that were asked of its master', async () => {
      await expect(bench().engine.cluster.awaitChanges()).resolves.toBe(undefined);
    });

    it('knows no template of a name that none was made for', async () => {
      const { engine, prefix } = bench();
      expect(await engine.cluster.templatesFor(`${prefix}-v1`)).toEqual([]);
    });
  });

  onRealEngine((bench, address) => {
    let http: Http;
    const send = async (method: 'PUT' | 'DELETE', path: string, json?: object): Promise<unknown> =>
      http.send({ method, path, ...(json && { json }), idempotent: true, expect: [404] });
    const set = async (persistent: object): Promise<unknown> => send('PUT', '/_cluster/settings', { persistent });
    beforeEach(() => {
      http = openHttp({ ...address().access, clock });
    });
    afterEach(async () => {
      await set(undone);
      for (const kind of ['_index_template', '_template', '_component_template'])
        await send('DELETE', `/${kind}/${bench().prefix}`);
      await http.close();
    });

    it('resolves its watermarks for each node, in each of their forms', async () => {
      const { engine } = bench();
      const kept = async (persistent: object): Promise<number> => {
        await set(persistent);
        const { nodes } = await engine.cluster.capacity();
        const [node] = nodes.filter(({ takesShards }) => takesShards);
        return node === undefined ? NaN : node.watermarks.floodBytes / (node.disk?.totalBytes ?? NaN);
      };
      const stages = (low: string, rest: string): object => ({
        ...{ [`${disk}.threshold_enabled`]: true, [`${disk}.watermark.low`]: low },
        ...{ [`${disk}.watermark.high`]: rest, [`${disk}.watermark.flood_stage`]: rest },
      });
      expect(await kept(stages('97%', '98%'))).toBeCloseTo(0.02);
      expect(await kept(stages('0.98', '0.99'))).toBeCloseTo(0.01);
      const [node] = (await engine.cluster.capacity()).nodes;
      expect((await kept(stages('3mb', '2mb'))) * (node?.disk?.totalBytes ?? 0)).toBeCloseTo(2 * 1024 ** 2, -2);
      expect(await kept({ [`${disk}.threshold_enabled`]: false })).toBe(0);
    });

    it('knows how many shards it takes: the engine refuses what is more', async () => {
      const { engine, prefix } = bench();
      const { most } = (await engine.cluster.capacity()).shards;
      const body = anIndexBody();
      const replicas = Math.ceil(most / 1024) - 1;
      const settings = { ...body.settings, 'index.number_of_shards': 1024, 'index.number_of_replicas': replicas };
      await expect(engine.indices.create(`${prefix}-v1`, { ...body, settings })).rejects.toMatchObject({
        message: expect.stringContaining(`${most}`),
      });
      await set({ 'cluster.max_shards_per_node': 2000 });
      expect((await engine.cluster.capacity()).shards.most).toBe(2 * most);
    });

    it('tells the clock of its nodes, and whether a name may be created by writing to it', async () => {
      const { nodes, autoCreate } = await bench().engine.cluster.capacity();
      expect(Math.abs((nodes[0]?.clockMs ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(autoCreate).toBe('false');
    });

    it('tells the composable template that shapes an index, and what the engine then does with it', async () => {
      const { engine, prefix } = bench();
      const part = { template: { mappings: { properties: { strange: { type: 'keyword' } } } } };
      await send('PUT', `/_component_template/${prefix}`, part);
      await send('PUT', `/_index_template/${prefix}`, {
        ...{ index_patterns: [`${prefix}-v*`], priority: 900, composed_of: [prefix] },
        template: { settings: { 'index.codec': 'best_compression' }, aliases: { [`${prefix}-all`]: {} } },
      });
      const name = `${prefix}-v1`;
      expect(await engine.cluster.templatesFor(name)).toEqual([
        {
          ...{ name: prefix, kind: 'composable', forDataStreams: false, aliases: [`${prefix}-all`] },
          ...{ settings: { 'index.codec': 'best_compression' }, mappings: part.template.mappings },
        },
      ]);
      expect(await engine.cluster.templatesFor(`${prefix}-x`)).toEqual([]);
      await engine.indices.create(name, { settings: { 'index.hidden': true }, mappings: { dynamic: 'strict' } });
      const [made] = await engine.indices.describe(name);
      expect(made?.aliases).toHaveProperty(`${prefix}-all`);
      expect(made?.mappings['properties']).toHaveProperty('strange');
    });

    it('tells a legacy template where no composable one matches', async () => {
      const { engine, prefix } = bench();
      const mappings = { properties: { strange: { type: 'keyword' } } };
      await send('PUT', `/_template/${prefix}`, { index_patterns: [`${prefix}-v*`], mappings });
      const found = await engine.cluster.templatesFor(`${prefix}-v1`);
      expect(found).toMatchObject([{ name: prefix, kind: 'legacy', mappings }]);
    });

    itWithSecurity('knows of an administrator that no privilege is lacking', async () => {
      const { engine, prefix } = bench();
      const wanted = { cluster: ['monitor'], indices: [{ names: [`${prefix}-v1`], privileges: ['manage', 'read'] }] };
      expect(await engine.cluster.lacking(wanted)).toEqual([]);
    });
  });
});
