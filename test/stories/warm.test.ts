import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import type { SearchReply } from '../../src/engine/port.ts';
import { interceptedEngine } from '../support/fakes/faulty-engine.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

describe('a version that is warmed', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  /** Each search of a version takes as long as this says, by how many there were before it. */
  function taking(ms: (before: number) => number): void {
    const whole = world.engine;
    let searches = 0;
    world.engine = interceptedEngine(whole, async ({ name, args }, carryOut) => {
      const reply = await carryOut();
      if (name !== 'documents.search' || !String(args[0]).startsWith('kibana-v')) return reply;
      return { ...(reply as SearchReply), tookMs: ms((searches += 1)) };
    });
  }
  const ended = async (name: string): Promise<void> => {
    await world.untilCondition(reindexRequestResource, name, 'Finished', 'True');
    await world.untilCondition(reindexRequestResource, name, 'Succeeded', 'True');
  };

  it('serves once searches get no faster, and says what that took', async () => {
    taking(before => Math.max(10, 200 - 10 * before));
    await world.aRequest('again', 'kibana', { warm: { atMost: '10m' } });
    await world.until('it warms', async () => (await world.request('again')).phase === 'Warming');
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    await ended('again');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    expect((await world.request('again')).warm).toMatchObject({
      settled: true,
      message: expect.stringMatching(/searches, seed \d+, 1\d\d ms each at first, 10 ms of late: settled after \d+s/),
    });
  });

  it('serves when its time is over, although searches still get faster', async () => {
    taking(before => Math.ceil(100_000 * 0.8 ** before));
    await world.aRequest('again', 'kibana', { warm: { atMost: '20s' } });
    await ended('again');
    expect((await world.request('again')).warm).toMatchObject({ settled: false });
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
  });

  it('is the one that a rollback returns to, where that says so', async () => {
    await world.aRequest('again', 'kibana');
    await ended('again');
    expect((await world.request('again')).warm).toBeUndefined();
    await world.aRequest('back', 'kibana', { strategy: 'Rollback', rollback: { warmFirst: true } });
    await ended('back');
    expect((await world.request('back')).warm).toMatchObject({ settled: true });
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
  });

  it('goes on where it was under another operator', async () => {
    taking(before => Math.max(10, 300 - 10 * before));
    await world.aRequest('again', 'kibana', { warm: { atMost: '10m' } });
    await world.until('it warms', async () => ((await world.request('again')).warm?.windows.length ?? 0) > 1);
    const { seed, started } = (await world.request('again')).warm ?? {};
    world.killOperator();
    world.startOperator();
    await ended('again');
    expect((await world.request('again')).warm).toMatchObject({ seed, started, settled: true });
  });
});
