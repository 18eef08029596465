import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { aHeldRun } from '../support/worlds/a-held-run.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

/** What the operator has done shows in its cache three seconds later: nothing is done over and over until then. */
describe('a run whose changes come back late', () => {
  let world: World;
  let calls: number;
  beforeEach(async () => {
    world = await aWorldAtRest();
    calls = 0;
    world.beforeCall = () => {
      calls += 1;
    };
  });
  afterEach(async () => world.stopOperator());

  const { run, untilRun } = aHeldRun(() => world);
  const late = (): void => {
    world.watchLag = () => 3000;
    calls = 0;
  };

  it('is aborted with few calls', async () => {
    world.worker.fate = ({ index }) => (index === 'kibana-v2' ? 'hang' : 'succeed');
    await run({});
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    late();
    await run({ abort: true });
    await untilRun('Finished', 'True', 'Aborted');
    expect(calls).toBeLessThan(400);
  });

  it('is deleted before it began with few calls', async () => {
    late();
    await run({ abort: true });
    await world.pass(3);
    world.remove(reindexRequestResource, 'run');
    await world.pass(10);
    expect(calls).toBeLessThan(400);
  });
});
