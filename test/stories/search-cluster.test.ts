import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { TerminalError } from '../../src/domain/errors.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';
import { settingsIndex } from '../support/worlds/world-view.ts';

describe('what a SearchCluster says', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  const untilStalled = async (
    status: string,
    reason: 'Idle' | 'InUse' | 'AuthenticationFailed' | 'SettingsNewer',
  ): Promise<void> => world.untilCondition(searchClusterResource, 'main', 'Stalled', status, reason, 1);

  it('of its deletion while IndexedRepos name it, once, until the last of them is gone', async () => {
    await world.aRepo('billing');
    await world.ready('billing');
    world.remove(searchClusterResource, 'main');
    await untilStalled('True', 'InUse');
    const told = () => world.events.filter(line => line.includes('InUse'));
    expect(told()).toEqual([
      'Warning InUse: is being deleted and stays until nothing names it: IndexedRepo billing, IndexedRepo kibana still do',
    ]);
    world.remove(indexedRepoResource, 'billing');
    await world.until(
      'it names the other one alone',
      async () =>
        (await world.condition(searchClusterResource, 'main', 'Stalled'))?.message.includes(
          ': IndexedRepo kibana still',
        ) === true,
    );
    world.remove(indexedRepoResource, 'kibana');
    await world.until('it is gone', async () => !(await world.exists(searchClusterResource, 'main')));
    expect(told()).toHaveLength(1);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
  });

  it('of an engine that takes no writes, and what serves is still looked at', async () => {
    await world.engine.indices.blockWrites(settingsIndex);
    await world.untilCondition(searchClusterResource, 'main', 'Ready', 'False', 'WritesBlocked', 1);
    expect(world.events).toContain('Warning WritesBlocked: the engine answers and takes no writes: index write (api)');
    world.push('kibana', 'c2');
    await world.until('the push is seen', async () => (await world.repo('kibana')).source?.behindSince !== undefined);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'True', 'Live');
    expect(world.worker.ran).toEqual(['full kibana-v1 c1']);
    await world.engine.indices.unblockWrites(settingsIndex);
    await world.untilCondition(searchClusterResource, 'main', 'Ready', 'True', 'Connected', 1);
    await world.until('c2 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000');
  });

  it('of a settings index that a later release has changed; nothing is written until that is installed again', async () => {
    const [before] = await world.engine.indices.describe(settingsIndex);
    await world.engine.indices.putMeta(settingsIndex, { ...before?.meta, schema: 1000 });
    await untilStalled('True', 'SettingsNewer');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'SettingsNewer', 1);
    const { length } = world.writes;
    world.push('kibana', 'c2');
    await world.aRepo('kibana', { index: { shards: 2 } });
    await world.aRequest('run', 'kibana');
    await world.pass(1800, 10);
    const written = world.writes.slice(length).filter(what => !what.startsWith('kube.patchStatus '));
    expect(written).toEqual([]);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    await world.engine.indices.putMeta(settingsIndex, { ...before?.meta });
    await world.until('what was asked for is live', async () => (await world.serves('kibana')).join() !== 'kibana-v1');
  });

  it('of refused credentials, and its IndexedRepos say it too, until they are taken again', async () => {
    let refuses = true;
    world.beforeCall = ({ what }) => {
      if (refuses && !what.startsWith('kube.')) throw new TerminalError('AuthenticationFailed', 'wrong password');
    };
    await untilStalled('True', 'AuthenticationFailed');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'AuthenticationFailed', 1);
    expect((await world.condition(indexedRepoResource, 'kibana', 'Stalled'))?.message).toBe(
      'SearchCluster "main": wrong password',
    );
    refuses = false;
    await untilStalled('False', 'Idle');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False', undefined, 1);
  });
});
