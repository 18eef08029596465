import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { interceptedEngine } from '../support/fakes/faulty-engine.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

const hourMs = 3_600_000;

/** The wall clock is set back by an hour, as a time server does with one that ran ahead. */
describe('a clock that is set back', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  const elapsedSeconds = async (act: () => Promise<void>): Promise<number> => {
    const begunMs = world.clock.elapsedMs();
    await act();
    return (world.clock.elapsedMs() - begunMs) / 1000;
  };
  const succeeded = (): Promise<void> =>
    world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Succeeded');
  const isPaused = (status: 'True' | 'False'): Promise<void> =>
    world.untilCondition(reindexRequestResource, 'run', 'Paused', status);
  const pause = async (paused: boolean): Promise<void> => {
    const key = { namespace: 'team', name: 'run' };
    await world.kube.patch(reindexRequestResource, key, undefined, { spec: { paused } });
  };
  async function untilBaking(): Promise<void> {
    await world.aRequest('run', 'kibana', { bake: { for: '5m' } });
    await world.until('it bakes', async () => (await world.request('run')).bakeUntil !== undefined);
  }

  it('makes no bake longer than it is declared', async () => {
    await untilBaking();
    world.clock.jump(-hourMs);
    expect(await elapsedSeconds(succeeded)).toBeLessThanOrEqual(6 * 60);
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
  });

  it('ends no bake in which a run was paused when it happened', async () => {
    await untilBaking();
    await pause(true);
    await isPaused('True');
    world.clock.jump(-hourMs);
    await world.pass(60);
    await pause(false);
    await isPaused('False');
    await world.pass(3 * 60);
    expect((await world.request('run')).phase).toBe('Baking');
    expect((await world.request('run')).pausedSeconds).toBeGreaterThanOrEqual(0);
    expect(await elapsedSeconds(succeeded)).toBeLessThanOrEqual(4 * 60);
  });

  it('keeps no version warming', async () => {
    const whole = world.engine;
    let searches = 0;
    world.engine = interceptedEngine(whole, async ({ name, args }, carryOut) => {
      const reply = await carryOut();
      if (name !== 'documents.search' || !String(args[0]).startsWith('kibana-v')) return reply;
      searches += 1;
      return { ...(reply as object), tookMs: Math.ceil(100_000 * 0.8 ** searches) };
    });
    await world.aRequest('run', 'kibana', { warm: { atMost: '60s' } });
    await world.until('it warms', async () => (await world.request('run')).warm !== undefined);
    world.clock.jump(-hourMs);
    expect(await elapsedSeconds(succeeded)).toBeLessThanOrEqual(120);
    expect((await world.request('run')).warm).toMatchObject({ settled: false });
  });
});
