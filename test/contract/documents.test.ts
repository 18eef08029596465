import { describe, expect, it } from '@jest/globals';
import { RetryableError } from '../../src/domain/errors.ts';
import { anIndexBody, fencedDelete, fencedIndex, ndjson } from '../support/objects/an-index.ts';
import { type Bench, onEveryEngine } from './engines.ts';

async function anIndex({ engine, prefix }: Bench): Promise<string> {
  const index = `${prefix}-v1`;
  await engine.indices.create(index, anIndexBody({ aliases: { [prefix]: { filter: { term: { doc: 'chunk' } } } } }));
  return index;
}

describe('documents', () => {
  onEveryEngine(bench => {
    it('reads what was written at once, whatever the id looks like', async () => {
      const { engine } = bench();
      const index = await anIndex(bench());
      const id = 'version~a b/c%2Fü?*#';
      const stand = await engine.documents.create(index, id, { n: 1 });
      expect(await engine.documents.get(index, id)).toEqual({ id, source: { n: 1 }, stand });
    });

    it('finds nothing where there is no document or no index', async () => {
      const { engine, prefix } = bench();
      expect(await engine.documents.get(await anIndex(bench()), 'none')).toBeUndefined();
      expect(await engine.documents.get(`${prefix}-none`, 'none')).toBeUndefined();
    });

    it('reads several at once, in the order that they were asked for', async () => {
      const { engine, prefix } = bench();
      const index = await anIndex(bench());
      const id = 'version~a b/c%2Fü?*#';
      const [one, two] = [
        await engine.documents.create(index, id, { n: 1 }),
        await engine.documents.create(index, 'two', { n: 2 }),
      ];
      const [first, none, second] = await engine.documents.getAll(index, ['two', 'none', id]);
      expect([first, none, second]).toEqual([
        { id: 'two', source: { n: 2 }, stand: two },
        undefined,
        { id, source: { n: 1 }, stand: one },
      ]);
      expect(await engine.documents.getAll(index, [])).toEqual([]);
      expect(await engine.documents.getAll(index, [id], ['n'])).toEqual([{ id, source: { n: 1 }, stand: one }]);
      expect(await engine.documents.getAll(index, [id], ['m'])).toEqual([{ id, source: {}, stand: one }]);
      expect(await engine.documents.getAll(`${prefix}-none`, ['two', id])).toEqual([undefined, undefined]);
    });

    it('creates once', async () => {
      const { engine } = bench();
      const index = await anIndex(bench());
      expect(await engine.documents.create(index, 'a', { n: 1 })).toHaveProperty('seqNo');
      expect(await engine.documents.create(index, 'a', { n: 2 })).toBe('exists');
    });

    it('replaces only what stands where it was seen, and moves the stand even for equal content', async () => {
      const { engine } = bench();
      const index = await anIndex(bench());
      const first = await engine.documents.create(index, 'a', { n: 1 });
      if (first === 'exists') throw new Error('the index was new');
      const second = await engine.documents.replace(index, 'a', { n: 1 }, first);
      expect(second).not.toEqual(first);
      expect(await engine.documents.replace(index, 'a', { n: 3 }, first)).toBe('conflict');
      expect(await engine.documents.replace(index, 'none', { n: 3 }, first)).toBe('conflict');
      expect((await engine.documents.get(index, 'a'))?.source).toEqual({ n: 1 });
    });

    it('lets one of twenty win who replace the same document', async () => {
      const { engine } = bench();
      const index = await anIndex(bench());
      const stand = await engine.documents.create(index, 'a', { n: 0 });
      if (stand === 'exists') throw new Error('the index was new');
      const tries = Array.from({ length: 20 }, (_, n) => engine.documents.replace(index, 'a', { n }, stand));
      expect((await Promise.all(tries)).filter(result => result !== 'conflict')).toHaveLength(1);
    });

    it('answers a bulk item by item, in order', async () => {
      const { engine } = bench();
      const index = await anIndex(bench());
      const body = ndjson(
        { index: { _id: 'a' } },
        { n: 1 },
        { delete: { _id: 'none' } },
        { index: { _id: 'b' } },
        { unknown: 1 },
        { index: { _id: 'a' } },
        { n: 2 },
        { delete: { _id: 'a' } },
      );
      const { items } = await engine.documents.bulk(body, { target: index, requireAlias: false });
      expect(items.map(item => [item.id, item.op, item.status])).toEqual([
        ['a', 'index', 201],
        ['none', 'delete', 404],
        ['b', 'index', 400],
        ['a', 'index', 200],
        ['a', 'delete', 200],
      ]);
      expect(items[2]?.errorType).toBe('strict_dynamic_mapping_exception');
      expect(items[0]).not.toHaveProperty('errorType');
    });

    it('lets an equal or higher token write, and a lower one not, also after a delete', async () => {
      const { engine, prefix } = bench();
      await anIndex(bench());
      const statuses = async (...lines: readonly object[]): Promise<readonly number[]> => {
        const reply = await engine.documents.bulk(ndjson(...lines), { target: prefix, requireAlias: true });
        return reply.items.map(item => item.status);
      };
      expect(await statuses(...fencedIndex('a', 5, { n: 5 }))).toEqual([201]);
      expect(await statuses(...fencedIndex('a', 5, { n: 5 }), ...fencedIndex('a', 4, { n: 4 }))).toEqual([200, 409]);
      expect(await statuses(...fencedDelete('a', 4), ...fencedDelete('a', 6), ...fencedIndex('a', 5, {}))).toEqual([
        409, 200, 409,
      ]);
      expect(await statuses(...fencedDelete('b', 6), ...fencedIndex('b', 5, {}), ...fencedIndex('b', 6, {}))).toEqual([
        404, 409, 201,
      ]);
    });

    it('refuses to index through the name of an index where an alias is required, but deletes all the same', async () => {
      const { engine } = bench();
      const index = await anIndex(bench());
      const body = ndjson(...fencedIndex('a', 1, {}), ...fencedDelete('b', 1));
      const { items } = await engine.documents.bulk(body, { target: index, requireAlias: true });
      expect(items.map(item => [item.status, item.errorType])).toEqual([
        [404, 'index_not_found_exception'],
        [404, undefined],
      ]);
    });

    it('searches through the filter of an alias, sorted and paged', async () => {
      const { engine, prefix } = bench();
      const index = await anIndex(bench());
      for (const n of [3, 1, 2]) await engine.documents.create(index, `c${n}`, { doc: 'chunk', n });
      await engine.documents.create(index, 'f', { doc: 'file', n: 0, path: 'f' });
      await engine.indices.refresh(index);
      const body = { query: { range: { n: { gte: 1 } } }, sort: [{ n: 'asc' }], size: 2, version: true };
      const first = await engine.documents.search(prefix, body);
      expect(first).toMatchObject({ total: 3, totalIsExact: true, timedOut: false, failedShards: 0 });
      expect(first.tookMs).toBeGreaterThanOrEqual(0);
      expect(first.hits).toMatchObject([
        { id: 'c1', index, version: 1, source: { doc: 'chunk', n: 1 }, sort: [1] },
        { id: 'c2', sort: [2] },
      ]);
      const second = await engine.documents.search(prefix, { ...body, search_after: first.hits.at(-1)?.sort });
      expect(second.hits.map(hit => hit.id)).toEqual(['c3']);
      expect((await engine.documents.search(index, { query: { exists: { field: 'path' } } })).total).toBe(1);
      const byAllShards = await engine.documents.search(prefix, body, { scoring: 'Global' });
      expect(byAllShards.hits).toEqual(first.hits);
    });

    it('says that a write-blocked index cannot be written now', async () => {
      const { engine } = bench();
      const index = await anIndex(bench());
      await engine.indices.blockWrites(index);
      await expect(engine.documents.create(index, 'a', {})).rejects.toThrow(RetryableError);
    });
  });
});
