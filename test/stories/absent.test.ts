import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { jobResource } from '../../src/work/kube-jobs.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

const reshaped = { index: { mappings: { properties: { note: { type: 'keyword' } } } } };

describe('an operator that was away', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  /** A heavy run that is at work when the operator goes away. */
  async function aRunAtWork(): Promise<void> {
    world.worker.fate = () => 'hang';
    await world.aRequest('run', 'kibana');
    await world.until('its Job is there', async () => (await world.jobs()).length === 2);
    world.killOperator();
  }

  const succeeded = async (): Promise<void> =>
    world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Succeeded');

  it('catches up with commits, specs and requests that came meanwhile', async () => {
    world.killOperator();
    world.push('kibana', 'c2');
    await world.aRepo('kibana', reshaped);
    await world.aRequest('run', 'kibana');
    await world.aRepo('linux');
    await world.pass(7200, 600);
    world.startOperator();
    await succeeded();
    await world.ready('kibana');
    await world.ready('linux');
    expect((await world.repo('kibana')).live?.shortCommit).toBe('c200000000');
    expect(await world.condition(indexedRepoResource, 'kibana', 'Reconciling')).toMatchObject({ status: 'False' });
    expect(await world.isLocked('kibana')).toBe(false);
  });

  it('finds a Job that ended well meanwhile, and switches', async () => {
    await aRunAtWork();
    world.worker.fate = () => 'succeed';
    await world.pass(7200, 600);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    world.startOperator();
    await succeeded();
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    expect(world.worker.ran).toHaveLength(2);
  });

  it('finds a Job that failed meanwhile, and cleans up', async () => {
    await aRunAtWork();
    world.worker.fate = () => 'fail';
    await world.pass(600, 60);
    world.startOperator();
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'WorkerFailed');
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    expect(await world.isLocked('kibana')).toBe(false);
  });

  it.each(['succeed', 'hang'] as const)('makes up for a Job that vanished meanwhile: %s', async fate => {
    await aRunAtWork();
    world.worker.fate = () => fate;
    await world.pass(10);
    for (const job of await world.jobs()) world.remove(jobResource, job.metadata.name);
    world.worker.fate = () => 'succeed';
    world.startOperator();
    await succeeded();
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    expect(world.worker.ran).toEqual(['full kibana-v1 c1', 'full kibana-v2 c1']);
  });

  it('cleans up after a request that was deleted meanwhile', async () => {
    await aRunAtWork();
    world.remove(reindexRequestResource, 'run');
    await world.pass(60);
    world.startOperator();
    await world.until('it is gone', async () => !(await world.exists(reindexRequestResource, 'run')), 5);
    await world.pass(5);
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    expect(await world.isLocked('kibana')).toBe(false);
  });

  it('cleans up after an IndexedRepo that was deleted meanwhile', async () => {
    await world.aRepo('kibana', { deletionPolicy: 'Delete' });
    await world.ready('kibana');
    await aRunAtWork();
    world.remove(indexedRepoResource, 'kibana');
    await world.pass(60);
    world.startOperator();
    await world.until('it is gone', async () => !(await world.exists(indexedRepoResource, 'kibana')), 5);
    expect(await world.versions('kibana')).toEqual([]);
    expect(await world.serves('kibana')).toEqual([]);
  });

  it('finds a lock of its own run as it left it, however long ago, and goes on', async () => {
    await aRunAtWork();
    await world.pass(40_000, 10_000);
    world.worker.fate = () => 'succeed';
    world.startOperator();
    await succeeded();
    expect(await world.isLocked('kibana')).toBe(false);
  });

  it.each(['indexedrepos', 'jobs', 'reindexrequests', 'searchclusters'])(
    'decides nothing before it has seen everything: the first list of %s is late',
    async late => {
      await aRunAtWork();
      world.watchLag = plural => (plural === late ? 10_000 : 0);
      const { length } = world.writes;
      world.startOperator();
      await world.pass(9);
      expect(world.writes.slice(length)).toEqual([]);
      world.watchLag = () => 0;
      world.worker.fate = () => 'succeed';
      await succeeded();
      expect(world.worker.ran).toHaveLength(2);
    },
  );

  it('finds that its lock was taken over meanwhile, and gives way', async () => {
    await aRunAtWork();
    const record = await world.settings.lockRecord('kibana');
    const holder = { kind: 'External' as const, name: 'cli/laptop:1', uid: 'outside', pod: 'p' };
    const seen = { is: 'held' as const, lease: record!.source.lease, seqNo: record!.stand.seqNo };
    const options = { leaseSeconds: 60, tokenFloor: 0 };
    const granted = await world.settings.takeOver({ of: 'alias', alias: 'kibana' }, holder, seen, options);
    world.startOperator();
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'LockLost');
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    const lease = (await world.settings.lockRecord('kibana'))?.source.lease;
    expect(lease).toMatchObject({ holder: { uid: 'outside' }, token: granted.lease.token });
  });

  it('finds the alias moved meanwhile, and says so', async () => {
    world.killOperator();
    await world.engine.aliases.update([{ remove: { index: 'kibana-v1', alias: 'kibana', must_exist: true } }]);
    world.startOperator();
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'Drifted');
  });

  it('finds a settings index that lost its records, and writes nothing over what is there', async () => {
    world.killOperator();
    await world.engine.indices.delete('reindeer-settings');
    world.startOperator();
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'AliasAmbiguous');
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
  });
});
