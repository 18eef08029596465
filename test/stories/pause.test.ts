import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

describe('a pause', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  it('of a repository starts nothing new, says so, and lets the alias serve on', async () => {
    await world.aRepo('kibana', { paused: true });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Paused', 'True', 'PausedBySpec');
    const asked = world.asked;
    world.push('kibana', 'c2');
    await world.aRepo('kibana', { paused: true, index: { shards: 2 } });
    await world.aRequest('run', 'kibana');
    await world.untilCondition(reindexRequestResource, 'run', 'Paused', 'True', 'PausedBySpec');
    await world.pass(1800, 10);
    expect(world.asked).toBe(asked);
    expect(world.worker.ran).toHaveLength(1);
    expect(await world.isLocked('kibana')).toBe(false);
    expect(await world.condition(indexedRepoResource, 'kibana', 'Ready')).toMatchObject({ status: 'True' });
    await world.aRepo('kibana', { index: { shards: 2 } });
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Succeeded');
    expect((await world.repo('kibana')).live?.shortCommit).toBe('c200000000');
    expect(await world.condition(reindexRequestResource, 'run', 'Paused')).toMatchObject({ status: 'False' });
  });

  it('of a repository lets a run that is at work come to its end', async () => {
    world.worker.fate = () => 'hang';
    await world.aRequest('run', 'kibana');
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    await world.aRepo('kibana', { paused: true });
    await world.pass(60);
    world.worker.fate = () => 'succeed';
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Succeeded');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
  });

  it('of the cluster stops a heavy run in the middle, keeps its candidate, and lets it go on afterwards', async () => {
    world.worker.fate = () => 'hang';
    await world.aRequest('run', 'kibana');
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    await world.aCluster({ paused: true });
    await world.untilCondition(reindexRequestResource, 'run', 'Paused', 'True', 'ClusterPaused');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Paused', 'True', 'ClusterPaused');
    await world.untilCondition(searchClusterResource, 'main', 'Paused', 'True', 'PausedBySpec');
    await world.pass(600, 5);
    expect(await world.jobs()).toHaveLength(1);
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
    world.worker.fate = () => 'succeed';
    await world.aCluster();
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Succeeded');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    expect(world.worker.ran).toEqual(['full kibana-v1 c1', 'full kibana-v2 c1']);
  });

  it('of the cluster stops a light run too, and the next one makes up for it', async () => {
    world.worker.fate = () => 'hang';
    world.push('kibana', 'c2');
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    await world.aCluster({ paused: true });
    await world.until('it was stopped', async () => (await world.jobs()).length === 1);
    await world.pass(1200, 10);
    expect(await world.jobs()).toHaveLength(1);
    world.worker.fate = () => 'succeed';
    await world.aCluster();
    await world.until('c2 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000');
    expect((await world.repo('kibana')).light?.failures).toBe(0);
  });

  it('of the cluster does not undo the outcome of a run that has failed', async () => {
    world.worker.fate = () => 'fail';
    await world.aRequest('run', 'kibana');
    world.meddle = async (call, carryOut) => {
      const answer = await carryOut();
      // The pause comes right after the outcome was written down.
      if (call.what === 'kube.patchStatus reindexrequests/run') {
        const outcome = await world.condition(reindexRequestResource, 'run', 'Succeeded');
        if (outcome?.status === 'False') await world.aCluster({ paused: true });
      }
      return answer;
    };
    await world.untilCondition(reindexRequestResource, 'run', 'Succeeded', 'False', 'WorkerFailed');
    await world.pass(120);
    expect(await world.condition(reindexRequestResource, 'run', 'Succeeded')).toMatchObject({ reason: 'WorkerFailed' });
    world.meddle = async (_call, carryOut) => carryOut();
    await world.aCluster();
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'WorkerFailed');
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
  });
});
