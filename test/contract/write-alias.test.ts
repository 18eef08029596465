import { describe, expect, it } from '@jest/globals';
import { ConflictError } from '../../src/domain/errors.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { BulkItem, Engine } from '../../src/engine/port.ts';
import { fenceWriters, isShutOut, writeAliasName, writeAliasOf } from '../../src/fences/write-alias.ts';
import { anIndexBody, fencedDelete, fencedIndex, ndjson } from '../support/objects/an-index.ts';
import { eventually } from '../support/checks/eventually.ts';
import { faultyEngine, losingReplyOf } from '../support/fakes/faulty-engine.ts';
import { type Bench, onEveryEngine, onRealEngine } from './engines.ts';

const hidden = { is_hidden: true, is_write_index: true };

async function anIndexAt({ engine, prefix }: Bench, epoch: number): Promise<string> {
  const index = `${prefix}-v1`;
  await engine.indices.create(index, anIndexBody({ aliases: writeAliasOf(index, epoch) }));
  return index;
}

/** What a writer of an epoch does with its token: index one document, delete another. */
async function write(engine: Engine, index: string, epoch: number, token: number): Promise<readonly BulkItem[]> {
  const lines = ndjson(...fencedIndex('kept', token, { n: token }), ...fencedDelete('gone', token));
  const reply = await engine.documents.bulk(lines, { target: writeAliasName(index, epoch), requireAlias: true });
  return reply.items;
}

describe('write fence', () => {
  onEveryEngine(bench => {
    it('changes nothing after a clean release', async () => {
      const index = await anIndexAt(bench(), 0);
      expect(await fenceWriters(bench().engine, index, 0)).toBe('unchanged');
      expect((await write(bench().engine, index, 0, 1)).map(item => item.status)).toEqual([201, 404]);
    });

    it('shuts out the writes and the deletes of an earlier epoch, and lets the new one write', async () => {
      const { engine } = bench();
      const index = await anIndexAt(bench(), 0);
      await write(engine, index, 0, 1);
      expect(await fenceWriters(engine, index, 1)).toBe('fenced');
      const late = await write(engine, index, 0, 1);
      expect(late.map(item => [isShutOut(item), item.status >= 400])).toEqual([
        [true, true],
        [true, true],
      ]);
      expect((await write(engine, index, 1, 2)).map(item => item.status)).toEqual([200, 404]);
      const [found] = await engine.indices.describe(index);
      expect(found?.aliases).toEqual({ [writeAliasName(index, 1)]: hidden });
      expect(found?.settings).not.toHaveProperty('index.blocks.write');
    });

    it('makes no index out of the name of an alias that is gone', async () => {
      const { engine, prefix } = bench();
      const index = await anIndexAt(bench(), 0);
      await fenceWriters(engine, index, 1);
      const alone = ndjson(...fencedDelete('gone', 1));
      const { items } = await engine.documents.bulk(alone, { target: writeAliasName(index, 0), requireAlias: true });
      expect(items.map(isShutOut)).toEqual([true]);
      expect(await engine.indices.describe(`${prefix}*`)).toHaveLength(1);
    });

    it('refuses a lower token where a higher one wrote, within one epoch', async () => {
      const { engine } = bench();
      const index = await anIndexAt(bench(), 0);
      await write(engine, index, 0, 6);
      const items = await write(engine, index, 0, 5);
      expect(items.map(item => [item.status, isShutOut(item)])).toEqual([
        [409, true],
        [409, true],
      ]);
    });

    it('gives an index that never had one its write alias', async () => {
      const { engine, prefix } = bench();
      await engine.indices.create(`${prefix}-v1`, anIndexBody());
      expect(await fenceWriters(engine, `${prefix}-v1`, 0)).toBe('fenced');
      expect(await fenceWriters(engine, `${prefix}-v1`, 0)).toBe('unchanged');
    });

    it.each(['aliases.update', 'indices.blockWrites', 'indices.unblockWrites'])(
      'is finished by the next call when the reply of %s was lost',
      async call => {
        const { engine } = bench();
        const index = await anIndexAt(bench(), 0);
        const faulty = faultyEngine(engine, losingReplyOf(call));
        await fenceWriters(faulty, index, 1).catch(() => fenceWriters(faulty, index, 1));
        expect((await write(engine, index, 1, 2)).map(item => item.status)).toEqual([201, 404]);
        expect(await fenceWriters(engine, index, 1)).toBe('unchanged');
      },
    );

    it('is not turned back by a fencer of an earlier epoch that comes late', async () => {
      const { engine } = bench();
      const index = await anIndexAt(bench(), 0);
      await fenceWriters(engine, index, 2);
      await expect(fenceWriters(engine, index, 1)).rejects.toThrow(ConflictError);
      const [found] = await engine.indices.describe(index);
      expect(Object.keys(found?.aliases ?? {})).toEqual([writeAliasName(index, 2)]);
    });

    it('lets a fencer that was overtaken itself fail without opening its own epoch', async () => {
      const { engine } = bench();
      const index = await anIndexAt(bench(), 0);
      const overtaken = faultyEngine(engine, () => 'none');
      const slow: Engine = {
        ...overtaken,
        indices: {
          ...engine.indices,
          blockWrites: async name => {
            await fenceWriters(engine, index, 2);
            return engine.indices.blockWrites(name);
          },
        },
      };
      await expect(fenceWriters(slow, index, 1)).rejects.toThrow(ConflictError);
      const [found] = await engine.indices.describe(index);
      expect(Object.keys(found?.aliases ?? {})).toEqual([writeAliasName(index, 2)]);
    });
  });

  onRealEngine(bench => {
    it('lets nothing of busy writers land after it', async () => {
      const { engine } = bench();
      const index = await anIndexAt(bench(), 0);
      const writers = ['a', 'b', 'c', 'd', 'e', 'f'].map(name => writeUntilShutOut(engine, index, name));
      const landed = async (query?: JsonObject): Promise<number> => {
        await engine.indices.refresh(index);
        return engine.indices.count(index, query);
      };
      await eventually('10,000 documents', 30_000, async () => (await landed()) >= 10_000);
      await fenceWriters(engine, index, 1);
      const mark = await engine.documents.create(index, 'mark', {});
      expect(new Set(await Promise.all(writers))).toEqual(new Set(['shut out']));
      // Sequence numbers are given out in the order in which operations reach the shard.
      expect(await landed({ range: { _seq_no: { gt: mark === 'exists' ? 0 : mark.seqNo } } })).toBe(0);
    });
  });
});

const bulksAtMost = 500;

/** New documents under epoch 0, 2,000 at a time, until the fence says no. */
async function writeUntilShutOut(engine: Engine, index: string, name: string): Promise<'shut out' | 'never shut out'> {
  for (let n = 0; n < bulksAtMost; n += 1) {
    const lines = Array.from({ length: 2_000 }, (_, i) => fencedIndex(`${name}-${n}-${i}`, 1, { n })).flat();
    const target = writeAliasName(index, 0);
    const { items } = await engine.documents.bulk(ndjson(...lines), { target, requireAlias: true });
    if (items.every(isShutOut)) return 'shut out';
  }
  return 'never shut out';
}
