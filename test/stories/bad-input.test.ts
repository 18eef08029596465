import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import type { Resource } from '../../src/api/object.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { settingsOn } from '../../src/registry/settings.ts';
import { urlOf, World } from '../support/worlds/a-world.ts';
import { key } from '../support/worlds/world-view.ts';

type Shown = { readonly type: string; readonly status: string; readonly reason: string; readonly message: string };

/** What only the operator can find out, and what somebody made up: it says so, and nothing of others is touched. */
describe('bad input that the schema cannot see', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    world.startOperator();
    await world.aCluster();
  });
  afterEach(async () => world.stopOperator());

  describe('an alias that another namespace has', () => {
    const elsewhere = { namespace: 'other' };

    async function claimElsewhere(cluster: object): Promise<void> {
      await world.apply(searchClusterResource, 'theirs', { endpoints: ['https://engine:9200'], ...cluster }, elsewhere);
      const spec = { clusterRef: { name: 'theirs' }, alias: 'kibana', source: { url: urlOf('kibana') } };
      await world.apply(indexedRepoResource, 'thief', spec, elsewhere);
    }

    async function thiefSays(type: string): Promise<Shown | undefined> {
      const { conditions = [] } = ((await world.kube.get(indexedRepoResource, { name: 'thief', ...elsewhere }))
        ?.status ?? {}) as { conditions?: readonly Shown[] };
      return conditions.find(each => each.type === type);
    }

    it('stays with the first, however the second one spells the way to the same cluster', async () => {
      await world.aRepo('kibana');
      await world.ready('kibana');
      await claimElsewhere({ endpoints: ['https://ENGINE.search.svc.cluster.local:9200/'] });
      await world.until('the second is told', async () => (await thiefSays('Stalled'))?.status === 'True');
      expect(await thiefSays('Stalled')).toMatchObject({
        reason: 'AliasOwnedElsewhere',
        message: expect.stringContaining('IndexedRepo team/kibana'),
      });
      await world.pass(600, 5);
      expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    });

    it('stays with the first, also when the second keeps its records in another settings index', async () => {
      await world.aRepo('kibana');
      await world.ready('kibana');
      await claimElsewhere({ settingsIndex: 'their-settings' });
      await world.until('the second is told', async () => (await thiefSays('Stalled'))?.status === 'True');
      expect(await thiefSays('Stalled')).toMatchObject({ reason: 'AliasAmbiguous' });
      await world.pass(600, 5);
      expect(await world.serves('kibana')).toEqual(['kibana-v1']);
      expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    });

    it('goes to one of two that start at the same moment with settings indices of their own', async () => {
      await world.aRepo('kibana');
      await claimElsewhere({ settingsIndex: 'their-settings' });
      const ours = async () => world.condition(indexedRepoResource, 'kibana', 'Ready');
      const ready = async () => [await ours(), await thiefSays('Ready')].map(each => each?.status === 'True');
      await world.until('one serves', async () => (await ready()).includes(true));
      await world.pass(1800, 5);
      expect((await ready()).toSorted()).toEqual([false, true]);
      expect(await world.serves('kibana')).toHaveLength(1);
    });
  });

  describe('a status that somebody forged', () => {
    async function forge(resource: Resource, name: string, status: object): Promise<void> {
      const { resourceVersion = '' } = (await world.kube.get(resource, key(name)))?.metadata ?? {};
      await world.kube.patchStatus(resource, key(name), resourceVersion, status);
    }

    it('of an IndexedRepo is put right from what the engine says, and nothing follows from it', async () => {
      await world.engine.indices.create('kibana-v9', { settings: {}, mappings: {} });
      await world.aRepo('kibana');
      await world.ready('kibana');
      const forged = { ...(await world.repo('kibana')).live, name: 'kibana-v9', number: 9, indices: ['kibana-v9'] };
      await forge(indexedRepoResource, 'kibana', {
        live: forged,
        retired: [forged],
        lock: { holder: 'ReindexRequest/nobody', kind: 'Heavy', token: 7_000_000, since: '2026-01-01T00:00:00Z' },
      });
      await world.until('the status is right again', async () => {
        const { live, retired = [], lock } = await world.repo('kibana');
        return live?.name === 'kibana-v1' && retired.length === 0 && lock === undefined;
      });
      await world.pass(600, 5);
      expect(await world.serves('kibana')).toEqual(['kibana-v1']);
      expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v9']);
      expect(await world.requests()).toHaveLength(1);
    });

    it('of a rollback does not make an index of somebody else the live one, whatever its _meta claims', async () => {
      await world.aRepo('kibana');
      await world.ready('kibana');
      const meta = { managedBy: 'reindeer', alias: 'kibana', version: 9, ownerUid: 'somebody', requestUid: 'somebody' };
      await world.engine.indices.create('kibana-v9', { settings: {}, mappings: { _meta: meta } });
      await world.aRequest('back', 'kibana', { strategy: 'Rollback', rollback: { toVersion: 9 } });
      await forge(reindexRequestResource, 'back', { to: { name: 'kibana-v9', number: 9 } });
      await world.untilCondition(reindexRequestResource, 'back', 'Finished', 'True');
      expect(await world.condition(reindexRequestResource, 'back', 'Succeeded')).toMatchObject({ status: 'False' });
      expect(await world.serves('kibana')).toEqual(['kibana-v1']);
      expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v9']);
    });
  });

  it('an index that calls itself ours is neither counted nor deleted without the uid of its owner', async () => {
    const meta = { managedBy: 'reindeer', alias: 'kibana', version: 7, ownerUid: 'not-the-uid', requestUid: 'nobody' };
    await world.engine.indices.create('kibana-v7', { settings: {}, mappings: { _meta: meta } });
    await world.aRepo('kibana', { deletionPolicy: 'Delete' });
    await world.ready('kibana');
    world.remove(indexedRepoResource, 'kibana');
    await world.until('it is gone', async () => !(await world.exists(indexedRepoResource, 'kibana')));
    expect(await world.versions('kibana')).toEqual(['kibana-v7']);
  });

  it('a lock that somebody wrote by hand is waited for a whole lease, and its token is never reached from below', async () => {
    const forged = settingsOn(world.engine, 'reindeer-settings');
    await world.aRepo('kibana');
    await world.ready('kibana');
    const holder = { kind: 'External', name: 'somebody', uid: 'made-up', pod: '' } as const;
    const granted = await forged.acquire({ of: 'alias', alias: 'kibana' }, holder, {
      leaseSeconds: 60,
      tokenFloor: 500,
    });
    expect(granted.is).toBe('granted');
    await world.aRepo('kibana', { rebuild: { revision: 'again' } });
    await world.pass(30);
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    await world.until('it was rebuilt', async () => (await world.serves('kibana')).includes('kibana-v2'));
    expect((await forged.lockRecord('kibana'))?.source.lease.token).toBeGreaterThan(500);
  });

  it('replicas that no node can hold are said, and nothing waits for them', async () => {
    await world.aRepo('kibana', { index: { replicas: 3 } });
    await world.ready('kibana');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False', 'ReplicasUnassignable');
    expect((await world.condition(indexedRepoResource, 'kibana', 'Stalled'))?.message).toMatch(
      /3 of 4 shard copies have no node: index\.replicas 3 takes 4 nodes/,
    );
    await world.aRepo('kibana', { index: { replicas: 0 } });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False', 'Idle');
  });
});
