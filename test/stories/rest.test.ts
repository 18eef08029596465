import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { fakeEngine } from '../support/fakes/fake-engine.ts';
import { aWorldAtRest, urlOf, World } from '../support/worlds/a-world.ts';

describe('rest', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    world.startOperator();
    await world.aSecret('engine', { username: 'reindeer', password: 'pa55word' });
    await world.aSecret('git', { token: 'tok3n' });
    await world.aCluster({ auth: { basic: { secretRef: { name: 'engine' } } } });
    for (const name of ['kibana', 'linux']) {
      await world.aRepo(name, { source: { url: urlOf(name), secretRef: { name: 'git' } }, retain: { for: '720h' } });
      await world.ready(name);
    }
    world.push('kibana', 'c2');
    await world.aRepo('linux', { index: { shards: 2 }, source: { url: urlOf('linux') } });
    await world.until('c2 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000');
    await world.ready('linux');
    await world.pass(60);
  });
  afterEach(async () => world.stopOperator());

  it('writes nothing to Kubernetes and nothing to the engine in two minutes', async () => {
    const { length } = world.writes;
    await world.pass(120);
    expect(world.writes.slice(length)).toEqual([]);
  });

  it('writes nothing in an hour of ticks that find nothing, and reads Secrets at those ticks only', async () => {
    const { length } = world.writes;
    const { asked, secretReads } = world;
    await world.pass(3600, 10);
    expect(world.writes.slice(length)).toEqual([]);
    expect(world.asked - asked).toBeGreaterThanOrEqual(10);
    // One of the two repositories has a Secret; the one of the engine is not read again while it holds.
    expect(world.secretReads - secretReads).toBeLessThanOrEqual(7);
  });

  it('writes its name down after a restart, once, and nothing else', async () => {
    await world.stopOperator();
    const { length } = world.writes;
    world.startOperator();
    await world.pass(300, 5);
    expect(world.writes.slice(length)).toEqual(['documents.replace operator~kubernetes-uid~reindeer-system/reindeer']);
  });

  it('writes nothing while engine and remote are away for an hour, after it has said so', async () => {
    world.engineAway = true;
    world.remote.clear();
    await world.pass(1200, 5);
    const { length } = world.writes;
    await world.pass(3600, 10);
    expect(world.writes.slice(length)).toEqual([]);
    expect(world.errors()).toEqual([]);
    world.engineAway = false;
    world.push('kibana', 'c2');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'True');
  });

  it('looks once at a change that one status answers: what it wrote itself wakes nobody', async () => {
    const asked: string[] = [];
    world.beforeCall = ({ what }) => void asked.push(what);
    const { length } = world.writes;
    await world.aRepo('linux', { index: { shards: 2 }, source: { url: urlOf('linux') }, paused: true });
    await world.untilCondition(indexedRepoResource, 'linux', 'Paused', 'True', 'PausedBySpec');
    await world.pass(3);
    expect(world.writes.slice(length)).toEqual(['kube.patchStatus indexedrepos/linux']);
    expect(asked.filter(what => what === 'aliases.members linux')).toHaveLength(1);
  });

  it('says nothing at the level of a human: no error, and no secret anywhere', () => {
    expect(world.errors()).toEqual([]);
    const said = JSON.stringify(world.log.lines);
    expect(said).not.toContain('pa55word');
    expect(said).not.toContain('tok3n');
  });
});

describe('another cluster behind the endpoint', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  it('is not written to before spec.clusterUUID names it; then everything is built there', async () => {
    const before = world.engine;
    world.engine = fakeEngine({ uuid: 'restored-from-nothing' });
    world.push('kibana', 'c2');
    await world.untilCondition(searchClusterResource, 'main', 'Ready', 'False', 'ClusterChanged');
    await world.untilCondition(searchClusterResource, 'main', 'Stalled', 'True', 'ClusterChanged');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'Unknown');
    const { length } = world.writes;
    await world.aRepo('kibana', { index: { shards: 2 } });
    await world.pass(1800, 10);
    expect(world.writes.slice(length).filter(what => !what.startsWith('kube.patchStatus '))).toEqual([]);
    expect(await world.engine.indices.describe('*')).toEqual([]);
    await world.aCluster({ clusterUUID: 'restored-from-nothing' });
    await world.ready('kibana');
    expect((await world.repo('kibana')).live).toMatchObject({ name: 'kibana-v1', shortCommit: 'c200000000' });
    expect((await before.indices.describe('kibana-v*')).map(index => index.name)).toEqual(['kibana-v1']);
  });

  it('in the middle of a run stops that run where it is; it goes on when the right one answers again', async () => {
    world.worker.fate = () => 'hang';
    await world.aRequest('run', 'kibana');
    await world.until('it is built', async () => (await world.jobs()).length === 2);
    const before = world.engine;
    world.engine = fakeEngine({ uuid: 'restored-from-nothing' });
    await world.pass(120);
    expect(await world.engine.indices.describe('*')).toEqual([]);
    world.engine = before;
    world.worker.fate = () => 'succeed';
    await world.until('v2 is live', async () => (await world.serves('kibana')).join() === 'kibana-v2');
  });

  it('that is named although it does not answer is not taken for the one that does', async () => {
    await world.aCluster({ clusterUUID: 'some-other' });
    await world.untilCondition(searchClusterResource, 'main', 'Ready', 'False', 'ClusterChanged');
    const { length } = world.writes;
    await world.pass(600, 10);
    expect(world.writes.slice(length)).toEqual([]);
    await world.aCluster();
    await world.ready('kibana');
  });
});
