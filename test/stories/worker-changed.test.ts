import { exitCodes } from '../../src/api/exit-codes.ts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

/** A worker that cannot bring the live version up to date says so with exit code 78. */
describe('a live version that the worker cannot bring up to date', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
    world.worker.fate = ({ index, mode }) =>
      index === 'kibana-v1' && mode === 'incremental' ? { exitCode: exitCodes.fullReindexNeeded } : 'succeed';
  });
  afterEach(async () => world.stopOperator());

  const causes = async (): Promise<readonly (string | undefined)[]> =>
    (await world.requests()).map(each => each.metadata.annotations?.['reindeer.dev/cause']).toSorted();

  it('is built anew by another image that is declared, and then followed', async () => {
    world.push('kibana', 'c2');
    await world.aRepo('kibana', { worker: { image: 'corp/indexer:2' } });
    await world.until('v2 is live', async () => (await world.serves('kibana')).join() === 'kibana-v2');
    await world.ready('kibana');
    expect(await causes()).toEqual(['NoLiveVersion', 'SpecChanged']);
    expect((await world.repo('kibana')).live).toMatchObject({
      workerImage: 'corp/indexer:2',
      shortCommit: 'c200000000',
    });
    expect((await world.repo('kibana')).rebuild?.due).toBeUndefined();
    world.push('kibana', 'c3');
    await world.until('c3 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c300000000');
    expect((await world.repo('kibana')).light?.failures).toBe(0);
    expect(world.worker.ran).toEqual(['full kibana-v1 c1', 'full kibana-v2 c2', 'incremental kibana-v2 c3']);
  });

  it('waits for a human when an image of the same name built it: never an endless loop of heavy Jobs', async () => {
    world.push('kibana', 'c2');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'FullReindexNeeded');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'RunFailed');
    const [due, ...others] = (await world.repo('kibana')).rebuild?.due ?? [];
    expect(others).toEqual([]);
    expect(due).toMatchObject({ reason: 'WorkerChanged', held: true });
    expect(due?.message).toMatch(/^image (\S+) cannot bring kibana-v1 up to date, which \1 built$/);
    await world.pass(7200, 10);
    expect(await causes()).toEqual(['NoLiveVersion']);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    await world.aRepo('kibana', { rebuild: { revision: 'by hand' } });
    await world.until('v2 is live', async () => (await world.serves('kibana')).join() === 'kibana-v2');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'UpToDate');
  });

  it('goes on by itself when the image can again', async () => {
    world.push('kibana', 'c2');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'FullReindexNeeded');
    world.worker.fate = () => 'succeed';
    await world.until('c2 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000', 90);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False');
    expect(await causes()).toEqual(['NoLiveVersion']);
  });
});
