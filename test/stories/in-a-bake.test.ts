import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { RetryableError } from '../../src/domain/errors.ts';
import { unpullable } from '../support/fakes/fake-worker.ts';
import { aHeldRun } from '../support/worlds/a-held-run.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

describe('in a bake and on the way back', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  const { run, untilRun, inBake, loseChunks, isLive, breakLock } = aHeldRun(() => world);
  const chunks = (expected: object): object => ({
    queries: [{ name: 'chunks', body: { term: { doc: 'chunk' } }, ...expected }],
  });

  it.each(['hangs', 'cannot be pulled'])(
    'the live version does not wait for a run into the one before that %s',
    async how => {
      await inBake();
      world.worker.fate = ({ index }) => (index === 'kibana-v1' ? (how === 'hangs' ? 'hang' : unpullable) : 'succeed');
      world.push('kibana', 'c2');
      await world.until('c2 is live', async () => isLive('c2'), 21);
      await world.pass(30);
      world.push('kibana', 'c3');
      await world.until('c3 is live', async () => isLive('c3'), 30);
    },
  );

  it('a version before that is not brought as far takes no traffic', async () => {
    await inBake({ bake: { for: '1h', onFailure: 'Rollback' }, verify: chunks({ overlapPercent: 90 }) });
    world.worker.fate = ({ index }) => (index === 'kibana-v1' ? 'fail' : 'succeed');
    world.push('kibana', 'c2');
    await world.until('c2 is live', async () => isLive('c2'), 21);
    await world.pass(300, 1);
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
  });

  it('a return that lost its lock does not say that it was one', async () => {
    await inBake();
    world.meddle = async (call, carryOut) => {
      if (!call.what.startsWith('aliases.update')) return carryOut();
      throw new RetryableError('EngineUnavailable', 'the engine does not answer');
    };
    await run({ bake: { for: '1h' }, abort: true });
    await world.pass(5);
    await breakLock();
    await world.pass(1);
    world.meddle = async (_call, carryOut) => carryOut();
    await untilRun('Finished', 'True', undefined, 10);
    expect([await world.serves('kibana'), (await world.request('run')).phase]).not.toEqual([
      ['kibana-v2'],
      'RolledBack',
    ]);
  });

  it('a return whose version before is gone does not say that it was one', async () => {
    await inBake();
    world.meddle = async (call, carryOut) => {
      if (!call.what.startsWith('aliases.update')) return carryOut();
      await world.engine.indices.delete('kibana-v1').catch(() => undefined);
      throw new RetryableError('EngineUnavailable', 'the engine does not answer');
    };
    await run({ bake: { for: '1h' }, abort: true });
    await world.pass(20);
    world.meddle = async (_call, carryOut) => carryOut();
    await untilRun('Finished', 'True', undefined, 10);
    expect((await world.request('run')).phase).not.toBe('RolledBack');
  });

  it('a return under which the alias was moved by hand does not say that it was one', async () => {
    await inBake();
    await world.engine.indices.create('foreign', { settings: {}, mappings: {} });
    let moved = false;
    world.meddle = async (call, carryOut) => {
      if (!moved && call.what.startsWith('aliases.update')) {
        moved = true;
        await world.engine.aliases.update([
          { remove: { index: 'kibana-v2', alias: 'kibana', must_exist: true } },
          { add: { index: 'foreign', alias: 'kibana' } },
        ]);
      }
      return carryOut();
    };
    await run({ bake: { for: '1h' }, abort: true });
    await untilRun('Finished', 'True', undefined, 10);
    expect((await world.condition(reindexRequestResource, 'run', 'Succeeded'))?.reason).toBe('Drifted');
  });

  it('a rollback goes before a bake that is paused', async () => {
    await inBake();
    await run({ bake: { for: '1h' }, paused: true });
    await untilRun('Paused', 'True', 'PausedBySpec');
    await world.aRequest('back', 'kibana', { strategy: 'Rollback' });
    await world.untilCondition(reindexRequestResource, 'back', 'Finished', 'True', 'Succeeded', 10);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
  });

  it('a rollback goes before a build that is paused', async () => {
    await run({ retain: { versions: 5 } });
    await untilRun('Finished', 'True', 'Succeeded');
    world.worker.fate = () => 'hang';
    await world.aRequest('second', 'kibana', {});
    await world.until('at work', async () => (await world.request('second')).phase === 'Building');
    await world.aRequest('second', 'kibana', { paused: true });
    await world.untilCondition(reindexRequestResource, 'second', 'Paused', 'True', 'PausedBySpec');
    await world.aRequest('back', 'kibana', { strategy: 'Rollback' });
    await world.untilCondition(reindexRequestResource, 'back', 'Finished', 'True', 'Succeeded', 10);
  });

  it('a lock that is broken at the gate after the bake ends the run, and nothing is deleted', async () => {
    await run({ bake: { for: '1m' }, gates: ['AfterBake'], retain: { versions: 0 } });
    await untilRun('Paused', 'True', 'AwaitingApproval');
    await breakLock();
    await world.pass(60);
    await run({ bake: { for: '1m' }, gates: ['AfterBake'], approved: ['AfterBake'], retain: { versions: 0 } });
    await untilRun('Finished', 'True', undefined, 10);
    expect((await world.request('run')).phase).toBe('Failed');
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
  });

  it('a lock that is broken while a check holds the run is noticed', async () => {
    await inBake({ verify: chunks({ minHits: 1 }) });
    await world.pass(70);
    await loseChunks('kibana-v2');
    await untilRun('Paused', 'True', 'CheckFailed');
    await breakLock();
    await untilRun('Finished', 'True', 'LockBroken', 10);
  });

  it('a bake that passed while no operator was there is checked before versions are retired', async () => {
    await inBake({
      bake: { for: '1h', onFailure: 'Rollback' },
      verify: chunks({ minHits: 1 }),
      retain: { versions: 0 },
    });
    await loseChunks('kibana-v2');
    world.killOperator();
    await world.pass(7200, 10);
    world.startOperator();
    await untilRun('Finished', 'True', undefined, 90);
    expect((await world.request('run')).phase).toBe('RolledBack');
  });

  it('so is one in which the engine was away', async () => {
    await inBake({
      bake: { for: '1h', onFailure: 'Rollback' },
      verify: chunks({ minHits: 1 }),
      retain: { versions: 0 },
    });
    world.engineAway = true;
    await world.pass(7200, 10);
    world.engineAway = false;
    await loseChunks('kibana-v2');
    await untilRun('Finished', 'True', undefined, 90);
    expect((await world.request('run')).phase).toBe('RolledBack');
  });

  it('a rebuild that would preempt, and has no place, sends no run away', async () => {
    await inBake();
    world.worker.fate = ({ index }) => (index.startsWith('vega') ? 'hang' : 'succeed');
    await world.aRepo('vega');
    await world.until('vega is built', async () => (await world.jobs()).length === 3);
    await world.aRequest('urgent', 'kibana', { whenBusy: 'Preempt' });
    await world.pass(120);
    const { phase } = await world.request('run');
    expect(phase).toBe('Baking');
  });

  it('a rebuild whose bake was ended is not built again', async () => {
    await world.aRepo('kibana', { rebuild: { revision: '1', template: { bake: { for: '1h' } } } });
    await world.until('v2 serves', async () => (await world.serves('kibana'))[0] === 'kibana-v2');
    await world.pass(30);
    await world.aRequest('urgent', 'kibana', { whenBusy: 'Preempt' });
    await world.untilCondition(reindexRequestResource, 'urgent', 'Finished', 'True', 'Succeeded');
    await world.pass(1800, 5);
    expect(await world.serves('kibana')).toEqual(['kibana-v3']);
  });

  it('what is pushed at the gate after a switch is in the version before, also without a bake', async () => {
    await run({ gates: ['AfterBake'] });
    await untilRun('Paused', 'True', 'AwaitingApproval');
    world.push('kibana', 'c2');
    await world.until('c2 is live', async () => isLive('c2'), 21);
    await world.pass(60);
    expect(world.worker.ran).toContain('incremental kibana-v1 c2');
  });

  it('a run that turns back and one that fails do not take turns without a pause', async () => {
    await inBake();
    const skipped = { exitCode: 0, outcome: 'skipped', reason: 'HeldByRequest' } as const;
    world.worker.fate = ({ index }) => (index === 'kibana-v2' ? skipped : 'fail');
    const { length } = world.worker.ran;
    world.push('kibana', 'c2');
    await world.pass(1200, 2);
    const ran = world.worker.ran.slice(length);
    // Each half minute, and each five minutes.
    expect(ran.filter(line => line.includes('kibana-v2')).length).toBeLessThanOrEqual(40);
    expect(ran.filter(line => line.includes('kibana-v1')).length).toBeLessThanOrEqual(4);
  });

  it('a run into the version before that fails does not put off the next one into the live version', async () => {
    await inBake({ bake: { for: '10h' } });
    world.worker.fate = () => 'fail';
    world.push('kibana', 'c2');
    await world.pass(1800, 5);
    expect((await world.repo('kibana')).light?.failures).toBeGreaterThan(5);
    world.worker.fate = ({ index }) => (index === 'kibana-v2' ? 'succeed' : 'fail');
    await world.until('c2 is live', async () => isLive('c2'), 20);
  });
});
