import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { aHeldRun } from '../support/worlds/a-held-run.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

describe('what happens around a run that waits', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  const { run, untilRun, atGate, inBake, loseChunks, isLive } = aHeldRun(() => world);

  it('what waits in the queue behind a bake keeps no light run away', async () => {
    await inBake();
    await world.aRequest('other', 'kibana');
    await world.untilCondition(reindexRequestResource, 'other', 'Succeeded', 'Unknown', 'Queued');
    world.push('kibana', 'c2');
    await world.until('c2 is live', async () => isLive('c2'), 21);
  });

  it('a pause that ends while the engine is away leaves the bake all its time', async () => {
    const bake = { for: '1h' };
    await inBake();
    await run({ bake, paused: true });
    await untilRun('Paused', 'True', 'PausedBySpec');
    await world.pass(7200, 10);
    world.engineAway = true;
    await run({ bake, paused: false });
    await world.pass(60);
    world.engineAway = false;
    await world.pass(600, 5);
    expect((await world.request('run')).phase).toBe('Baking');
  });

  it.each(['it is paused', 'the engine is away'])('what is approved while %s is verified again', async how => {
    await atGate();
    await loseChunks('kibana-v2');
    const isPaused = how === 'it is paused';
    world.engineAway = !isPaused;
    const approved = { gates: ['BeforeSwitch'], approved: ['BeforeSwitch'] };
    await run({ gates: ['BeforeSwitch'], paused: isPaused });
    if (isPaused) await untilRun('Paused', 'True', 'PausedBySpec');
    await run({ ...approved, paused: isPaused });
    await world.pass(30);
    world.engineAway = false;
    await run({ ...approved, paused: false });
    await untilRun('Finished', 'True', 'VerificationFailed');
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
  });

  it.each<[string, { readonly bake?: object; readonly gates?: readonly string[]; readonly paused?: boolean }]>([
    ['a build that is paused', { paused: true }],
    ['a bake', { bake: { for: '100h' } }],
    ['a bake that is paused', { bake: { for: '100h' }, paused: true }],
    ['the gate after the bake', { gates: ['AfterBake'] }],
  ])('an IndexedRepo that is deleted in %s goes', async (_where, { paused = false, ...spec }) => {
    const phase = spec.bake ? 'Baking' : spec.gates ? 'AwaitingApproval' : 'Building';
    world.worker.fate = () => (phase === 'Building' ? 'hang' : 'succeed');
    await run(spec);
    await world.until(`it is in ${phase}`, async () => (await world.request('run')).phase === phase);
    await run({ ...spec, paused });
    if (paused) await untilRun('Paused', 'True', 'PausedBySpec');
    world.remove(indexedRepoResource, 'kibana');
    await world.until('it is gone', async () => !(await world.exists(indexedRepoResource, 'kibana')), 3);
    expect(await world.isLocked('kibana')).toBe(false);
  });

  it('an abort at the gate after the switch ends the run where there is nothing to go back to', async () => {
    await run({ gates: ['AfterBake'] });
    await untilRun('Paused', 'True', 'AwaitingApproval');
    await world.engine.indices.delete('kibana-v1');
    await run({ gates: ['AfterBake'], abort: true });
    await untilRun('Finished', 'True', 'IgnoredInStage');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    expect(await world.isLocked('kibana')).toBe(false);
  });

  it('a rebuild that could not begin sends no other away', async () => {
    world.worker.fate = ({ index }) => (index === 'kibana-v2' ? 'hang' : 'succeed');
    await run({});
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    await world.aRequest('urgent', 'kibana', { whenBusy: 'Preempt', paused: true });
    await world.pass(120);
    expect((await world.request('run')).phase).toBe('Building');
  });
});
