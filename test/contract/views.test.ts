import { describe, expect, it } from '@jest/globals';
import { ConflictError, RetryableError } from '../../src/domain/errors.ts';
import type { Engine } from '../../src/engine/port.ts';
import type { PageQuestion, View } from '../../src/engine/view-port.ts';
import { documentsIn } from '../../src/workers/copy/splice.ts';
import { anIndexBody, ndjson } from '../support/objects/an-index.ts';
import { type Bench, onEveryEngine, onRealEngine } from './engines.ts';

const limit = { timeoutMs: 10_000 };

async function anIndex({ engine, prefix }: Bench, shards = 1): Promise<string> {
  const index = `${prefix}-v1`;
  const { settings, mappings } = anIndexBody();
  const cut = { ...settings, 'index.number_of_shards': shards, 'index.hidden': true };
  await engine.indices.create(index, { settings: cut, mappings: { ...mappings, dynamic: false } });
  return index;
}

async function write(engine: Engine, index: string, ...lines: readonly object[]): Promise<void> {
  await engine.documents.bulk(ndjson(...lines), { target: index, requireAlias: false });
}

async function read(engine: Engine, view: View, given: Partial<PageQuestion> = {}) {
  const page = await engine.views.page(view, { above: -1, size: 100, sources: true, ...given });
  return documentsIn(page).map(document => ({ ...document, source: document.source?.toString() }));
}

