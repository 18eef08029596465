import { afterEach, describe, expect, it } from '@jest/globals';
import { noOwner } from '../../src/alias/transfer.ts';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import type { Holder } from '../../src/domain/records.ts';
import { anOwner } from '../support/objects/a-record.ts';
import { World } from '../support/worlds/a-world.ts';

const election = 'reindeer-system/reindeer';
const nightly = { light: { schedule: '0 0 1 1 *' } };

describe('two operators on one engine, whose Kubernetes clusters know nothing of each other', () => {
  const worlds: World[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.stopOperator();
  });

  async function anOperator(operator: string, beside?: World): Promise<World> {
    const world = new World(beside?.engine, operator);
    worlds.push(world);
    world.operatorId = { operator, election };
    world.startOperator();
    await world.aCluster();
    return world;
  }

  async function passBoth(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 5) await Promise.all(worlds.map(async world => world.pass(5, 5)));
  }

  const lockOf = async (world: World) => (await world.settings.lockRecord('kibana'))?.source.lease;

  it('leave a run of the other alone that holds the alias, and say whose alias it is', async () => {
    const one = await anOperator('kubernetes-one');
    await one.aRepo('kibana', nightly);
    await one.ready('kibana');
    one.worker.fate = () => 'hang';
    await one.aRequest('run', 'kibana');
    await one.until('it is at work', async () => (await one.jobs()).length === 2);
    const held = await lockOf(one);
    const other = await anOperator('kubernetes-other', one);
    await other.aRepo('kibana', nightly);
    await other.aRequest('theirs', 'kibana');
    await passBoth(600);
    expect(await lockOf(one)).toEqual(held);
    const uid = (await one.settings.aliasRecord('kibana'))?.source.owner.uid;
    const told = expect.stringContaining(`belongs to IndexedRepo team/kibana, uid ${uid}`);
    expect(await other.condition(indexedRepoResource, 'kibana', 'Stalled')).toMatchObject({
      status: 'True',
      message: told,
    });
    expect(await other.condition(reindexRequestResource, 'theirs', 'Succeeded')).toMatchObject({
      reason: 'AliasOwnedElsewhere',
      message: told,
    });
    one.worker.fate = () => 'succeed';
    await one.untilCondition(reindexRequestResource, 'run', 'Succeeded', 'True');
    expect(await one.serves('kibana')).toEqual(['kibana-v2']);
  });

  /** Where no owner stands before the lock, the lock alone has to hold. */
  it('wait for a run of the other on an alias that was left without an owner, for as long as that renews', async () => {
    const other = await anOperator('kubernetes-other');
    const holder: Holder = {
      ...{ kind: 'Heavy', name: 'ReindexRequest/far/run', uid: 'far-run', pod: '' },
      operator: 'kubernetes-one',
    };
    await other.until(
      'its settings index is there',
      async () => (await other.engine.indices.describe('reindeer-settings')).length === 1,
    );
    const lock = { of: 'alias', alias: 'kibana' } as const;
    await other.settings.claim('kibana', anOwner({ uid: noOwner, operator: 'kubernetes-one' }));
    const taken = await other.settings.acquire(lock, holder, { leaseSeconds: 60, tokenFloor: 0 });
    const { token } = taken.lease;
    await other.aRepo('kibana', nightly);
    for (let renewals = 0; renewals < 15; renewals += 1) {
      await passBoth(40);
      expect(await other.settings.renew(lock, holder, token)).not.toBe('lost');
    }
    const [request] = await other.requests();
    expect(await other.condition(reindexRequestResource, request?.metadata.name ?? '', 'Succeeded')).toMatchObject({
      reason: 'Queued',
      message: 'the lock is held by ReindexRequest/far/run, until it has not renewed its lease of 60 s',
    });
    await other.ready('kibana');
    expect((await lockOf(other))?.token).toBeGreaterThan(token);
  });
});
