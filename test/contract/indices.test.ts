import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ConflictError } from '../../src/domain/errors.ts';
import { anIndexBody, ndjson } from '../support/objects/an-index.ts';
import { onEveryEngine, onRealEngine } from './engines.ts';

describe('indices', () => {
  onEveryEngine(bench => {
    it('says whether an index was created or was there already', async () => {
      const { engine, prefix } = bench();
      expect(await engine.indices.create(`${prefix}-v1`, anIndexBody())).toBe('created');
      expect(await engine.indices.create(`${prefix}-v1`, anIndexBody())).toBe('exists');
    });

    it('says whether an index was deleted or was not there', async () => {
      const { engine, prefix } = bench();
      await engine.indices.create(`${prefix}-v1`, anIndexBody());
      expect(await engine.indices.delete(`${prefix}-v1`)).toBe('deleted');
      expect(await engine.indices.delete(`${prefix}-v1`)).toBe('missing');
    });

    it('describes what matches a pattern by its own name, never through an alias', async () => {
      const { engine, prefix } = bench();
      const meta = { managedBy: 'reindeer', alias: prefix, token: 7 };
      await engine.indices.create(`${prefix}-v1`, anIndexBody({ meta, aliases: { [`${prefix}-public`]: {} } }));
      await engine.indices.create(`${prefix}-v2`, anIndexBody());
      const found = await engine.indices.describe(`${prefix}-v*`);
      expect(found.map(index => index.name)).toEqual([`${prefix}-v1`, `${prefix}-v2`]);
      expect(found[0]).toMatchObject({ meta, aliases: { [`${prefix}-public`]: {} } });
      expect(found[0]?.settings['index.number_of_shards']).toBe('1');
      expect(await engine.indices.describe(`${prefix}-public`)).toEqual([]);
      expect(await engine.indices.describe(`${prefix}-nothing`)).toEqual([]);
    });

    it('describes hidden indices too', async () => {
      const { engine, prefix } = bench();
      const body = anIndexBody();
      await engine.indices.create(`${prefix}-h`, { ...body, settings: { ...body.settings, 'index.hidden': true } });
      expect(await engine.indices.describe(`${prefix}*`)).toHaveLength(1);
    });

    it('replaces the whole _meta and leaves the fields alone', async () => {
      const { engine, prefix } = bench();
      await engine.indices.create(`${prefix}-v1`, anIndexBody({ meta: { ownerUid: 'one', token: 1 } }));
      await engine.indices.putMeta(`${prefix}-v1`, { ownerUid: 'two' });
      const [found] = await engine.indices.describe(`${prefix}-v1`);
      expect(found?.meta).toEqual({ ownerUid: 'two' });
      expect(found?.mappings['properties']).toMatchObject({ doc: { type: 'keyword' } });
    });

    it('counts what was refreshed, whole or by query', async () => {
      const { engine, prefix } = bench();
      const index = `${prefix}-v1`;
      await engine.indices.create(index, anIndexBody());
      await engine.documents.create(index, 'a', { doc: 'chunk' });
      await engine.documents.create(index, 'b', { doc: 'file' });
      expect(await engine.indices.count(index)).toBe(0);
      await engine.indices.refresh(index);
      expect(await engine.indices.count(index)).toBe(2);
      expect(await engine.indices.count(index, { term: { doc: 'chunk' } })).toBe(1);
      expect((await engine.indices.size(index)).bytes).toBeGreaterThan(0);
    });

    it('says the same size of the same documents at once, and leaves out what was deleted', async () => {
      const { engine, prefix } = bench();
      const fill = async (index: string): Promise<number> => {
        await engine.indices.create(index, anIndexBody());
        const lines = texts.flatMap((path, at) => [{ index: { _id: String(at) } }, { path }]);
        await engine.documents.bulk(ndjson(...lines), { target: index, requireAlias: false });
        await engine.indices.refresh(index);
        return (await engine.indices.size(index)).bytes;
      };
      const texts = Array.from({ length: 400 }, () => randomBytes(400).toString('hex'));
      const [one, other] = [await fill(`${prefix}-v1`), await fill(`${prefix}-v2`)];
      expect(one).toBeGreaterThan(100_000);
      expect(Math.abs(one - other) / one).toBeLessThan(0.05);
      const gone = texts.slice(100).map((_text, at) => ({ delete: { _id: String(at) } }));
      await engine.documents.bulk(ndjson(...gone), { target: `${prefix}-v1`, requireAlias: false });
      await engine.indices.refresh(`${prefix}-v1`);
      const { bytes, largestBytes } = await engine.indices.size(`${prefix}-v1`);
      expect(bytes).toBeLessThan(0.4 * one);
      expect(largestBytes).toBeLessThanOrEqual(bytes);
    });

    it('reports an unassignable replica as yellow, and green once it is not wanted', async () => {
      const { engine, prefix } = bench();
      const index = `${prefix}-v1`;
      const body = anIndexBody();
      await engine.indices.create(index, { ...body, settings: { ...body.settings, 'index.number_of_replicas': 3 } });
      expect(await engine.indices.health([index])).toMatchObject({
        status: 'yellow',
        activeShards: 1,
        unassignedShards: 3,
      });
      await engine.indices.putSettings(index, { 'index.number_of_replicas': 0 });
      expect(await engine.indices.health([index])).toMatchObject({ status: 'green', unassignedShards: 0 });
    });

    it('blocks and unblocks writes', async () => {
      const { engine, prefix } = bench();
      const index = `${prefix}-v1`;
      const bulk = (): Promise<number | undefined> =>
        engine.documents
          .bulk(ndjson({ index: { _id: 'a' } }, { n: 1 }), { target: index, requireAlias: false })
          .then(reply => reply.items[0]?.status);
      await engine.indices.create(index, anIndexBody());
      await engine.indices.blockWrites(index);
      expect(await bulk()).toBe(403);
      await engine.indices.unblockWrites(index);
      expect(await bulk()).toBe(201);
    });

    it('blocks and unblocks through an alias, says so when a block stood before, and that a name is gone', async () => {
      const { engine, prefix } = bench();
      const [index, alias] = [`${prefix}-v1`, `${prefix}-v1.C3.1`];
      await engine.indices.create(index, anIndexBody({ aliases: { [alias]: { is_hidden: true } } }));
      expect(await engine.indices.blockWrites(alias)).toBe('blocked');
      expect(await engine.indices.writeBlocks(index)).toHaveLength(1);
      expect(await engine.indices.blockWrites(alias)).toBe('already');
      expect(await engine.indices.unblockWrites(alias)).toBe('lifted');
      expect(await engine.indices.writeBlocks(index)).toEqual([]);
      await engine.aliases.update([{ remove: { index, alias, must_exist: true } }]);
      expect(await engine.indices.blockWrites(alias)).toBe('gone');
      expect(await engine.indices.unblockWrites(alias)).toBe('gone');
      expect(await engine.indices.writeBlocks(index)).toEqual([]);
    });

    it('says what refuses writes to an index, and nothing of an index that is not there', async () => {
      const { engine, prefix } = bench();
      const index = `${prefix}-v1`;
      await engine.indices.create(index, anIndexBody());
      expect(await engine.indices.writeBlocks(index)).toEqual([]);
      await engine.indices.blockWrites(index);
      expect(await engine.indices.writeBlocks(index)).toEqual([
        { description: 'index write (api)', byDisk: false, byRequest: true },
      ]);
      await engine.indices.unblockWrites(index);
      expect(await engine.indices.writeBlocks(index)).toEqual([]);
      expect(await engine.indices.writeBlocks(`${prefix}-none`)).toEqual([]);
    });

    it('tells every copy of every shard, also those that no node takes, and none of an index that is not there', async () => {
      const { engine, prefix } = bench();
      const [index, other] = [`${prefix}-v1`, `${prefix}-v2`];
      const body = anIndexBody();
      const cut = { 'index.number_of_shards': 2, 'index.number_of_replicas': 2 };
      await engine.indices.create(index, { ...body, settings: { ...body.settings, ...cut } });
      await engine.indices.create(other, body);
      const ids = (await engine.cluster.capacity()).nodes.map(({ id }) => id);
      const copies = await engine.indices.shards([index, `${prefix}-none`]);
      const primaries = copies.filter(({ primary }) => primary);
      expect(primaries).toMatchObject([0, 1].map(shard => ({ index, shard, state: 'STARTED' })));
      expect(primaries.every(({ node = '' }) => ids.includes(node))).toBe(true);
      expect(copies.map(({ shard, primary }) => `${shard} ${primary}`)).toEqual(
        [0, 1].flatMap(shard => [`${shard} true`, `${shard} false`, `${shard} false`]),
      );
      expect(copies.filter(({ state }) => state === 'UNASSIGNED')).toContainEqual(
        expect.objectContaining({ primary: false, node: undefined }),
      );
      expect(await engine.indices.shards([])).toEqual([]);
    });

    it('keeps shards where the filters of an index allow them, and moves none to where they do not', async () => {
      const { engine, prefix } = bench();
      const index = `${prefix}-v1`;
      const nowhere = { 'index.routing.allocation.require.zone': 'nowhere' };
      await engine.indices.create(index, anIndexBody());
      const [placed] = await engine.indices.shards([index]);
      await engine.indices.putSettings(index, nowhere);
      // There is nowhere to go to.
      expect(await engine.indices.shards([index])).toMatchObject([{ state: 'STARTED', node: placed?.node }]);
      const [described] = await engine.indices.describe(index);
      expect(described?.settings).toMatchObject(nowhere);
      await engine.indices.putSettings(index, { 'index.routing.allocation.require.zone': null });
      const [freed] = await engine.indices.describe(index);
      expect(freed?.settings).not.toHaveProperty(['index.routing.allocation.require.zone']);
    });

    it('names a missing index as a conflict: somebody deleted it in between', async () => {
      const { engine, prefix } = bench();
      await expect(engine.indices.count(`${prefix}-none`)).rejects.toThrow(ConflictError);
      await expect(engine.indices.health([`${prefix}-none`])).rejects.toThrow(ConflictError);
    });
  });

  onRealEngine(bench => {
    it('tells a block of full disks, on a hidden index too, from one that somebody set', async () => {
      const { engine, prefix } = bench();
      const index = `${prefix}-hidden`;
      await engine.indices.create(index, { ...anIndexBody(), settings: { 'index.hidden': true } });
      await engine.indices.putSettings(index, { 'index.blocks.read_only_allow_delete': true });
      expect(await engine.indices.writeBlocks(index)).toMatchObject([{ byDisk: true }]);
      await engine.indices.putSettings(index, { 'index.blocks.read_only_allow_delete': null });
      expect(await engine.indices.writeBlocks(index)).toEqual([]);
    });

    it.each([
      ['a field type that does not exist', { properties: { a: { type: 'nope' } } }, {}, 'MappingRejected'],
      [
        'an analyzer that is not there',
        { properties: { a: { type: 'text', analyzer: 'nope' } } },
        {},
        'MappingRejected',
      ],
      [
        'a parameter that a field does not have',
        { properties: { a: { type: 'keyword', nope: 1 } } },
        {},
        'MappingRejected',
      ],
      ['a setting that does not exist', {}, { 'index.nope': 1 }, 'SettingsRejected'],
      [
        'a tokenizer that does not exist',
        {},
        { analysis: { analyzer: { a: { tokenizer: 'nope' } } } },
        'SettingsRejected',
      ],
      ['no shards', {}, { 'index.number_of_shards': 0 }, 'SettingsRejected'],
    ])('refuses an index with %s by its own reason', async (_, mappings, settings, reason) => {
      const { engine, prefix } = bench();
      await expect(engine.indices.create(`${prefix}-v1`, { mappings, settings })).rejects.toMatchObject({
        name: 'TerminalError',
        reason,
      });
      expect(await engine.indices.describe(`${prefix}*`)).toEqual([]);
    });

    it.each(['', '*', '_all', 'a,b', '-a', 'a*'])('never sends a delete for %j', async name => {
      await expect(bench().engine.indices.delete(name)).rejects.toThrow('expected the name of one index');
    });
  });
});
