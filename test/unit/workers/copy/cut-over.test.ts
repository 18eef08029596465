import { beforeEach, describe, expect, it } from '@jest/globals';
import { RetryableError, TerminalError } from '../../../../src/domain/errors.ts';
import type { Engine } from '../../../../src/engine/port.ts';
import { blockLive, giveUp, guardSeen, takeGuard } from '../../../../src/fences/cut-over.ts';
import { cutOver, type CutOverDone, type CutOverOrder } from '../../../../src/workers/copy/cut-over.ts';
import type { CutOverActs, CutOverState } from '../../../../src/workers/copy/under-block.ts';
import { fakeEngine } from '../../../support/fakes/fake-engine.ts';
import { faultyEngine, interceptedEngine, losingReplyOf } from '../../../support/fakes/faulty-engine.ts';
import { handClock, type HandClock } from '../../../support/fakes/hand-clock.ts';
import { mortalEngine } from '../../../support/fakes/mortal-engine.ts';
import {
  aCutOverGround,
  idsIn,
  plainActs,
  writeThrough,
  type CutOverGround,
} from '../../../support/worlds/a-cut-over.ts';

const blockMs = 10_000;

describe('a cut-over', () => {
  let engine: Engine;
  let ground: CutOverGround;
  let clock: HandClock;
  let said: string[];
  let blocks: number;
  let lost: AbortController;
  let stop: AbortController;

  beforeEach(async () => {
    engine = fakeEngine();
    ground = await aCutOverGround(engine, 'orders');
    clock = handClock();
    said = [];
    blocks = 0;
    lost = new AbortController();
    stop = new AbortController();
    await writeThrough(engine, ground.alias, ['a', 'b']);
    await writeThrough(engine, `${ground.pair.candidate}.W2`, ['gone']);
  });

  const note = async (state: CutOverState, attempt: number): Promise<void> => {
    said.push(`${state} ${attempt}`);
    if (state === 'Blocking') blocks += 1;
  };

  async function run(
    given: { readonly acts?: Partial<CutOverActs>; readonly on?: Engine; readonly order?: Partial<CutOverOrder> } = {},
  ): Promise<CutOverDone> {
    const acts = { ...plainActs(ground.pair), note, ...given.acts };
    const parts = { engine: given.on ?? engine, clock, acts, lost: lost.signal, stop: stop.signal };
    const { pair, moves } = ground;
    const running = cutOver(parts, { ...pair, moves, epoch: 3, blockMs, attempts: 3, ...given.order });
    let isOver = false;
    const over = (): void => void (isOver = true);
    running.then(over, over);
    for (let turns = 0; !isOver && turns < 10_000; turns += 1) await clock.advance(50);
    if (!isOver) throw new Error('it did not end');
    return running;
  }

  async function expectServed(by: 'live' | 'candidate'): Promise<void> {
    const { pair, alias } = ground;
    expect(await engine.aliases.members(alias)).toMatchObject([{ index: pair[by] }]);
    expect(await writeThrough(engine, alias, ['new'])).toEqual([201]);
    const { writers, blocks: names } = await guardSeen(engine, pair);
    expect(names).toEqual([]);
    expect(writers.every(({ alias: name }) => name.endsWith('.draining'))).toBe(true);
  }

  it('follows, blocks, and moves the aliases, and tells each', async () => {
    expect(await run()).toEqual({ blockedMs: expect.any(Number) });
    expect(said).toEqual(['Following 1', 'Blocking 1', 'Switched 1']);
    await expectServed('candidate');
    expect(await idsIn(engine, ground.pair.candidate)).toEqual(['a', 'b', 'new']);
  });

  it('finds its own switch done, and only says so', async () => {
    await run();
    said = [];
    expect(await run({ order: { epoch: 4 } })).toEqual({ blockedMs: undefined });
    expect(said).toEqual(['Switched 0']);
  });

  /** The engine whose answers take time, once: from the first one with this name under a block. */
  function slow(name: string, ms: number): Engine {
    let isSlow = false;
    return interceptedEngine(engine, async (call, carryOut) => {
      if (call.name !== name || isSlow || blocks === 0) return carryOut();
      isSlow = true;
      const answer = await carryOut();
      await clock.sleep(ms);
      return answer;
    });
  }

  it.each([
    ...['indices.blockWrites', 'documents.search', 'documents.bulk', 'indices.count', 'indices.putSettings'],
    ...['indices.describe', 'aliases.seen'],
  ])('lets writers in again when the answer of %s takes its time, and comes to an end the second time', async call => {
    const done = await run({ on: slow(call, 9_000) });
    expect(said).toEqual(['Following 1', 'Blocking 1', 'Following 2', 'Blocking 2', 'Switched 2']);
    expect(done.blockedMs).toBeLessThan(1_000);
    await expectServed('candidate');
  });

  it.each<[keyof CutOverActs]>([['pass'], ['sweep'], ['counts'], ['serve']])(
    'waits no longer than its time for %s, and not for its end before it lifts the block',
    async name => {
      const act = plainActs(ground.pair)[name as 'pass'];
      let liftedAtMs = 0;
      const on = interceptedEngine(engine, async (call, carryOut) => {
        const answer = await carryOut();
        if (call.name === 'indices.unblockWrites' && blocks > 0 && liftedAtMs === 0) liftedAtMs = clock.elapsedMs();
        return answer;
      });
      let blockedAtMs = 0;
      let isHeld = false;
      const acts = {
        note: async (state: CutOverState, attempt: number) => {
          await note(state, attempt);
          if (state === 'Blocking' && attempt === 1) blockedAtMs = clock.elapsedMs();
        },
        [name]: async (leg: Parameters<typeof act>[0]) => {
          if (blocks === 1 && !isHeld) {
            isHeld = true;
            await clock.sleep(30_000);
            said.push('ended');
          }
          return act(leg);
        },
      };
      await run({ acts, on });
      expect(liftedAtMs - blockedAtMs).toBeGreaterThanOrEqual(0.8 * blockMs);
      expect(liftedAtMs - blockedAtMs).toBeLessThanOrEqual(blockMs);
      expect(said).toEqual(['Following 1', 'Blocking 1', 'ended', 'Following 2', 'Blocking 2', 'Switched 2']);
      await expectServed('candidate');
    },
  );

  it('counts its time from before the block, however late the answer to that is', async () => {
    let first = true;
    const acts = {
      pass: async (leg: Parameters<CutOverActs['pass']>[0]) => {
        if (blocks === 1 && first) {
          first = false;
          await clock.sleep(5_000);
        }
        return plainActs(ground.pair).pass(leg);
      },
    };
    await run({ acts, on: slow('indices.blockWrites', 5_000) });
    expect(blocks).toBe(2);
  });

  it('sets no block as long as what it has to do would not fit twice, and says what that takes', async () => {
    const acts = {
      sweep: async () => {
        await clock.sleep(6_000);
        return { deleted: 0 };
      },
    };
    const ended = run({ acts });
    await expect(ended).rejects.toMatchObject({
      reason: 'CutOverDidNotFit',
      message: 'writes would have to be blocked for 12.0 s or so, and may be for 10.0 s: pass 0.0, sweep 6.0',
    });
    expect(blocks).toBe(0);
    expect(await writeThrough(engine, ground.alias, ['c'])).toEqual([201]);
  });

  it('goes on following, beyond its attempts, as long as each round takes less than half of the one before', async () => {
    let ms = 200_000;
    const acts = {
      sweep: async (leg: Parameters<CutOverActs['sweep']>[0]) => {
        ms *= 0.4;
        await clock.sleep(ms);
        return plainActs(ground.pair).sweep(leg);
      },
    };
    await run({ acts, order: { attempts: 1 } });
    expect(said).toEqual(['Following 1', 'Blocking 1', 'Switched 1']);
  });

  it('ends after its attempts, each with writers served again, and says which part took how long', async () => {
    const acts = {
      counts: async () => {
        await clock.sleep(30_000);
        return { live: 0, candidate: 0 };
      },
    };
    const ended = run({ acts });
    await expect(ended).rejects.toThrow(/blocked for 16\.0 s or so.*counts 8\.0$/);
    await expect(ended).rejects.toMatchObject({ reason: 'CutOverDidNotFit' });
    expect(blocks).toBe(3);
    await expectServed('live');
  });

  it('switches nothing while the two sides do not hold as many documents', async () => {
    const acts = { counts: async () => ({ live: 3, candidate: 2 }) };
    await expect(run({ acts })).rejects.toMatchObject({ reason: 'VerificationFailed' });
    expect(blocks).toBe(3);
    await expectServed('live');
  });

  it('gives a switch up that was not carried out, and tries again', async () => {
    let sent = false;
    const on = faultyEngine(engine, ({ name, args }) => {
      if (name !== 'aliases.update' || sent || !JSON.stringify(args).includes('"alias":"orders"')) return 'none';
      sent = true;
      return 'lose-request';
    });
    await run({ on });
    expect(sent).toBe(true);
    expect(said).toEqual(['Following 1', 'Blocking 1', 'Following 2', 'Blocking 2', 'Switched 2']);
    await expectServed('candidate');
  });

  it('goes by the guard where a switch was carried out and nothing can be read, whatever the clock says', async () => {
    let sent = false;
    let reads = 0;
    const on = interceptedEngine(engine, async ({ name, args }, carryOut) => {
      const answer = await carryOut();
      if (name === 'aliases.update' && JSON.stringify(args).includes('"alias":"orders"')) {
        sent = true;
        await clock.sleep(20_000);
      }
      if (name === 'aliases.seen' && sent && (reads += 1) === 1)
        throw new RetryableError('EngineUnavailable', 'no answer');
      return answer;
    });
    await run({ on });
    expect(said).toEqual(['Following 1', 'Blocking 1', 'Switched 1']);
    await expectServed('candidate');
  });

  it('stops at once without its lease, and lifts nothing', async () => {
    const gone = new TerminalError('LockLost', 'another holder took over');
    const acts = {
      sweep: async (leg: Parameters<CutOverActs['sweep']>[0]) => {
        if (blocks === 1) lost.abort(gone);
        return plainActs(ground.pair).sweep(leg);
      },
    };
    await expect(run({ acts })).rejects.toBe(gone);
    expect(await engine.indices.writeBlocks(ground.pair.live)).toHaveLength(1);
    await giveUp({ engine, pause: async () => undefined }, ground.pair, { epoch: 4, attempt: 0 });
    await expectServed('live');
  });

  it('lifts its block before it ends when it is stopped', async () => {
    const ended = new Error('the process is to end');
    const acts = {
      pass: async (leg: Parameters<CutOverActs['pass']>[0]) => {
        if (blocks === 1) stop.abort(ended);
        return plainActs(ground.pair).pass(leg);
      },
    };
    await expect(run({ acts })).rejects.toBe(ended);
    await expectServed('live');
  });

  it('leaves it to whoever took over meanwhile', async () => {
    const acts = {
      pass: async (leg: Parameters<CutOverActs['pass']>[0]) => {
        const fence = { engine, pause: async () => undefined };
        if (blocks === 1) {
          await giveUp(fence, ground.pair, { epoch: 4, attempt: 0 });
          await takeGuard(fence, ground.pair, { epoch: 5, attempt: 1 });
          await blockLive(engine, ground.pair, { epoch: 5, attempt: 1 });
        }
        return plainActs(ground.pair).pass(leg);
      },
    };
    await expect(run({ acts })).rejects.toMatchObject({ name: 'ConflictError' });
    expect(await engine.indices.writeBlocks(ground.pair.live)).toHaveLength(1);
  });

  it('ends as drifted, with writers served, when an alias was put on the live index', async () => {
    const acts = {
      serve: async () => {
        await engine.aliases.update([{ add: { index: ground.pair.live, alias: 'orders-new' } }]);
      },
    };
    await expect(run({ acts })).rejects.toMatchObject({ reason: 'Drifted' });
    await expectServed('live');
  });

  it.each(['aliases.update', 'indices.blockWrites', 'documents.bulk', 'indices.refresh'])(
    'survives that the reply of %s is lost once',
    async call => {
      await run({ on: faultyEngine(engine, losingReplyOf(call)) });
      await expectServed('candidate');
      expect(await idsIn(engine, ground.pair.candidate)).toEqual(['a', 'b', 'new']);
    },
  );

  it('sets no block before that was told, and tries again where it could not be', async () => {
    let isLost = false;
    const acts = {
      note: async (state: CutOverState, attempt: number) => {
        if (state === 'Blocking' && !isLost) {
          isLost = true;
          expect(await engine.indices.writeBlocks(ground.pair.live)).toEqual([]);
          throw new RetryableError('EngineUnavailable', 'no answer');
        }
        return note(state, attempt);
      },
    };
    await run({ acts });
    expect(said).toEqual(['Following 1', 'Following 2', 'Blocking 2', 'Switched 2']);
    await expectServed('candidate');
  });

  it('goes on where a process left off that released its lease, whose epoch is granted again', async () => {
    const acts = { counts: async () => ({ live: 3, candidate: 2 }) };
    await expect(run({ acts })).rejects.toMatchObject({ reason: 'VerificationFailed' });
    said = [];
    await run();
    expect(said).toEqual(['Following 1', 'Blocking 1', 'Switched 1']);
    await expectServed('candidate');
  });

  it('loses no write, whichever call its process is killed after, and whoever comes next', async () => {
    const { written } = await (async () => {
      const whole = mortalEngine(engine, 0);
      await run({ on: whole.engine });
      return whole;
    })();
    const calls = written();
    expect(calls).toBeGreaterThanOrEqual(10);
    for (let at = 1; at <= calls; at += 1)
      for (const next of ['operator', 'worker'] as const) {
        engine = fakeEngine();
        ground = await aCutOverGround(engine, 'orders');
        blocks = 0;
        await writeThrough(engine, ground.alias, ['a', 'b']);
        await run({ on: mortalEngine(engine, at).engine, order: { attempts: 1 } }).catch(() => undefined);
        if (next === 'operator')
          await giveUp({ engine, pause: async () => undefined }, ground.pair, { epoch: 4, attempt: 0 });
        else await run({ order: { epoch: 4 } });
        expect({ at, next, is: await writeThrough(engine, ground.alias, ['z']) }).toEqual({ at, next, is: [201] });
        expect(await idsIn(engine, ground.alias)).toEqual(['a', 'b', 'z']);
      }
  });
});
