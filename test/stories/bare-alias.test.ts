import { afterEach, describe, expect, it } from '@jest/globals';
import { releaseAlias } from '../../src/alias/transfer.ts';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { anIndexBody } from '../support/objects/an-index.ts';
import { World } from '../support/worlds/a-world.ts';

const original = 'orders-2024';
const election = 'reindeer-system/reindeer';
const yearly = { light: { schedule: '0 0 1 1 *' } };

describe('an alias that no IndexedRepo declares', () => {
  const worlds: World[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.stopOperator();
  });

  async function anOperator(operator = 'kubernetes-one', beside?: World): Promise<World> {
    const world = new World(beside?.engine, operator);
    worlds.push(world);
    world.operatorId = { operator, election };
    // What comes after an adoption is told elsewhere.
    world.worker.fate = () => 'hang';
    world.startOperator();
    return world;
  }

  async function aWorld(): Promise<World> {
    const world = await anOperator();
    await world.aCluster();
    await serve(world);
    return world;
  }

  async function serve(world: World): Promise<void> {
    await world.engine.indices.create(original, anIndexBody());
    await world.engine.aliases.update([{ add: { index: original, alias: 'orders', is_write_index: true } }]);
  }

  const copy = async (world: World, name = 'copy', spec: object = {}, alias = 'orders'): Promise<void> => {
    const target = { alias, clusterRef: { name: 'main' } };
    await world.apply(reindexRequestResource, name, { target, strategy: 'Copy', adopt: true, copy: {}, ...spec });
  };
  const atWork = async (world: World): Promise<void> =>
    world.until('it is at work', async () => (await world.jobs()).length > 0);
  const failed = async (world: World, name: string): Promise<Awaited<ReturnType<World['condition']>>> => {
    await world.untilCondition(reindexRequestResource, name, 'Finished', 'True');
    return world.condition(reindexRequestResource, name, 'Succeeded');
  };
  const recordOf = async (world: World) => (await world.settings.aliasRecord('orders'))?.source;

  it('is adopted as it is: it has an owner and a version, and its index says nothing of either', async () => {
    const world = await aWorld();
    const before = await world.engine.indices.describe(original);
    await copy(world);
    await atWork(world);
    const uid = 'alias/kubernetes-one/team';
    expect(await recordOf(world)).toMatchObject({
      owner: { uid, namespace: 'team', name: '', operator: 'kubernetes-one' },
      ...{ live: 1, candidate: 2, retired: [], nextVersion: 3 },
    });
    const members = [{ role: 'main', index: original, properties: { is_write_index: true } }];
    expect((await world.settings.versionRecord('orders-v1'))?.source).toMatchObject({ ownerUid: uid, members });
    expect(await world.serves('orders')).toEqual([original]);
    expect(await world.engine.indices.describe(original)).toEqual(before);
    expect(await world.request('copy')).toMatchObject({ alias: 'orders', from: { name: 'orders-v1' } });
    expect(world.errors()).toEqual([]);
  });

  const writes = [
    'documents.create alias~orders',
    'documents.create version~orders-v1',
    'documents.replace alias~orders',
  ];
  it.each(writes.flatMap(what => [['before', what] as const, ['after', what] as const]))(
    'is adopted once when the operator dies right %s %s',
    async (moment, what) => {
      const world = await aWorld();
      let isKilled = false;
      world.meddle = async (call, carryOut) => {
        if (isKilled || call.what !== what) return carryOut();
        isKilled = true;
        if (moment === 'after') await carryOut();
        world.killOperator();
        return new Promise<never>(() => undefined);
      };
      await copy(world);
      await world.until('it is dead', () => isKilled, 1);
      world.startOperator();
      await atWork(world);
      expect(await recordOf(world)).toMatchObject({ live: 1, candidate: 2, nextVersion: 3 });
      expect((await world.settings.versionRecords('orders')).map(({ number }) => number)).toEqual([1, 2]);
      expect(await world.serves('orders')).toEqual([original]);
    },
  );

  it('is left alone by a request that does not say that it adopts', async () => {
    const world = await aWorld();
    await copy(world, 'copy', { adopt: false });
    expect(await failed(world, 'copy')).toMatchObject({
      ...{ status: 'False', reason: 'AdoptionNeeded' },
      message: expect.stringContaining(`"orders" serves ${original}`),
    });
    expect(await recordOf(world)).toBeUndefined();
    expect(world.writes.filter(what => what.includes('indices.'))).toEqual(['indices.create reindeer-settings']);
  });

  it('needs no second word once it was adopted; its requests go one after the other', async () => {
    const world = await aWorld();
    await copy(world);
    await atWork(world);
    await copy(world, 'next', { adopt: false });
    await world.until('it waits', async () => (await world.request('next')).queue !== undefined);
    expect((await world.request('next')).queue).toEqual({ position: 1, behind: 'ReindexRequest/team/copy' });
    await copy(world, 'copy', { abort: true });
    await world.untilCondition(reindexRequestResource, 'copy', 'Succeeded', 'False', 'Aborted');
    await world.until('the next one begins', async () => (await world.request('next')).started !== undefined, 5);
    expect(await recordOf(world)).toMatchObject({ live: 1, owner: { uid: 'alias/kubernetes-one/team' } });
  });

  it('cannot be one that an IndexedRepo owns, and that goes on', async () => {
    const world = await aWorld();
    world.worker.fate = () => 'succeed';
    await world.aRepo('kibana', yearly);
    await world.ready('kibana');
    await copy(world, 'copy', {}, 'kibana');
    const told = await failed(world, 'copy');
    expect(told).toMatchObject({ reason: 'AliasOwnedElsewhere' });
    expect(told?.message).toContain('belongs to IndexedRepo team/kibana');
    await world.pass(120, 5);
    await world.ready('kibana');
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
  });

  it('is not taken by an IndexedRepo afterwards, not even when it is let go', async () => {
    const world = await aWorld();
    await copy(world);
    await atWork(world);
    await world.aRepo('orders', yearly);
    await world.untilCondition(indexedRepoResource, 'orders', 'Stalled', 'True', 'AliasOwnedElsewhere');
    const { message = '' } = (await world.condition(indexedRepoResource, 'orders', 'Stalled')) ?? {};
    expect(message).toContain('belongs to the requests of namespace team, uid alias/kubernetes-one/team');
    expect((await world.requests()).map(({ metadata }) => metadata.name)).toEqual(['copy']);
    await releaseAlias({ alias: 'orders', ownerUid: 'alias/kubernetes-one/team' }, world);
    await world.pass(300, 5);
    // Its workers would write theirs among the documents of applications.
    expect(await world.condition(indexedRepoResource, 'orders', 'Stalled')).toMatchObject({
      reason: 'AliasOwnedElsewhere',
      message: expect.stringContaining('is for a request that adopts it'),
    });
    expect((await recordOf(world))?.owner.uid).toBe('');
    expect(await world.serves('orders')).toEqual([original]);
  });

  it('belongs to the operator that adopted it: another one that comes beside it gets nothing until it is let go', async () => {
    const one = await aWorld();
    await copy(one);
    await atWork(one);
    const before = await recordOf(one);
    const other = await anOperator('kubernetes-two', one);
    await other.aCluster();
    await copy(other, 'theirs');
    expect(await failed(other, 'theirs')).toMatchObject({ reason: 'AliasOwnedElsewhere' });
    expect(await recordOf(one)).toEqual(before);
    expect((await one.settings.lockRecord('orders'))?.source.lease.held).toBe(true);
    await copy(one, 'copy', { abort: true });
    await one.untilCondition(reindexRequestResource, 'copy', 'Succeeded', 'False', 'Aborted');
    await releaseAlias({ alias: 'orders', ownerUid: 'alias/kubernetes-one/team' }, one);
    await copy(other, 'asking', { adopt: false });
    expect(await failed(other, 'asking')).toMatchObject({ reason: 'AdoptionNeeded' });
    await copy(other, 'adopting');
    await atWork(other);
    expect(await recordOf(other)).toMatchObject({ live: 1, owner: { uid: 'alias/kubernetes-two/team' } });
    expect((await one.settings.versionRecord('orders-v1'))?.source.ownerUid).toBe('alias/kubernetes-two/team');
  });

  it('waits for its SearchCluster, and that stays until the request is over', async () => {
    const world = await anOperator();
    await copy(world);
    await world.untilCondition(reindexRequestResource, 'copy', 'Succeeded', 'Unknown', 'TargetNotFound');
    await world.aCluster();
    await serve(world);
    await atWork(world);
    world.remove(searchClusterResource, 'main');
    await world.untilCondition(searchClusterResource, 'main', 'Stalled', 'True', 'InUse');
    const { message = '' } = (await world.condition(searchClusterResource, 'main', 'Stalled')) ?? {};
    expect(message).toContain('stays until nothing names it: ReindexRequest copy still do');
    await copy(world, 'copy', { abort: true });
    await world.until('it is gone', async () => !(await world.exists(searchClusterResource, 'main')));
    await world.untilCondition(reindexRequestResource, 'copy', 'Finished', 'True');
    expect(await world.serves('orders')).toEqual([original]);
  });
});
