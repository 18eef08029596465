import { describe, expect, it } from '@jest/globals';
import { ConflictError } from '../../src/domain/errors.ts';
import type { BulkItem, Engine } from '../../src/engine/port.ts';
import {
  openPartition,
  partitionAliasName,
  stepToOpen,
  type PartitionWriter,
} from '../../src/fences/partition-fence.ts';
import { fenceWriters, isShutOut, writeAliasName, writeAliasOf } from '../../src/fences/write-alias.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { anIndexBody, fencedDelete, fencedIndex, ndjson } from '../support/objects/an-index.ts';
import { faultyEngine, losingReplyOf } from '../support/fakes/faulty-engine.ts';
import { onEveryEngine, type Bench } from './engines.ts';

const pause = (): Promise<void> => systemClock.sleep(20);

function aWriter(index: string, given: Partial<PartitionWriter> = {}): PartitionWriter {
  return { index, versionEpoch: 0, partition: 0, partitions: 3, epoch: 0, ...given };
}

async function anIndexOf({ engine, prefix }: Bench): Promise<string> {
  const index = `${prefix}-v1`;
  await engine.indices.create(index, anIndexBody({ aliases: writeAliasOf(index, 0) }));
  return index;
}

async function write(engine: Engine, writer: PartitionWriter): Promise<readonly BulkItem[]> {
  const id = `p${writer.partition}`;
  const lines = ndjson(...fencedIndex(id, 1, { n: 1 }), ...fencedDelete(`${id}-gone`, 1));
  return (await engine.documents.bulk(lines, { target: partitionAliasName(writer), requireAlias: true })).items;
}

describe('the write fence of partitions', () => {
  onEveryEngine(bench => {
    const aliases = async (index: string): Promise<readonly string[]> => {
      const [found] = await bench().engine.indices.describe(index);
      expect(found?.settings).not.toHaveProperty('index.blocks.write');
      return Object.keys(found?.aliases ?? {}).map(alias => alias.slice(`${index}.`.length)).sort(); // prettier-ignore
    };

    it('opens all of them once, however many come at the same time', async () => {
      const { engine } = bench();
      const index = await anIndexOf(bench());
      const writers = [0, 1, 2].map(partition => aWriter(index, { partition }));
      await Promise.all(writers.map(writer => openPartition(engine, writer, pause)));
      expect(await aliases(index)).toEqual(['W0.P0.0', 'W0.P1.0', 'W0.P2.0']);
      for (const writer of writers) expect((await write(engine, writer)).map(item => item.status)).toEqual([201, 404]);
      const [late] = await engine.documents
        .bulk(ndjson(...fencedIndex('x', 1, { n: 1 })), { target: writeAliasName(index, 0), requireAlias: true })
        .then(reply => reply.items);
      expect(late && isShutOut(late)).toBe(true);
    });

    it('shuts the earlier pod of one partition out and leaves the others open', async () => {
      const { engine } = bench();
      const index = await anIndexOf(bench());
      const [first, next, other] = [aWriter(index), aWriter(index, { epoch: 1 }), aWriter(index, { partition: 1 })];
      await openPartition(engine, first, pause);
      await openPartition(engine, next, pause);
      expect(await aliases(index)).toEqual(['W0.P0.1', 'W0.P1.0', 'W0.P2.0']);
      expect((await write(engine, first)).map(isShutOut)).toEqual([true, true]);
      expect((await write(engine, next)).map(item => item.status)).toEqual([201, 404]);
      expect((await write(engine, other)).map(item => item.status)).toEqual([201, 404]);
      await expect(openPartition(engine, first, pause)).rejects.toThrow(ConflictError);
    });

    it('lets all of them be taken over at the same time', async () => {
      const { engine } = bench();
      const index = await anIndexOf(bench());
      await openPartition(engine, aWriter(index), pause);
      const next = [0, 1, 2].map(partition => aWriter(index, { partition, epoch: 2 }));
      await Promise.all(next.map(writer => openPartition(engine, writer, pause)));
      expect(await aliases(index)).toEqual(['W0.P0.2', 'W0.P1.2', 'W0.P2.2']);
    });

    it('shuts every partition out when the version is taken over, and keeps them from coming back', async () => {
      const { engine } = bench();
      const index = await anIndexOf(bench());
      const writer = aWriter(index);
      await openPartition(engine, writer, pause);
      expect(await fenceWriters(engine, index, 1)).toBe('fenced');
      expect(await aliases(index)).toEqual(['W1']);
      expect((await write(engine, writer)).map(isShutOut)).toEqual([true, true]);
      await expect(openPartition(engine, { ...writer, epoch: 1 }, pause)).rejects.toThrow(ConflictError);
      expect(await aliases(index)).toEqual(['W1']);
    });

    it('begins a run over partitions where an earlier one was not finished', async () => {
      const { engine } = bench();
      const index = await anIndexOf(bench());
      await openPartition(engine, aWriter(index), pause);
      await openPartition(engine, aWriter(index, { versionEpoch: 1, partitions: 2, partition: 1 }), pause);
      expect(await aliases(index)).toEqual(['W1.P0.0', 'W1.P1.0']);
    });

    it.each(['aliases.update', 'indices.blockWrites', 'indices.unblockWrites'])(
      'goes on after a lost reply of %s',
      async call => {
        const { engine } = bench();
        const index = await anIndexOf(bench());
        await openPartition(engine, aWriter(index), pause);
        await openPartition(faultyEngine(engine, losingReplyOf(call)), aWriter(index, { epoch: 1 }), pause);
        expect(await aliases(index)).toEqual(['W0.P0.1', 'W0.P1.0', 'W0.P2.0']);
      },
    );
  });
});

describe('what a partition does next until it may write', () => {
  const writer = aWriter('a-v1', { versionEpoch: 3, partition: 1, epoch: 2 });
  it.each<[string, readonly string[], object]>([
    ['nothing when its alias is there', ['W3.P0.0', 'W3.P1.2'], { is: 'open' }],
    ['divides what one writer had', ['W3'], { is: 'divide' }],
    ['fences an earlier writer', ['W2'], { is: 'fence' }],
    ['fences the partitions of an earlier run', ['W2.P0.0', 'W2.P1.2'], { is: 'fence' }],
    ['fences where there is no alias', [], { is: 'fence' }],
    ['goes on with a fence that was begun', ['W3.draining'], { is: 'fence' }],
    ['succeeds the pod before', ['W3.P0.0', 'W3.P1.1'], { is: 'succeed', from: 'a-v1.W3.P1.1' }],
    ['goes on with a succession that was begun', ['W3.P1.2.draining'], { is: 'succeed', from: 'a-v1.W3.P1.2.draining' }],
    ['stops for a newer pod', ['W3.P1.3'], { is: 'overtaken' }],
    ['stops for a newer pod that is about to open', ['W3.P1.3.draining'], { is: 'overtaken' }],
    ['stops for a newer writer of the version', ['W4'], { is: 'overtaken' }],
    ['mistakes no other partition for its own', ['W3.P11.0', 'W3.P1.0'], { is: 'succeed', from: 'a-v1.W3.P1.0' }],
  ])('%s', (_, names, step) => {
    expect(stepToOpen(names.map(name => `a-v1.${name}`), writer)).toEqual(step);
  }); // prettier-ignore
});
