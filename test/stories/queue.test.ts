import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { fakeEngine } from '../support/fakes/fake-engine.ts';
import { World } from '../support/worlds/a-world.ts';

describe('runs that want the same', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.startOperator();
  });
  afterEach(async () => world.stopOperator());

  const started = async (name: string): Promise<boolean> => (await world.request(name)).started !== undefined;
  const succeeded = async (name: string): Promise<void> =>
    world.untilCondition(reindexRequestResource, name, 'Succeeded', 'True');

  async function readyRepos(...names: readonly string[]): Promise<void> {
    for (const name of names) await world.aRepo(name);
    for (const name of names) await world.ready(name);
  }

  it('wait for each other behind one alias, each with its position and behind whom', async () => {
    await world.aCluster({ limits: { heavyRuns: 5 } });
    await readyRepos('kibana');
    world.worker.fate = () => 'hang';
    await world.aRequest('first', 'kibana');
    await world.until('the first is at work', async () => started('first'));
    await world.pass(1);
    await world.aRequest('second', 'kibana');
    await world.pass(1);
    await world.aRequest('third', 'kibana');
    await world.until('the third queues', async () => (await world.request('third')).queue !== undefined);
    expect((await world.request('second')).queue).toEqual({ position: 1, behind: 'ReindexRequest/team/first' });
    expect((await world.request('third')).queue).toEqual({ position: 2, behind: 'ReindexRequest/team/second' });
    expect(await world.condition(reindexRequestResource, 'second', 'Succeeded')).toMatchObject({
      status: 'Unknown',
      reason: 'Queued',
    });
    world.worker.fate = () => 'succeed';
    for (const name of ['first', 'second', 'third']) await succeeded(name);
    expect((await world.request('third')).queue).toBeUndefined();
    expect(world.worker.ran.slice(1)).toEqual(['full kibana-v2 c1', 'full kibana-v3 c1', 'full kibana-v4 c1']);
    expect(await world.serves('kibana')).toEqual(['kibana-v4']);
  });

  it('do not keep light runs from going on while they wait', async () => {
    await world.aCluster();
    await readyRepos('kibana', 'linux');
    world.worker.fate = ({ mode }) => (mode === 'full' ? 'hang' : 'succeed');
    await world.aRequest('linux-run', 'linux');
    await world.until('linux is at work', async () => started('linux-run'));
    await world.aRequest('kibana-run', 'kibana');
    world.push('kibana', 'c2');
    await world.until('c2 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000');
    expect((await world.request('kibana-run')).queue?.behind).toBe('ReindexRequest/team/linux-run');
  });

  it('keep to limits.heavyRuns over several aliases, however many start at once', async () => {
    await world.aCluster({ limits: { heavyRuns: 2 } });
    world.worker.fate = () => 'hang';
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) await world.aRepo(name);
    await world.pass(30);
    expect(await world.jobs()).toHaveLength(2);
    let most = 0;
    world.worker.fate = () => 'succeed';
    await world.until('all are live', async () => {
      most = Math.max(most, (await running(world)).length);
      return (await Promise.all(names.map(async name => world.serves(name)))).every(serves => serves.length === 1);
    });
    expect(most).toBe(2);
  });

  it('keep to limits.heavyRuns over two SearchClusters that reach the same cluster', async () => {
    await world.aCluster({ limits: { heavyRuns: 1 } });
    await world.aCluster({ limits: { heavyRuns: 1 }, endpoints: ['https://same-engine:9200'] }, 'twin');
    world.worker.fate = () => 'hang';
    await world.aRepo('kibana');
    await world.aRepo('linux', { clusterRef: { name: 'twin' } });
    await world.pass(30);
    expect(await world.jobs()).toHaveLength(1);
    world.worker.fate = () => 'succeed';
    await world.ready('kibana');
    await world.ready('linux');
  });

  it('keep to limits.lightRuns, and those that wait come next without a tick of their own', async () => {
    await world.aCluster({ limits: { lightRuns: 2, heavyRuns: 5 } });
    const names = ['a', 'b', 'c', 'd'];
    await readyRepos(...names);
    world.worker.fate = () => 'hang';
    for (const name of names) world.push(name, 'c2');
    await world.pass(1200, 5);
    const light = async (): Promise<number> =>
      (await world.jobs()).filter(job => job.metadata.ownerReferences?.[0]?.kind === 'IndexedRepo').length;
    expect(await light()).toBe(2);
    const told = await Promise.all(names.map(async name => world.condition(indexedRepoResource, name, 'Fresh')));
    const waiting = told.filter(each => each?.reason === 'Queued').map(each => each?.message);
    expect(waiting).toHaveLength(2);
    expect(waiting[0]).toMatch(
      /waits for a place; SearchCluster team\/main allows 2 light runs at once on this engine$/,
    );
    const asked = world.asked;
    world.worker.fate = () => 'succeed';
    await world.pass(40);
    for (const name of names) {
      expect((await world.repo(name)).live?.shortCommit).toBe('c200000000');
      expect(await world.condition(indexedRepoResource, name, 'Fresh')).toMatchObject({ reason: 'UpToDate' });
    }
    expect(world.asked - asked).toBeLessThanOrEqual(1);
  });

  it('wait some minutes for an IndexedRepo that is not there, and then fail with TargetNotFound', async () => {
    await world.aCluster();
    await world.aRequest('lost', 'nobody');
    await world.untilCondition(reindexRequestResource, 'lost', 'Reconciling', 'True', 'TargetNotFound', 1);
    await world.until('the operator wrote itself down', async () =>
      world.writes.some(write => write.startsWith('documents.create operator~')),
    );
    const { length } = world.writes;
    await world.pass(280, 5);
    expect(world.writes.slice(length)).toEqual([]);
    await world.untilCondition(reindexRequestResource, 'lost', 'Finished', 'True', 'TargetNotFound', 1);
  });

  it('begin as soon as the IndexedRepo is there that was applied after them', async () => {
    await world.aCluster();
    await world.aRequest('early', 'kibana');
    await world.untilCondition(reindexRequestResource, 'early', 'Reconciling', 'True', 'TargetNotFound', 1);
    await world.aRepo('kibana');
    await world.untilCondition(reindexRequestResource, 'early', 'Finished', 'True', 'Succeeded', 2);
  });

  it('keep to the smallest number that anybody who reached the engine declares', async () => {
    await world.aCluster({ limits: { heavyRuns: 1 } });
    await world.aCluster({ limits: { heavyRuns: 100 } }, 'generous');
    world.worker.fate = () => 'hang';
    await world.aRepo('kibana');
    await world.until('kibana builds', async () => (await world.jobs()).length === 1);
    await world.aRepo('linux', { clusterRef: { name: 'generous' } });
    await world.untilCondition(indexedRepoResource, 'linux', 'Reconciling', 'True', 'Queued', 1);
    await world.pass(30);
    expect(await world.jobs()).toHaveLength(1);
  });

  it('leave an alias of another namespace alone: the later one is told who owns it, and gets it when the owner goes', async () => {
    await world.aCluster();
    await world.aRepo('kibana', { deletionPolicy: 'Delete' });
    await world.ready('kibana');
    await world.aRepo('twin', { alias: 'kibana' });
    await world.untilCondition(indexedRepoResource, 'twin', 'Stalled', 'True', 'AliasOwnedElsewhere');
    expect((await world.condition(indexedRepoResource, 'twin', 'Ready'))?.message).toContain('IndexedRepo team/kibana');
    expect((await world.repo('twin')).live).toBeUndefined();
    expect(await world.requests()).toHaveLength(1);
    world.remove(indexedRepoResource, 'kibana');
    await world.ready('twin');
    expect(await world.condition(indexedRepoResource, 'twin', 'Stalled')).toMatchObject({ status: 'False' });
  });

  it('that claim one alias at the same moment: one gets it, the other is told so', async () => {
    await world.aCluster({ limits: { heavyRuns: 5 } });
    await world.aRepo('one', { alias: 'shared' });
    await world.aRepo('other', { alias: 'shared' });
    await world.until('one is served', async () => (await world.serves('shared')).length === 1);
    await world.until('both are settled', async () => {
      const ready = await Promise.all(
        ['one', 'other'].map(async name => world.condition(indexedRepoResource, name, 'Ready')),
      );
      return (
        ready
          .map(each => each?.reason)
          .toSorted()
          .join() === 'AliasOwnedElsewhere,Live'
      );
    });
    await world.pass(600, 5);
    expect(await world.serves('shared')).toEqual(['shared-v1']);
    expect(world.worker.ran).toHaveLength(1);
  });

  it('on different clusters do not wait for each other', async () => {
    await world.aCluster({ limits: { heavyRuns: 1 } });
    await world.aCluster({ limits: { heavyRuns: 1 }, endpoints: ['https://another:9200'] }, 'another');
    world.enginesAt.set('https://another:9200', fakeEngine({ uuid: 'another-cluster' }));
    world.worker.fate = () => 'hang';
    await world.aRepo('kibana');
    await world.aRepo('linux', { clusterRef: { name: 'another' } });
    await world.until('both build', async () => (await world.jobs()).length === 2);
  });
});

async function running(world: World): Promise<readonly string[]> {
  const statuses = (await world.requests()).map(each => ({
    name: each.metadata.name,
    status: each.status as { started?: string; finished?: string } | undefined,
  }));
  return statuses.filter(({ status }) => status?.started && !status.finished).map(({ name }) => name);
}
