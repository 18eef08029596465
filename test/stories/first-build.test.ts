import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { World } from '../support/worlds/a-world.ts';

describe('a declared repository', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.startOperator();
  });
  afterEach(async () => world.stopOperator());

  it('gets a first version through a request that it owns', async () => {
    await world.aCluster();
    await world.aRepo('kibana');
    await world.ready('kibana');
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    const [request] = await world.requests();
    expect(request?.metadata.ownerReferences?.[0]).toMatchObject({
      kind: 'IndexedRepo',
      name: 'kibana',
      controller: true,
    });
    await world.untilCondition(reindexRequestResource, request?.metadata.name ?? '', 'Finished', 'True');
    expect(await world.repo('kibana')).toMatchObject({
      live: { name: 'kibana-v1', shortCommit: 'c100000000', documents: 2 },
    });
    expect((await world.settings.lockRecord('kibana'))?.source.lease.held).toBe(false);
  });

  it('follows a push with one light run and starts none when nothing is new', async () => {
    await world.aCluster();
    await world.aRepo('kibana');
    await world.ready('kibana');
    world.push('kibana', 'c2');
    await world.until('c2 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000');
    const ran = [...world.worker.ran];
    expect(ran).toEqual(['full kibana-v1 c1', 'incremental kibana-v1 c2']);
    const asked = world.asked;
    await world.until('three ticks passed', async () => world.asked >= asked + 3, 60);
    expect(world.worker.ran).toEqual(ran);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'UpToDate');
  });

  it('is rebuilt from what was pushed right before, and caught up to what was pushed meanwhile', async () => {
    await world.aCluster();
    await world.aRepo('kibana', { light: { schedule: '@every 24h' } });
    await world.ready('kibana');
    world.push('kibana', 'c2');
    await world.aRepo('kibana', { light: { schedule: '@every 24h' }, rebuild: { revision: 'now' } });
    await world.until('the Job works', async () => world.worker.ran.includes('full kibana-v2 c2'), 5);
    world.push('kibana', 'c3');
    await world.until('the switch', async () => (await world.serves('kibana')).includes('kibana-v2'));
    expect(world.worker.ran).toEqual(['full kibana-v1 c1', 'full kibana-v2 c2', 'incremental kibana-v2 c3']);
  });

  it('is rebuilt beside the live version when its shape changes, and keeps the old one for a return', async () => {
    await world.aCluster();
    await world.aRepo('kibana');
    await world.ready('kibana');
    await world.aRepo('kibana', { index: { mappings: { properties: { note: { type: 'keyword' } } } } });
    await world.until('the switch', async () => (await world.serves('kibana')).includes('kibana-v2'));
    await world.until('idle', async () => (await world.repo('kibana')).rebuild?.request === undefined);
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
    expect((await world.repo('kibana')).retired?.map(version => version.name)).toEqual(['kibana-v1']);
  });

  it('tells each switch of its alias once, with what it served before', async () => {
    const switches = (): readonly string[] =>
      world.events.filter(each => each.startsWith('Normal Switched: kibana serves'));
    await world.aCluster();
    await world.aRepo('kibana');
    await world.ready('kibana');
    expect(switches()).toEqual(['Normal Switched: kibana serves kibana-v1']);
    await world.aRepo('kibana', { rebuild: { revision: 'now' } });
    await world.until('the switch shows', async () => (await world.repo('kibana')).live?.name === 'kibana-v2');
    await world.pass(1200, 5);
    expect(switches()).toEqual([
      'Normal Switched: kibana serves kibana-v1',
      'Normal Switched: kibana serves kibana-v2, before it was kibana-v1',
    ]);
  });
});
