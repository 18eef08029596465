import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { keys } from '../../src/api/meta.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { urlOf, World } from '../support/worlds/a-world.ts';
import { namespace } from '../support/worlds/world-view.ts';

const nightly = { light: { schedule: '0 3 * * *' } };

/** The object went without a clean-up, as when its finalizer is taken away by force or a cluster is lost. */
async function lose(world: World, name: string): Promise<string> {
  const uid = (await world.kube.get(indexedRepoResource, { namespace, name }))?.metadata.uid ?? '';
  world.remove(indexedRepoResource, name);
  await world.kube.patch(indexedRepoResource, { namespace, name }, undefined, { metadata: { finalizers: [] } });
  await world.until('it is lost', async () => !(await world.exists(indexedRepoResource, name)));
  return uid;
}

describe('an IndexedRepo that a backup made anew', () => {
  let world: World;
  let lost: string;
  beforeEach(async () => {
    world = new World();
    world.startOperator();
    await world.aCluster();
    await world.aRepo('kibana', { ...nightly, retain: { versions: 1 } });
    await world.ready('kibana');
    await world.aRequest('second', 'kibana');
    await world.untilCondition(reindexRequestResource, 'second', 'Finished', 'True', 'Succeeded');
    await world.stopOperator();
    world.remove(reindexRequestResource, 'second');
    lost = await lose(world, 'kibana');
  });
  afterEach(async () => world.stopOperator());

  const owner = async () => (await world.settings.aliasRecord('kibana'))?.source.owner;
  const owners = async () => [
    ...(await world.settings.versionRecords('kibana')).map(({ ownerUid }) => ownerUid),
    ...(await world.engine.indices.describe('kibana-v*')).map(({ meta }) => meta['ownerUid']),
  ];
  const uidOf = async (name: string) =>
    (await world.kube.get(indexedRepoResource, { namespace, name }))?.metadata.uid ?? '';
  const stalled = async (name: string) => (await world.condition(indexedRepoResource, name, 'Stalled'))?.message ?? '';

  async function expectTakenOver(name: string): Promise<void> {
    const uid = await uidOf(name);
    expect(uid).not.toBe(lost);
    expect(await owner()).toMatchObject({ namespace, name, uid });
    expect(new Set(await owners())).toEqual(new Set([uid]));
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    expect(world.worker.ran).toEqual(['full kibana-v1 c1', 'full kibana-v2 c1']);
    expect((await world.repo(name)).retired?.map(version => version.name)).toEqual(['kibana-v1']);
  }

  it('in the same cluster, namespace and name takes its alias over by itself, and builds nothing', async () => {
    world.startOperator();
    await world.aRepo('kibana', { ...nightly, retain: { versions: 1 } });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'True', 'Live', 2);
    await expectTakenOver('kibana');
  });

  it('takes it over whole, wherever the operator dies in the middle of it', async () => {
    for (let at = 1; ; at += 1) {
      const before = world.writes.length;
      let died = false;
      world.meddle = async (_call, carryOut) => {
        const answer = await carryOut();
        const writes = world.writes.slice(before).filter(what => !what.startsWith('kube.')).length;
        if (!died && writes === at) {
          died = true;
          world.killOperator();
          world.startOperator();
        }
        return answer;
      };
      world.startOperator();
      await world.aRepo('kibana', { ...nightly, retain: { versions: 1 } });
      await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'True', 'Live', 2);
      await world.pass(30);
      await expectTakenOver('kibana');
      world.meddle = async (_call, carryOut) => carryOut();
      await world.stopOperator();
      if (!died) {
        // The name of the operator, the record, two versions and two indices.
        expect(at).toBeGreaterThan(5);
        return;
      }
      lost = await lose(world, 'kibana');
    }
  });

  it('in another cluster takes it over from the uid that its annotation names, and from no other', async () => {
    world.operatorId = { operator: 'another-cluster', election: 'reindeer-system/reindeer' };
    world.startOperator();
    await world.aRepo('kibana', { ...nightly, retain: { versions: 1 } });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'AliasOwnedElsewhere');
    expect(await stalled('kibana')).toContain(`kubectl annotate irepo kibana ${keys.takeOverFrom}=${lost}`);
    const annotate = async (uid: string): Promise<void> => {
      const metadata = { annotations: { [keys.takeOverFrom]: uid } };
      await world.kube.patch(indexedRepoResource, { namespace, name: 'kibana' }, undefined, { metadata });
    };
    await annotate('mistyped');
    await world.pass(10);
    expect(await stalled('kibana')).toContain(`uid ${lost}, not to uid mistyped that ${keys.takeOverFrom} names`);
    expect((await owner())?.uid).toBe(lost);
    await annotate(lost);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'True', 'Live', 2);
    await expectTakenOver('kibana');
    expect((await owner())?.operator).toBe('another-cluster');
  });

  it('is not taken for the heir of an owner that lives', async () => {
    world.startOperator();
    await world.aRepo('kibana', { ...nightly, retain: { versions: 1 } });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'True', 'Live', 2);
    const uid = await uidOf('kibana');
    const annotations = { [keys.takeOverFrom]: uid };
    await world.aRepo('thief', { alias: 'kibana', source: { url: urlOf('kibana') } }, { annotations });
    await world.untilCondition(indexedRepoResource, 'thief', 'Stalled', 'True', 'AliasOwnedElsewhere');
    await world.pass(600, 10);
    expect((await owner())?.uid).toBe(uid);
  });

  it('waits while another operator may work in the same name', async () => {
    world.startOperator({ process: 'operator-1', released: false });
    await world.aRepo('kibana', { ...nightly, retain: { versions: 1 } });
    await world.pass(100);
    expect((await owner())?.uid).toBe(lost);
    expect(await world.requests()).toEqual([]);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'True', 'Live', 2);
    await expectTakenOver('kibana');
  });
});
