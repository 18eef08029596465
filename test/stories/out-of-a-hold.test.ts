import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Resource } from '../../src/api/object.ts';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { aHeldRun } from '../support/worlds/a-held-run.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

describe('out of a hold comes a run', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  const { untilRun, atGate, inBake, isLive } = aHeldRun(() => world);
  const record = async () => (await world.settings.aliasRecord('kibana'))?.source;

  async function gone(resource: Resource, name: string): Promise<void> {
    world.remove(resource, name);
    await world.until(`${name} is gone`, async () => !(await world.exists(resource, name)), 3);
  }

  describe('that is deleted while its cluster is paused', () => {
    it('in its bake: it ends that and gives the lock back', async () => {
      await inBake();
      await world.aCluster({ paused: true });
      await untilRun('Paused', 'True', 'ClusterPaused');
      await gone(reindexRequestResource, 'run');
      expect(await record()).toMatchObject({ live: 2, writeSet: [2] });
      expect(await world.isLocked('kibana')).toBe(false);
      await world.aCluster();
      world.push('kibana', 'c2');
      await world.until('c2 is live', async () => isLive('c2'), 21);
      expect(world.worker.ran.at(-1)).toBe('incremental kibana-v2 c2');
    });

    it.each(['alone', 'with its IndexedRepo'])('at its gate, %s: it takes back what it made', async how => {
      await atGate();
      await world.aCluster({ paused: true });
      await untilRun('Paused', 'True', 'ClusterPaused');
      await (how === 'alone' ? gone(reindexRequestResource, 'run') : gone(indexedRepoResource, 'kibana'));
      expect(await world.versions('kibana')).toEqual(['kibana-v1']);
      expect(await world.isLocked('kibana')).toBe(false);
    });
  });
});
