import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ConflictError } from '../../src/domain/errors.ts';
import { BlockedError } from '../../src/engine/errors.ts';
import type { Engine } from '../../src/engine/port.ts';
import { blockLive, giveUp, guardSeen, switchPair, takeGuard, type FenceParts } from '../../src/fences/cut-over.ts';
import type { Turn } from '../../src/domain/fence-names.ts';
import { blockName, writersName } from '../../src/fences/guard.ts';
import { writeAliasName } from '../../src/fences/write-alias.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { eventually } from '../support/checks/eventually.ts';
import { faultyEngine, interceptedEngine, losingReplyOf } from '../support/fakes/faulty-engine.ts';
import { fencedDelete, fencedIndex, ndjson } from '../support/objects/an-index.ts';
import { aCutOverGround, idsIn, writeThrough, type CutOverGround } from '../support/worlds/a-cut-over.ts';
import { onEveryEngine, onRealEngine } from './engines.ts';

const first: Turn = { epoch: 3, attempt: 1 };
const second: Turn = { epoch: 3, attempt: 2 };
/** The operator's, who has taken the lease over. */
const operators: Turn = { epoch: 4, attempt: 0 };

function fence(engine: Engine): FenceParts {
  return { engine, pause: async () => systemClock.sleep(20) };
}

/** Names that stand, without the name of the index before them. */
async function names(engine: Engine, { pair }: CutOverGround): Promise<readonly string[]> {
  const { writers, blocks } = await guardSeen(engine, pair);
  return [...writers, ...blocks].map(({ index, alias }) => alias.slice(index.length));
}

async function served(engine: Engine, { moves }: CutOverGround): Promise<readonly string[]> {
  const seen = await engine.aliases.seen(moves.map(({ alias }) => alias));
  return seen.flatMap(({ members }) => members.map(({ index }) => index));
}

/** What goes through an alias of the guard, one create and one delete: the status of each. */
async function bulkThrough(engine: Engine, target: string): Promise<readonly number[]> {
  const lines = ndjson(...fencedIndex('late', 1, { n: 1 }), ...fencedDelete('gone', 1));
  const { items } = await engine.documents.bulk(lines, { target, requireAlias: true });
  return items.map(({ status }) => status);
}

