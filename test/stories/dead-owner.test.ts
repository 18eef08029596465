import { exitCodes } from '../../src/api/exit-codes.ts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { releaseOwnerVerb } from '../../src/cli/release-owner.ts';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { keys } from '../../src/api/meta.ts';
import { aCommandLine } from '../support/real/a-command-line.ts';
import { urlOf, World } from '../support/worlds/a-world.ts';
import { namespace } from '../support/worlds/world-view.ts';

const reason = 'its cluster was given up';

describe('an alias whose owner is gone', () => {
  let world: World;
  let deadUid: string;
  /** Deleted with an engine that was away, and let go without a clean-up; then declared under another name. */
  beforeEach(async () => {
    world = new World();
    world.startOperator();
    await world.aCluster();
    await world.aRepo('kibana', { deletionPolicy: 'Delete' });
    await world.ready('kibana');
    deadUid = await uidOf('kibana');
    world.engineAway = true;
    world.remove(indexedRepoResource, 'kibana');
    const metadata = { annotations: { [keys.abandonCleanup]: 'true' } };
    await world.kube.patch(indexedRepoResource, { namespace, name: 'kibana' }, undefined, { metadata });
    await world.until('it is gone', async () => !(await world.exists(indexedRepoResource, 'kibana')));
    world.engineAway = false;
    // A schedule that never comes due in this test: the heir must look by itself.
    await world.aRepo('heir', { alias: 'kibana', source: { url: urlOf('kibana') }, light: { schedule: '0 0 1 12 *' } });
    await world.untilCondition(indexedRepoResource, 'heir', 'Stalled', 'True', 'AliasOwnedElsewhere');
  });
  afterEach(async () => world.stopOperator());

  const uidOf = async (name: string): Promise<string> =>
    (await world.kube.get(indexedRepoResource, { namespace, name }))?.metadata.uid ?? '';
  const owner = async () => (await world.settings.aliasRecord('kibana'))?.source.owner.uid;
  const commandLine = () => aCommandLine(world.engine, 'reindeer');

  it('says whose it is, by uid, and the command that lets it go', async () => {
    const message = (await world.condition(indexedRepoResource, 'heir', 'Stalled'))?.message ?? '';
    expect(message).toContain(`belongs to IndexedRepo team/kibana, uid ${deadUid}`);
    expect(message).toContain(`reindeer lock release-owner kibana --uid ${deadUid} --reason`);
    await world.pass(7200, 30);
    expect(await owner()).toBe(deadUid);
  });

  it('goes with all versions to the next IndexedRepo when a person lets it go, and serves on all the time', async () => {
    expect(await releaseOwnerVerb(commandLine(), 'kibana', { uid: deadUid, reason })).toBe(0);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    await world.untilCondition(indexedRepoResource, 'heir', 'Ready', 'True', 'Live', 2);
    expect(await owner()).toBe(await uidOf('heir'));
    const [index] = await world.engine.indices.describe('kibana-v1');
    expect(index?.meta['ownerUid']).toBe(await uidOf('heir'));
    expect(world.worker.ran).toEqual(['full kibana-v1 c1']);
    expect((await world.settings.aliasRecord('kibana'))?.source.released).toMatchObject({
      by: 'ann@laptop',
      reason,
      owner: { uid: deadUid, name: 'kibana' },
    });
    world.push('kibana', 'c2');
    const annotations = { [keys.runNow]: 'now' };
    await world.kube.patch(indexedRepoResource, { namespace, name: 'heir' }, undefined, {
      metadata: { annotations },
    });
    await world.until('c2 is live', async () => (await world.repo('heir')).live?.shortCommit === 'c200000000');
  });

  it('is not let go for another uid, nor while anybody is at work behind it, nor twice', async () => {
    const cli = commandLine();
    expect(await releaseOwnerVerb(cli, 'kibana', { uid: 'another', reason })).toBe(exitCodes.lockLost);
    const holder = { kind: 'External', name: 'cli/x:1', uid: 'x', pod: '' } as const;
    const of = { of: 'alias', alias: 'kibana' } as const;
    await world.settings.acquire(of, holder, { leaseSeconds: 60, tokenFloor: 0 });
    expect(await releaseOwnerVerb(cli, 'kibana', { uid: deadUid, reason })).toBe(exitCodes.lockLost);
    expect(await owner()).toBe(deadUid);
    const lock = await world.settings.lockRecord('kibana');
    await world.settings.release(of, holder, lock?.source.lease.token ?? 0);
    expect(await releaseOwnerVerb(cli, 'kibana', { uid: deadUid, reason })).toBe(0);
    await world.untilCondition(indexedRepoResource, 'heir', 'Ready', 'True', 'Live', 2);
    expect(await releaseOwnerVerb(cli, 'kibana', { uid: deadUid, reason })).toBe(exitCodes.lockLost);
    expect(await owner()).toBe(await uidOf('heir'));
  });

  it('is claimed again by an owner that lives after all', async () => {
    await releaseOwnerVerb(commandLine(), 'kibana', { uid: deadUid, reason });
    await world.untilCondition(indexedRepoResource, 'heir', 'Ready', 'True', 'Live', 2);
    const uid = await uidOf('heir');
    expect(await releaseOwnerVerb(commandLine(), 'kibana', { uid, reason })).toBe(0);
    expect(await owner()).toBe('');
    const metadata = { annotations: { [keys.runNow]: 'look' } };
    await world.kube.patch(indexedRepoResource, { namespace, name: 'heir' }, undefined, { metadata });
    await world.until('it is its own again', async () => (await owner()) === uid, 2);
    await world.ready('heir');
  });

  it.each(['', ' '])('wants a reason: %j is none', async text => {
    await expect(releaseOwnerVerb(commandLine(), 'kibana', { uid: deadUid, reason: text })).rejects.toThrow('--reason');
  });
});
