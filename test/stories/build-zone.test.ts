import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { filtersOf } from '../support/checks/allocation-filters.ts';
import type { FakeAllocation } from '../support/fakes/fake-allocation.ts';
import { zones } from '../support/objects/a-zone.ts';
import { anIndexBody } from '../support/objects/an-index.ts';
import { World } from '../support/worlds/a-world.ts';
import { aZonedCluster, inBuildZone, isBeingFilled, nodesOf } from '../support/worlds/a-zoned-world.ts';
import { key } from '../support/worlds/world-view.ts';

describe('a version that is built in the build zone', () => {
  let world: World;
  let allocation: FakeAllocation;
  beforeEach(async () => {
    world = new World();
    world.startOperator();
    allocation = await aZonedCluster(world);
    await world.aRepo('kibana');
    await world.ready('kibana');
  });
  afterEach(async () => world.stopOperator());

  const begin = async (spec: object = {}): Promise<void> =>
    world.aRequest('run', 'kibana', { ...inBuildZone, ...spec });
  const ended = async (reason: Parameters<World['untilCondition']>[4]): Promise<void> =>
    world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', reason);
  const atWork = async (index: string): Promise<void> => isBeingFilled(world, index);
  const told = async (what: string): Promise<void> =>
    world.until(what, () => world.events.some(event => event.startsWith(`Warning ${what}`)));

  it('lies there alone while it is filled, and where it serves afterwards', async () => {
    expect(await nodesOf(world, 'kibana-v1')).toContain('spare-1');
    const seen = new Set<string>();
    world.meddle = async (call, carryOut) => {
      if (call.what.startsWith('kube.create jobs/'))
        for (const index of ['kibana-v2', 'kibana-v1']) seen.add(`${index} ${String(await nodesOf(world, index))}`);
      return carryOut();
    };
    await begin();
    await ended('Succeeded');
    expect([...seen]).toEqual(['kibana-v2 spare-1', 'kibana-v1 north-1,south-1']);
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    expect(await nodesOf(world, 'kibana-v2')).toEqual(['north-1', 'south-1']);
    expect(await filtersOf(world.engine, 'kibana')).toEqual(['kibana-v2 include.zone north,south']);
    const { buildZone, spread } = await world.request('run');
    expect(buildZone).toEqual({ version: 2, zone: 'spare', nodes: ['spare-1'] });
    expect(spread).toBeDefined();
  });

  it('keeps the next one off by what the last one carries', async () => {
    await begin();
    await ended('Succeeded');
    const writes = world.writes.length;
    await world.aRequest('next', 'kibana', inBuildZone);
    await world.untilCondition(reindexRequestResource, 'next', 'Finished', 'True', 'Succeeded');
    expect(world.writes.slice(writes).filter(each => each.startsWith('indices.putMeta'))).toEqual([]);
    expect(await nodesOf(world, 'kibana-v3')).toEqual(['north-1', 'south-1']);
  });

  it('is filled through the nodes of the zone that the SearchCluster names', async () => {
    const endpoints = ['https://north-1.es.svc:9200', 'https://spare-1.es.svc:9200'];
    await world.aCluster({ endpoints, zones });
    const asked: string[] = [];
    world.worker.fate = run => {
      asked.push(run.endpoint);
      return 'succeed';
    };
    await begin();
    await ended('Succeeded');
    expect(asked).toEqual(['https://spare-1.es.svc:9200']);
  });

  it('says with whom it shares the zone, and goes on', async () => {
    await world.engine.indices.create('logs', anIndexBody());
    const settings = { 'index.routing.allocation.require.zone': 'spare' };
    await world.engine.indices.putSettings('logs', settings);
    await begin();
    await ended('Succeeded');
    expect(world.events).toContain(
      'Warning BuildZoneShared: every shard of kibana-v2 lies in zone=spare, and so do shards of logs',
    );
  });

  it('is not built without a zone to build in', async () => {
    allocation.kill('spare-1');
    await begin({ dryRun: true });
    await ended('NoBuildZone');
    await world.aRequest('real', 'kibana', inBuildZone);
    await world.untilCondition(reindexRequestResource, 'real', 'Finished', 'True', 'NoBuildZone');
    await world.apply(searchClusterResource, 'main', { endpoints: ['https://engine:9200'] });
    await world.aRequest('undeclared', 'kibana', inBuildZone);
    await world.untilCondition(reindexRequestResource, 'undeclared', 'Finished', 'True', 'NoBuildZone');
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
  });

  it('waits for shards that no node takes, and writes nothing meanwhile', async () => {
    allocation.isHeld = true;
    await begin();
    await world.pass(400);
    // That of the first build.
    expect(await world.jobs()).toHaveLength(1);
    await world.untilCondition(reindexRequestResource, 'run', 'Stalled', 'True', 'Running');
    allocation.isHeld = false;
    await ended('Succeeded');
  });

  it('is lost with its node: it is begun again as another version, and what serves never notices', async () => {
    world.worker.fate = ({ index }) => (index === 'kibana-v2' ? 'hang' : 'succeed');
    await begin();
    await atWork('kibana-v2');
    const { nextVersion } = (await world.settings.aliasRecord('kibana'))?.source ?? {};
    expect(nextVersion).toBe(3);
    allocation.kill('spare-1');
    await told('BuildZoneLost');
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    await told('NoBuildZone');
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    expect(await world.engine.indices.count('kibana')).toBe(2);
    allocation.start('spare-1');
    await ended('Succeeded');
    expect(await world.serves('kibana')).toEqual(['kibana-v3']);
    expect((await world.request('run')).buildZone).toMatchObject({ version: 3, lost: 1 });
    expect(await filtersOf(world.engine, 'kibana')).toEqual(['kibana-v3 include.zone north,south']);
  });

  it('goes on with its shards when the node is back soon', async () => {
    world.worker.fate = () => 'hang';
    await begin();
    await atWork('kibana-v2');
    allocation.kill('spare-1');
    await told('BuildZoneLost');
    allocation.start('spare-1');
    world.worker.fate = () => 'succeed';
    await ended('Succeeded');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    expect((await world.request('run')).buildZone).not.toHaveProperty('lostSince');
  });

  it('leaves no filter behind when its object is deleted', async () => {
    world.worker.fate = () => 'hang';
    await begin();
    await atWork('kibana-v2');
    expect(await filtersOf(world.engine, 'kibana')).toContain('kibana-v1 exclude.zone spare');
    world.remove(reindexRequestResource, 'run');
    await world.until('it is gone', async () => !(await world.exists(reindexRequestResource, 'run')));
    expect(await filtersOf(world.engine, 'kibana')).toEqual([]);
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
  });

  it('has what it left behind collected by the next run, where it was taken away by force', async () => {
    world.worker.fate = () => 'hang';
    await begin();
    await atWork('kibana-v2');
    await world.stopOperator();
    const { metadata } = (await world.kube.get(reindexRequestResource, key('run'))) ?? {};
    await world.kube.setFinalizers(reindexRequestResource, key('run'), metadata?.resourceVersion ?? '', []);
    world.remove(reindexRequestResource, 'run');
    world.worker.fate = () => 'succeed';
    world.startOperator();
    await world.aRequest('next', 'kibana');
    await world.untilCondition(reindexRequestResource, 'next', 'Finished', 'True', 'Succeeded');
    expect(await filtersOf(world.engine, 'kibana')).toEqual([]);
    expect(await world.serves('kibana')).toEqual(['kibana-v3']);
  });
});