describe('the guard of a cut-over', () => {
  onEveryEngine(bench => {
    let ground: CutOverGround;
    let engine: Engine;
    beforeEach(async () => {
      engine = bench().engine;
      ground = await aCutOverGround(engine, bench().prefix);
    });
    const blocked = async (turn: Turn): Promise<void> => {
      await takeGuard(fence(engine), ground.pair, turn);
      await blockLive(engine, ground.pair, turn);
    };
    const isServed = async (): Promise<void> => {
      expect(await served(engine, ground)).toEqual([ground.pair.live, ground.pair.live]);
      expect(await writeThrough(engine, ground.alias, ['w'])).toEqual([201]);
    };

    it('is a pair of hidden names, without which earlier writers of the candidate are shut out', async () => {
      const { pair } = ground;
      expect(await bulkThrough(engine, writeAliasName(pair.candidate, 2))).toEqual([201, 404]);
      await takeGuard(fence(engine), pair, first);
      expect(await names(engine, ground)).toEqual(['.W3.1', '.C3.1']);
      for (const name of [writersName(pair, first), blockName(pair, first)]) {
        const [member] = await engine.aliases.members(name);
        expect(member?.properties.is_hidden).toBe(true);
      }
      // As from a pod that was frozen before it sent them.
      const late = await bulkThrough(engine, writeAliasName(pair.candidate, 2));
      expect(late.every(status => status >= 400)).toBe(true);
      expect(await bulkThrough(engine, writersName(pair, first))).toEqual([200, 404]);
    });

    it('goes with the switch of all aliases, after which the candidate takes writes and the old one does not', async () => {
      const { pair, moves, alias } = ground;
      await blocked(first);
      expect(await writeThrough(engine, alias, ['a'])).toEqual([403]);
      expect(await switchPair(engine, pair, first, moves)).toEqual({ is: 'switched' });
      expect(await names(engine, ground)).toEqual([]);
      for (const { alias: moved, next } of moves) expect(await engine.aliases.members(moved)).toEqual(next);
      expect(await writeThrough(engine, alias, ['a'])).toEqual([201]);
      expect(await idsIn(engine, pair.candidate)).toEqual(['a']);
      expect(await engine.indices.writeBlocks(pair.live)).toMatchObject([{ byRequest: true }]);
      // Whoever comes to give it up finds nothing to lift.
      expect(await giveUp(fence(engine), pair, operators)).toBe('gone');
      expect(await engine.indices.writeBlocks(pair.live)).toHaveLength(1);
    });

    it.each<[string, () => Promise<unknown>]>([
      ['before it began', async () => undefined],
      [
        'in the middle of being taken',
        async () => {
          const update = losingReplyOf('indices.blockWrites');
          await takeGuard(fence(faultyEngine(engine, update)), ground.pair, first).catch(() => undefined);
          expect(await names(engine, ground)).toEqual(['.W3.1.draining']);
        },
      ],
      ['with nothing blocked', async () => takeGuard(fence(engine), ground.pair, first)],
      ['with the block set', async () => blocked(first)],
      [
        'by somebody who did not come to the end',
        async () => {
          await blocked(first);
          const left = faultyEngine(engine, ({ name }) => (name === 'cluster.awaitChanges' ? 'lose-request' : 'none'));
          await giveUp(fence(left), ground.pair, { epoch: 3, attempt: 1 }).catch(() => undefined);
          expect(await names(engine, ground)).toEqual(['.W3.1.draining', '.C3.1.lifting']);
        },
      ],
    ])('is given up %s, and writers are served', async (_, prepare) => {
      await prepare();
      expect(await giveUp(fence(engine), ground.pair, operators)).toBe('lifted');
      expect(await names(engine, ground)).toEqual(['.W4.0.draining']);
      await isServed();
      expect(await giveUp(fence(engine), ground.pair, operators)).toBe('lifted');
    });

    it.each(['aliases.update', 'cluster.awaitChanges', 'indices.unblockWrites', 'indices.writeBlocks'])(
      'is given up by the next call when the reply of %s was lost',
      async call => {
        await blocked(first);
        const faulty = fence(faultyEngine(engine, losingReplyOf(call)));
        await giveUp(faulty, ground.pair, operators).catch(() => giveUp(faulty, ground.pair, operators));
        expect(await names(engine, ground)).toEqual(['.W4.0.draining']);
        await isServed();
      },
    );

    it('is lifted, too, where the drain of its block failed and left one that no setting lifts', async () => {
      const { pair } = ground;
      await blocked(first);
      let isTemporary = true;
      const stuck = interceptedEngine(engine, async ({ name }, carryOut) => {
        if (name === 'indices.unblockWrites' && isTemporary) return 'lifted';
        if (name === 'indices.blockWrites') isTemporary = false;
        return carryOut();
      });
      expect(await giveUp(fence(stuck), pair, operators)).toBe('lifted');
      await isServed();
    });

    it('stays given up: a switch that was held until then has no effect, and a block finds no name', async () => {
      const { pair, moves } = ground;
      await blocked(first);
      const held = Promise.withResolvers<undefined>();
      const sent = Promise.withResolvers<undefined>();
      const slow = interceptedEngine(engine, async ({ name }, carryOut) => {
        if (name !== 'aliases.update') return carryOut();
        sent.resolve(undefined);
        await held.promise;
        return carryOut();
      });
      const switching = switchPair(slow, pair, first, moves);
      await sent.promise;
      expect(await giveUp(fence(engine), pair, operators)).toBe('lifted');
      expect(await writeThrough(engine, ground.alias, ['between'])).toEqual([201]);
      held.resolve(undefined);
      expect(await switching).toEqual({ is: 'refused' });
      await expect(blockLive(engine, pair, first)).rejects.toThrow(ConflictError);
      await isServed();
      expect(await idsIn(engine, ground.alias)).toEqual(['between', 'w']);
    });

    it('lifts nothing when the switch was applied and its reply is lost', async () => {
      const { pair, moves } = ground;
      await blocked(first);
      let updated = false;
      const deaf = faultyEngine(engine, ({ name }) => {
        if (name === 'aliases.update') {
          updated = true;
          return 'lose-reply';
        }
        return updated && name === 'aliases.seen' ? 'lose-request' : 'none';
      });
      expect(await switchPair(deaf, pair, first, moves)).toMatchObject({ is: 'unconfirmed' });
      expect(await giveUp(fence(engine), pair, first)).toBe('gone');
      expect(await engine.indices.writeBlocks(pair.live)).toHaveLength(1);
      expect(await served(engine, ground)).toEqual([pair.candidate, pair.candidate]);
    });

    it('lifts nothing when the switch comes in between its look and its own call', async () => {
      const { pair, moves } = ground;
      await blocked(first);
      const late = interceptedEngine(engine, async ({ name }, carryOut) => {
        if (name === 'aliases.update') await switchPair(engine, pair, first, moves);
        return carryOut();
      });
      expect(await giveUp(fence(late), pair, operators)).toBe('gone');
      expect(await engine.indices.writeBlocks(pair.live)).toHaveLength(1);
    });

    it('is not lifted in the next attempt by whoever gave the one before up, and slept', async () => {
      const { pair, alias } = ground;
      await blocked(first);
      const held = Promise.withResolvers<undefined>();
      const asleep = Promise.withResolvers<undefined>();
      const slow = interceptedEngine(engine, async ({ name }, carryOut) => {
        if (name !== 'indices.unblockWrites') return carryOut();
        asleep.resolve(undefined);
        await held.promise;
        return carryOut();
      });
      const late = giveUp(fence(slow), pair, first);
      await asleep.promise;
      await giveUp(fence(engine), pair, operators);
      await blocked({ epoch: 5, attempt: 1 });
      held.resolve(undefined);
      await expect(late).rejects.toThrow(ConflictError);
      expect(await writeThrough(engine, alias, ['a'])).toEqual([403]);
    });

    it('lets nothing of an attempt that is over into the next one', async () => {
      const { pair, alias } = ground;
      await blocked(first);
      await giveUp(fence(engine), pair, first);
      await blocked(second);
      expect(await names(engine, ground)).toEqual(['.W3.2', '.C3.2']);
      for (const name of [blockName(pair, first), `${blockName(pair, first)}.lifting`]) {
        expect(await engine.indices.unblockWrites(name)).toBe('gone');
        expect(await engine.indices.blockWrites(name)).toBe('gone');
      }
      // A bulk of its own that a node held back meanwhile.
      const late = await bulkThrough(engine, writersName(pair, first));
      expect(late.every(status => status >= 400)).toBe(true);
      expect(await writeThrough(engine, alias, ['a'])).toEqual([403]);
    });

    it('takes over from a worker that died under its block', async () => {
      const { pair, alias } = ground;
      await blocked(first);
      await takeGuard(fence(engine), pair, { epoch: 4, attempt: 1 });
      expect(await names(engine, ground)).toEqual(['.W4.1', '.C4.1']);
      expect(await writeThrough(engine, alias, ['a'])).toEqual([201]);
    });

    it('is left as it is by whoever was overtaken', async () => {
      const { pair, moves } = ground;
      await blocked(second);
      await expect(takeGuard(fence(engine), pair, second)).rejects.toThrow(ConflictError);
      await expect(takeGuard(fence(engine), pair, first)).rejects.toThrow(ConflictError);
      await expect(giveUp(fence(engine), pair, first)).rejects.toThrow(ConflictError);
      await expect(blockLive(engine, pair, first)).rejects.toThrow(ConflictError);
      expect(await switchPair(engine, pair, first, moves)).toEqual({ is: 'refused' });
      expect(await names(engine, ground)).toEqual(['.W3.2', '.C3.2']);
      expect(await engine.indices.writeBlocks(pair.live)).toHaveLength(1);
    });

    it('leaves a block that was set by hand', async () => {
      const { pair } = ground;
      await engine.indices.blockWrites(pair.live);
      await expect(takeGuard(fence(engine), pair, first)).rejects.toThrow(BlockedError);
      expect(await giveUp(fence(engine), pair, operators)).toBe('lifted');
      expect(await engine.indices.writeBlocks(pair.live)).toHaveLength(1);
    });

    it('takes no block that stands for a drain: it is lifted by its name, and set again', async () => {
      const calls: string[] = [];
      const lost = losingReplyOf('indices.blockWrites');
      const deaf = interceptedEngine(faultyEngine(engine, lost), async ({ name }, carryOut) => {
        calls.push(name);
        return carryOut();
      });
      await takeGuard(fence(engine), ground.pair, first);
      await expect(blockLive(deaf, ground.pair, first)).rejects.toThrow('connection was lost');
      await blockLive(deaf, ground.pair, first);
      const [block, unblock] = ['indices.blockWrites', 'indices.unblockWrites'];
      expect(calls).toEqual([block, block, unblock, block]);
    });

    it.each<[string, (world: CutOverGround) => Parameters<Engine['aliases']['update']>[0], string]>([
      [
        'an alias was put on the live index',
        ({ pair, alias }) => [{ add: { index: pair.live, alias: `${alias}-new` } }],
        'was put on',
      ],
      [
        'one of the aliases got another filter',
        ({ pair, alias }) => [{ add: { index: pair.live, alias: `${alias}-odd` } }],
        'with another filter',
      ],
      [
        'one of the aliases was moved by hand',
        ({ pair, alias }) => [
          { remove: { index: pair.live, alias: `${alias}-odd`, must_exist: true } },
          { add: { index: pair.candidate, alias: `${alias}-odd` } },
        ],
        'points at',
      ],
    ])('moves no alias when %s', async (_, meddle, said) => {
      const { pair, moves, alias } = ground;
      await blocked(first);
      await engine.aliases.update(meddle(ground));
      const result = await switchPair(engine, pair, first, moves);
      expect(result).toMatchObject({ is: 'drifted' });
      expect(result.is === 'drifted' && result.message).toContain(said);
      expect(await engine.aliases.members(alias)).toMatchObject([{ index: pair.live }]);
      expect(await names(engine, ground)).toEqual(['.W3.1', '.C3.1']);
    });
  });

  onRealEngine(bench => {
    it('blocks after the last write that was on its way', async () => {
      const { engine, prefix } = bench();
      const { pair, alias } = await aCutOverGround(engine, prefix);
      await takeGuard(fence(engine), pair, first);
      let acknowledged = 0;
      const write = async (name: string): Promise<void> => {
        for (let n = 0; n < 5_000; n += 1) {
          const statuses = await writeThrough(
            engine,
            alias,
            Array.from({ length: 500 }, (_, i) => `${name}-${n}-${i}`),
          );
          acknowledged += statuses.filter(status => status === 201).length;
          if (statuses.every(status => status === 403)) return;
        }
      };
      const writers = ['a', 'b', 'c', 'd', 'e', 'f'].map(write);
      await eventually('10,000 documents', 30_000, () => acknowledged >= 10_000);
      await blockLive(engine, pair, first);
      await engine.indices.refresh(pair.live);
      const atBlock = await engine.indices.count(pair.live);
      await Promise.all(writers);
      await engine.indices.refresh(pair.live);
      expect(await engine.indices.count(pair.live)).toBe(atBlock);
      expect(acknowledged).toBe(atBlock);
    });

    it('is given up while its block drains, which no lift ends before the writes that it waits for', async () => {
      const { engine, prefix } = bench();
      const { pair, alias } = await aCutOverGround(engine, prefix);
      await engine.indices.putMapping(pair.live, { properties: { text: { type: 'text' } } });
      const text = Array.from({ length: 4_000 }, () => randomBytes(4).toString('hex')).join(' ');
      const large = Array.from({ length: 150 }, (_, n) => [{ index: { _id: String(n) } }, { text: `${n} ${text}` }]);
      await takeGuard(fence(engine), pair, first);
      const writing = [0, 1].map(async () =>
        engine.documents.bulk(ndjson(...large.flat()), { target: alias, requireAlias: true }),
      );
      await systemClock.sleep(150);
      const blocking = blockLive(engine, pair, first).catch(() => undefined);
      await eventually('the block', 30_000, async () => (await engine.indices.writeBlocks(pair.live)).length > 0);
      expect(await giveUp(fence(engine), pair, first)).toBe('lifted');
      await Promise.all([...writing, blocking]);
      expect(await engine.indices.writeBlocks(pair.live)).toEqual([]);
      expect(await writeThrough(engine, alias, ['w'])).toEqual([201]);
    });

    it('is given up after what the master had in hand: a block on its way does not come after the lift', async () => {
      const { engine, prefix } = bench();
      const ground = await aCutOverGround(engine, prefix);
      const { pair } = ground;
      for (let epoch = 3; epoch < 9; epoch += 2) {
        await takeGuard(fence(engine), pair, { epoch, attempt: 1 });
        const busy = Array.from({ length: 10 }, (_, n) =>
          engine.aliases.update([{ add: { index: pair.live, alias: `${prefix}-busy`, search_routing: String(n) } }]),
        );
        const late = blockLive(engine, pair, { epoch, attempt: 1 }).catch((error: unknown) => error);
        await systemClock.sleep(4 * (epoch - 3));
        expect(await giveUp(fence(engine), pair, { epoch: epoch + 1, attempt: 0 })).toBe('lifted');
        await Promise.all(busy);
        await late;
        expect(await engine.indices.writeBlocks(pair.live)).toEqual([]);
        expect(await writeThrough(engine, ground.alias, [`w-${epoch}`])).toEqual([201]);
      }
    });
  });
});
