import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { World } from '../support/worlds/a-world.ts';

/** A look at a repository takes as long as its remote does; the world goes on meanwhile. */
describe('a remote whose answer is long on its way', () => {
  let world: World;
  const light = { schedule: '@every 1m' };
  beforeEach(async () => {
    world = new World();
    world.startOperator();
    await world.aCluster();
  });
  afterEach(async () => world.stopOperator());

  /** From now on the first answer is on its way until it is let through; resolves once the remote was asked for it. */
  async function holdOneAnswer(): Promise<() => void> {
    let isHeld = false;
    let letThrough: () => void = () => undefined;
    world.answerArrives = async () => {
      if (isHeld) return;
      isHeld = true;
      await new Promise<void>(resolve => (letThrough = resolve));
    };
    await world.until('the remote is asked', () => isHeld, 3);
    return () => letThrough();
  }

  it('does not make a first build that ended meanwhile look as if it had left nothing', async () => {
    world.worker.fate = () => 'hang';
    await world.aRepo('kibana', { light });
    await world.until('it is built', async () => (await world.jobs()).length === 1);
    await world.pass(10);
    const letThrough = await holdOneAnswer();
    world.worker.fate = () => 'succeed';
    const [request] = await world.requests();
    await world.untilCondition(reindexRequestResource, request?.metadata.name ?? '', 'Finished', 'True', 'Succeeded');
    letThrough();
    await world.ready('kibana');
    await world.pass(600, 5);
    expect(await world.requests()).toHaveLength(1);
    expect(world.worker.ran).toEqual(['full kibana-v1 c1']);
  });

  it('does not make a light run that ended meanwhile look as if it had left nothing', async () => {
    await world.aRepo('kibana', { light });
    await world.ready('kibana');
    world.worker.fate = () => 'hang';
    world.push('kibana', 'c2');
    await world.until('a light run is at work', async () => (await world.jobs()).length === 2);
    await world.pass(10);
    const letThrough = await holdOneAnswer();
    world.worker.fate = () => 'succeed';
    await world.pass(10);
    letThrough();
    await world.until('c2 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000');
    await world.pass(300, 5);
    expect((await world.repo('kibana')).light).toMatchObject({ failures: 0, last: { outcome: 'Succeeded' } });
    expect(world.worker.ran).toEqual(['full kibana-v1 c1', 'incremental kibana-v1 c2']);
  });
});
