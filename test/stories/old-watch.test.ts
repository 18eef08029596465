import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { World } from '../support/worlds/a-world.ts';

const lagMs = 300_000;

/** An API server may be behind the others: what its watch brings is true, and was. */
describe('an operator whose watch is behind', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    world.startOperator();
    await world.aCluster();
  });
  afterEach(async () => world.stopOperator());

  const isBehind = (plural: string): void => {
    world.watchLag = each => (each === plural ? lagMs : 0);
  };
  async function expectKept(): Promise<void> {
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
    await world.pass(lagMs / 1000, 30);
    await world.ready('kibana');
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
  }

  it('deletes no version that would have outlived its time by the spec of before', async () => {
    await world.aRepo('kibana', { retain: { versions: 2, for: '2m' } });
    await world.ready('kibana');
    await world.aRequest('run', 'kibana');
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Succeeded');
    await world.ready('kibana');
    isBehind(indexedRepoResource.plural);
    await world.aRepo('kibana', { retain: { versions: 2, for: '24h' } });
    await world.pass(200, 10);
    await expectKept();
  });

  it('retires no version that the spec of before did not keep', async () => {
    await world.aRepo('kibana', { retain: { versions: 0 } });
    await world.ready('kibana');
    await world.aRequest('run', 'kibana', { gates: ['AfterBake'] });
    await world.until('it is at the gate', async () => (await world.request('run')).gate === 'AfterBake');
    isBehind(indexedRepoResource.plural);
    await world.aRepo('kibana', { retain: { versions: 2 } });
    await world.aRequest('run', 'kibana', { gates: ['AfterBake'], approved: ['AfterBake'] });
    await world.pass(200, 10);
    await expectKept();
    expect(await world.condition(reindexRequestResource, 'run', 'Succeeded')).toMatchObject({ status: 'True' });
  });
});