describe('views', () => {
  onEveryEngine(bench => {
    it('tells of each shard how far its copies are, and its primary term', async () => {
      const { engine } = bench();
      const index = await anIndex(bench(), 2);
      expect(await engine.views.primaryTerms(index, limit)).toEqual(
        new Map([
          [0, 1],
          [1, 1],
        ]),
      );
      const none = { maxSeqNo: -1, localCheckpoint: -1, globalCheckpoint: -1 };
      const copies = [{ primary: true, active: true, ...none }];
      expect(await engine.views.stands(index, limit)).toEqual([0, 1].map(shard => ({ shard, copies })));
      const ids = Array.from({ length: 20 }, (_, n) => `d${n}`);
      await write(engine, index, ...ids.flatMap(_id => [{ index: { _id } }, { n: 1 }]), { delete: { _id: 'd0' } });
      await engine.views.flush(index);
      const stands = await engine.views.stands(index, limit);
      const highest = stands.map(shard => shard.copies[0]?.maxSeqNo ?? -1);
      expect(highest.reduce((sum, each) => sum + each + 1, 0)).toBe(21);
      for (const {
        copies: [copy],
      } of stands)
        expect([copy?.localCheckpoint, copy?.globalCheckpoint]).toEqual([copy?.maxSeqNo, copy?.maxSeqNo]);
      expect(await engine.indices.refresh(index)).toBe(2);
    });

    it('shows one shard as it was refreshed last when it was opened, in the order of writing', async () => {
      const { engine } = bench();
      const index = await anIndex(bench());
      await write(engine, index, { index: { _id: 'a' } }, { n: 1 }, { index: { _id: 'b' } }, { n: 2 });
      await write(engine, index, { index: { _id: 'a' } }, { n: 3 }, { index: { _id: 'c' } }, { n: 4 });
      await engine.indices.refresh(index);
      const view = await engine.views.open(index, 0);
      await write(engine, index, { delete: { _id: 'b' } }, { index: { _id: 'late' } }, { n: 5 });
      await engine.indices.refresh(index);
      expect(await read(engine, view)).toMatchObject([
        { id: 'b', seqNo: 1, primaryTerm: 1, version: 1n, routing: undefined, source: '{"n":2}' },
        { id: 'a', seqNo: 2, primaryTerm: 1, version: 2n, routing: undefined, source: '{"n":3}' },
        { id: 'c', seqNo: 3, primaryTerm: 1, version: 1n, routing: undefined, source: '{"n":4}' },
      ]);
      expect(await read(engine, view, { above: 2 })).toMatchObject([{ id: 'c' }]);
      expect(await read(engine, view, { sources: false })).toMatchObject([
        { id: 'b', source: undefined },
        { id: 'a', source: undefined },
        { id: 'c', source: undefined },
      ]);
      const [first] = await read(engine, view, { size: 1 });
      expect(await read(engine, view, { size: 1, after: first?.sort })).toMatchObject([{ id: 'a' }]);
      expect(await read(engine, view, { above: 3 })).toEqual([]);
      await engine.views.close(view);
      await engine.views.close(view);
      await expect(read(engine, view)).rejects.toThrow(RetryableError);
    });

    it('shows the documents of its shard alone, and says which shard one lies in by its routing', async () => {
      const { engine } = bench();
      const index = await anIndex(bench(), 3);
      const ids = Array.from({ length: 30 }, (_, n) => `d"${n}`);
      await write(engine, index, ...ids.flatMap(_id => [{ index: { _id } }, {}]));
      await write(engine, index, ...ids.flatMap(id => [{ index: { _id: `${id}r`, routing: 'ä b' } }, {}]));
      await engine.indices.refresh(index);
      const homes = new Map<string, number>();
      for (const shard of [0, 1, 2]) {
        const view = await engine.views.open(index, shard);
        for (const { id, routing } of await read(engine, view)) {
          homes.set(id, shard);
          expect(await engine.views.shardsOf(index, routing ?? id)).toEqual([shard]);
        }
        await engine.views.close(view);
      }
      expect(homes.size).toBe(60);
      expect(await engine.views.shardsOf(index, 'a,b')).toBeUndefined();
    });

    it('keeps versions that no number holds', async () => {
      const { engine } = bench();
      const index = await anIndex(bench());
      const line = '{"index":{"_id":"a","version":4611686018427387903,"version_type":"external"}}\n{}\n';
      await engine.documents.bulk(Buffer.from(line + line), { target: index, requireAlias: false });
      await engine.indices.refresh(index);
      const view = await engine.views.open(index, 0);
      expect(await read(engine, view)).toMatchObject([{ id: 'a', version: 4611686018427387903n, seqNo: 0 }]);
      await engine.views.close(view);
    });

    it('names a missing index as a conflict', async () => {
      const { engine, prefix } = bench();
      const none = `${prefix}-none`;
      await expect(engine.views.stands(none, limit)).rejects.toThrow(ConflictError);
      await expect(engine.views.primaryTerms(none, limit)).rejects.toThrow(ConflictError);
      await expect(engine.views.open(none, 0)).rejects.toThrow(ConflictError);
    });
  });

  onRealEngine(bench => {
    it('hands sources on byte by byte, whatever is in them', async () => {
      const { engine } = bench();
      const index = await anIndex(bench());
      const sources = [
        '{"n" : 1e2, "big": 12345678901234567890.123, "sort":[7], "matched_queries":["x"]}',
        '{"hits":[{"_source":{"n":1}}],"\\"hits\\":[":"\\"_source\\":"} // {',
        '{"a":{"b":"ü \\u2028 }", "_id":"q", /* " */ "_source":{"sort":[1]}}}  ',
      ];
      const body = sources.map((source, n) => `{"index":{"_id":"\\"_source\\":${n}"}}\n${source}\n`).join('');
      await engine.documents.bulk(Buffer.from(body), { target: index, requireAlias: false });
      await engine.indices.refresh(index);
      const view = await engine.views.open(index, 0);
      expect((await read(engine, view)).map(({ source }) => source)).toEqual(sources);
      await engine.views.close(view);
    });

    it('gives up an answer that is larger than it may be', async () => {
      const { engine } = bench();
      const index = await anIndex(bench());
      await write(engine, index, { index: { _id: 'a' } }, { path: 'x'.repeat(20_000) });
      await engine.indices.refresh(index);
      const view = await engine.views.open(index, 0);
      await expect(read(engine, view, { maxBytes: 10_000 })).rejects.toMatchObject({ name: 'TerminalError' });
      expect(await read(engine, view, { maxBytes: 40_000 })).toMatchObject([{ id: 'a' }]);
      await engine.views.close(view);
    });
  });
});
