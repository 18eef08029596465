import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { World } from '../support/worlds/a-world.ts';
import { namespace } from '../support/worlds/world-view.ts';

describe('what stays', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    world.startOperator();
    await world.aCluster();
  });
  afterEach(async () => world.stopOperator());

  async function rebuilt(name: string, spec: object = {}): Promise<void> {
    await world.aRequest(name, 'kibana', spec);
    await world.untilCondition(reindexRequestResource, name, 'Finished', 'True', 'Succeeded');
    await world.ready('kibana');
  }

  it.each([
    [0, ['kibana-v5']],
    [1, ['kibana-v4', 'kibana-v5']],
    [3, ['kibana-v2', 'kibana-v3', 'kibana-v4', 'kibana-v5']],
  ])('are %i retired versions, the newest ones', async (versions, left) => {
    await world.aRepo('kibana', { retain: { versions } });
    await world.ready('kibana');
    for (const name of ['one', 'two', 'three', 'four']) await rebuilt(name);
    expect(await world.versions('kibana')).toEqual(left);
    expect(await world.serves('kibana')).toEqual(['kibana-v5']);
    const retired = ((await world.repo('kibana')).retired ?? []).map(version => version.name);
    expect(retired).toEqual(left.slice(0, -1).reverse());
    expect((await world.settings.versionRecords('kibana')).map(version => version.index)).toEqual(left);
  });

  it('of a request with its own retain is what that says, not what the repository says', async () => {
    await world.aRepo('kibana', { retain: { versions: 3 } });
    await world.ready('kibana');
    await rebuilt('one');
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
    await rebuilt('two', { retain: { versions: 0 } });
    expect(await world.versions('kibana')).toEqual(['kibana-v3']);
  });

  it('is deleted when retain.for is over, at the time that the status says', async () => {
    await world.aRepo('kibana', { retain: { versions: 2, for: '30m' } });
    await world.ready('kibana');
    await rebuilt('one');
    const expires = (await world.repo('kibana')).retired?.[0]?.expires ?? '';
    await world.until('it is deleted', async () => (await world.versions('kibana')).length === 1, 45);
    expect(Math.abs(world.clock.now().getTime() - Date.parse(expires))).toBeLessThan(5000);
    await world.until('the status follows', async () => (await world.repo('kibana')).retired === undefined, 1);
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
  });

  it('is deleted under the lock: no rollback to it can be on its way', async () => {
    const holders: (string | undefined)[] = [];
    world.meddle = async (call, carryOut) => {
      if (/^indices\.delete kibana-v[1-9]/.test(call.what))
        holders.push((await world.settings.lockRecord('kibana'))?.source.lease.holder?.name);
      return carryOut();
    };
    await world.aRepo('kibana', { retain: { versions: 2, for: '30m' } });
    await world.ready('kibana');
    await rebuilt('one');
    await world.until('it is deleted', async () => (await world.versions('kibana')).length === 1, 45);
    expect(holders).toEqual(['IndexedRepo/team/kibana']);
    await world.pass(2);
    expect(await world.isLocked('kibana')).toBe(false);
  });

  it('waits while somebody else holds the lock', async () => {
    await world.aRepo('kibana', { retain: { versions: 2, for: '30m' } });
    await world.ready('kibana');
    await rebuilt('one');
    const holder = { kind: 'External', name: 'ci/7', uid: 'ci-7', pod: '' } as const;
    await world.settings.acquire({ of: 'alias', alias: 'kibana' }, holder, { leaseSeconds: 60, tokenFloor: 0 });
    await world.pass(3600, 5);
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
    const lease = (await world.settings.lockRecord('kibana'))?.source.lease;
    await world.settings.release({ of: 'alias', alias: 'kibana' }, holder, lease?.token ?? 0);
    await world.until('it is deleted', async () => (await world.versions('kibana')).length === 1, 15);
  });

  it('touches no index of something else that is named like a version, and lists it', async () => {
    await world.aRepo('kibana', { retain: { versions: 0 } });
    await world.ready('kibana');
    for (const name of ['kibana-v10', 'kibana-v2', 'kibana-vue-v1'])
      await world.engine.indices.create(name, { settings: {}, mappings: {} });
    await rebuilt('one');
    expect((await world.repo('kibana')).foreign).toEqual(['kibana-v2', 'kibana-v10']);
    expect(await world.versions('kibana')).toEqual(['kibana-v10', 'kibana-v2', 'kibana-v3', 'kibana-vue-v1']);
    expect(await world.serves('kibana')).toEqual(['kibana-v3']);
    await world.engine.indices.delete('kibana-v2');
    await world.engine.indices.delete('kibana-v10');
    world.push('kibana', 'c2');
    await world.until('none is listed', async () => (await world.repo('kibana')).foreign === undefined, 21);
  });

  it.each([false, true])(
    'gives back a lock that an operator left which died in between, paused or not (%s)',
    async paused => {
      await world.aRepo('kibana', { retain: { versions: 2, for: '30m' } });
      await world.ready('kibana');
      await rebuilt('one');
      const uid = (await world.kube.get(indexedRepoResource, { namespace, name: 'kibana' }))?.metadata.uid ?? '';
      const holder = { kind: 'Heavy', name: 'IndexedRepo/team/kibana', uid, pod: '' } as const;
      await world.settings.acquire({ of: 'alias', alias: 'kibana' }, holder, { leaseSeconds: 60, tokenFloor: 0 });
      await world.aRepo('kibana', { retain: { versions: 2, for: '30m' }, paused });
      await world.apply(reindexRequestResource, 'back', {
        target: { repoRef: { name: 'kibana' } },
        strategy: 'Rollback',
      });
      await world.untilCondition(reindexRequestResource, 'back', 'Finished', 'True', 'Succeeded');
      expect(await world.serves('kibana')).toEqual(['kibana-v1']);
      expect(await world.isLocked('kibana')).toBe(false);
    },
  );

  it('of finished requests are the last five that the operator made, and every one that somebody else made', async () => {
    await world.aRepo('kibana');
    await world.ready('kibana');
    await world.aRequest('mine', 'kibana');
    for (const shards of [2, 3, 4, 5, 6, 7, 8]) {
      await world.aRepo('kibana', { index: { shards } });
      await world.until('it is live', async () => {
        const [index] = await world.engine.indices.describe((await world.serves('kibana'))[0] ?? 'none');
        return index?.settings['index.number_of_shards'] === String(shards);
      });
      await world.ready('kibana');
    }
    await world.pass(10);
    const owned = (await world.requests()).filter(each => each.metadata.ownerReferences !== undefined);
    expect(owned).toHaveLength(5);
    expect(await world.exists(reindexRequestResource, 'mine')).toBe(true);
  });

  it('of a request with ttlAfterFinished is nothing once that is over', async () => {
    await world.aRepo('kibana');
    await world.ready('kibana');
    await rebuilt('short', { ttlAfterFinished: '10m' });
    await rebuilt('long');
    await world.pass(500, 5);
    expect(await world.exists(reindexRequestResource, 'short')).toBe(true);
    await world.pass(200, 5);
    expect(await world.exists(reindexRequestResource, 'short')).toBe(false);
    await world.pass(86_400, 600);
    expect(await world.exists(reindexRequestResource, 'long')).toBe(true);
  });

  it('of rebuild.revision is its value: it is built once, and not again when a later build has none', async () => {
    await world.aRepo('kibana', { rebuild: { revision: 'a' } });
    await world.ready('kibana');
    expect((await world.repo('kibana')).rebuild?.revision).toBe('a');
    expect(world.worker.ran).toHaveLength(1);
    await world.aRepo('kibana', { rebuild: { revision: 'b' } });
    await world.until('v2 is live', async () => (await world.serves('kibana')).join() === 'kibana-v2');
    await world.ready('kibana');
    await world.pass(1800, 10);
    expect((await world.repo('kibana')).rebuild).toEqual({ revision: 'b' });
    await world.aRepo('kibana', { index: { shards: 2 } });
    await world.until('v3 is live', async () => (await world.serves('kibana')).join() === 'kibana-v3');
    await world.ready('kibana');
    await world.aRepo('kibana', { index: { shards: 2 }, rebuild: { revision: 'b' } });
    await world.pass(1800, 10);
    expect(await world.serves('kibana')).toEqual(['kibana-v3']);
    expect(world.worker.ran).toHaveLength(3);
  });

  it('is the version itself when only replicas change: they are set in place', async () => {
    await world.aRepo('kibana');
    await world.ready('kibana');
    await world.aRepo('kibana', { index: { replicas: 2 } });
    await world.until('two replicas', async () => {
      const [index] = await world.engine.indices.describe('kibana-v1');
      return index?.settings['index.number_of_replicas'] === '2';
    });
    await world.pass(600, 5);
    expect(world.worker.ran).toEqual(['full kibana-v1 c1']);
    expect(await world.requests()).toHaveLength(1);
  });

  it('of a candidate is no trace of how it was built: replicas and refresh are as declared', async () => {
    await world.aRepo('kibana', { index: { replicas: 0, settings: { refresh_interval: '5s' } } });
    await world.ready('kibana');
    const [index] = await world.engine.indices.describe('kibana-v1');
    expect(index?.settings).toMatchObject({ 'index.number_of_replicas': '0', 'index.refresh_interval': '5s' });
    await rebuilt('again');
    await world.aRepo('kibana');
    await world.until('v3 is live', async () => (await world.serves('kibana')).join() === 'kibana-v3');
    const [next] = await world.engine.indices.describe('kibana-v3');
    expect(next?.settings['index.refresh_interval']).toBeUndefined();
    expect(next?.settings['index.number_of_replicas']).toBe('1');
  });
});
