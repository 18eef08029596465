import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import type { Reason } from '../../src/api/reasons.ts';
import { fakeEngine } from '../support/fakes/fake-engine.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

const note = { mappings: { properties: { note: { type: 'keyword' } } } };

/** As a data folder that is lost, or a DNS name that is given to another one. */
describe('another cluster that answers under the URL of the one of before', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  type Place = readonly [where: string, ends: Reason, spec: object, goOn: object, stands: () => Promise<boolean>];
  const places: readonly Place[] = [
    [
      'at a gate',
      'LockLost',
      { gates: ['BeforeSwitch'] },
      { gates: ['BeforeSwitch'], approved: ['BeforeSwitch'] },
      async () => (await world.request('run')).gate === 'BeforeSwitch',
    ],
    [
      'in a bake',
      'Aborted',
      { bake: { for: '1h' } },
      { bake: { for: '1h' }, abort: true },
      async () => (await world.request('run')).bakeUntil !== undefined,
    ],
    [
      'at the gate after the switch',
      'LockLost',
      { gates: ['AfterBake'] },
      { gates: ['AfterBake'], approved: ['AfterBake'] },
      async () => (await world.request('run')).gate === 'AfterBake',
    ],
  ];

  it.each(places)(
    'is not written to by a run %s, until a person says that it is meant',
    async (_, ends, spec, goOn, stands) => {
      await world.aRequest('run', 'kibana', spec);
      await world.until('it stands', stands);
      world.engine = fakeEngine({ uuid: 'another' });
      await world.untilCondition(searchClusterResource, 'main', 'Stalled', 'True', 'ClusterChanged', 1);
      await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'ClusterChanged', 1);
      const { length } = world.writes;
      await world.aRequest('run', 'kibana', goOn);
      world.push('kibana', 'c2');
      await world.aRepo('kibana', { index: note });
      await world.pass(1800, 10);
      expect(world.writes.slice(length).filter(what => !what.startsWith('kube.patchStatus '))).toEqual([]);
      expect(await world.engine.indices.describe('*')).toEqual([]);
      expect((await world.request('run')).finished).toBeUndefined();

      await world.aCluster({ clusterUUID: 'another' });
      await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', ends, 10);
      await world.until(
        'it is built anew',
        async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000',
        30,
      );
      await world.ready('kibana');
      expect(await world.isLocked('kibana')).toBe(false);
      console.log(_, await world.condition(reindexRequestResource, 'run', 'Succeeded'), await world.serves('kibana'));
    },
  );
});
