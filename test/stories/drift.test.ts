import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { publicAlias } from '../../src/domain/document-model.ts';
import { World } from '../support/worlds/a-world.ts';
import { anIndexBody } from '../support/objects/an-index.ts';

const note = { mappings: { properties: { note: { type: 'keyword' } } } };

describe('a hand that meddles with the alias', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    world.startOperator();
    await world.aCluster();
  });
  afterEach(async () => world.stopOperator());

  const ready = async (): Promise<void> => {
    await world.aRepo('kibana');
    await world.ready('kibana');
  };
  const stalled = async (reason: Parameters<World['untilCondition']>[4]): Promise<void> =>
    world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', reason);

  async function foreignIndex(name = 'foreign'): Promise<void> {
    await world.engine.indices.create(name, anIndexBody());
  }

  /** A push and a new shape come while it is so; not one call goes to the engine. */
  async function expectNothingWritten(): Promise<void> {
    const before = world.writes.length;
    world.push('kibana', 'c2');
    await world.aRepo('kibana', { index: note });
    await world.pass(1800, 10);
    expect(world.writes.slice(before).filter(what => !what.startsWith('kube.patchStatus '))).toEqual([]);
    expect(world.errors()).toEqual([]);
  }

  async function expectRecovered(): Promise<void> {
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False');
    await world.until('the new shape is live', async () => (await world.serves('kibana')).join() === 'kibana-v2');
    await world.ready('kibana');
    expect((await world.repo('kibana')).live?.shortCommit).toBe('c200000000');
  }

  it('is told apart from an alias that is an index: nothing is made until it is gone', async () => {
    await foreignIndex('kibana');
    await world.aRepo('kibana');
    await stalled('AliasIsIndex');
    expect(await world.requests()).toEqual([]);
    await world.engine.indices.delete('kibana');
    await world.ready('kibana');
  });

  it('never gets the settings index for an alias', async () => {
    await world.aRepo('kibana', { alias: 'reindeer-settings' });
    await stalled('AliasIsIndex');
    expect((await world.condition(indexedRepoResource, 'kibana', 'Stalled'))?.message).toContain('settings index');
    expect(await world.requests()).toEqual([]);
  });

  it('is told apart from an alias that others made: nothing is made until it is gone', async () => {
    await foreignIndex();
    await world.engine.aliases.update([{ add: { index: 'foreign', alias: 'kibana' } }]);
    await world.aRepo('kibana');
    await stalled('AliasAmbiguous');
    expect(await world.serves('kibana')).toEqual(['foreign']);
    expect(await world.requests()).toEqual([]);
    await world.engine.aliases.update([{ remove: { index: 'foreign', alias: 'kibana', must_exist: true } }]);
    await world.ready('kibana');
  });

  it('is reported when it moves the alias to another index, and obeyed until it moves it back', async () => {
    await ready();
    await foreignIndex();
    await world.engine.aliases.update([
      { remove: { index: 'kibana-v1', alias: 'kibana', must_exist: true } },
      { add: { index: 'foreign', alias: 'kibana' } },
    ]);
    await stalled('Drifted');
    await expectNothingWritten();
    expect(await world.serves('kibana')).toEqual(['foreign']);
    await world.engine.aliases.update([
      { remove: { index: 'foreign', alias: 'kibana', must_exist: true } },
      { add: { index: 'kibana-v1', alias: 'kibana', ...publicAlias } },
    ]);
    await expectRecovered();
  });

  it('is reported when it adds an index to the alias, and obeyed until it takes it away', async () => {
    await ready();
    await foreignIndex();
    await world.engine.aliases.update([{ add: { index: 'foreign', alias: 'kibana' } }]);
    await stalled('Drifted');
    await expectNothingWritten();
    await world.engine.aliases.update([{ remove: { index: 'foreign', alias: 'kibana', must_exist: true } }]);
    await expectRecovered();
  });

  it('is reported when it changes the filter of the alias, and obeyed until it is as it was', async () => {
    await ready();
    await world.engine.aliases.update([{ add: { index: 'kibana-v1', alias: 'kibana' } }]);
    await stalled('Drifted');
    await expectNothingWritten();
    await world.engine.aliases.update([{ add: { index: 'kibana-v1', alias: 'kibana', ...publicAlias } }]);
    await expectRecovered();
  });

  it('is reported when it takes the alias away, light runs stop, and all goes on when it is put back', async () => {
    await ready();
    await world.engine.aliases.update([{ remove: { index: 'kibana-v1', alias: 'kibana', must_exist: true } }]);
    await stalled('Drifted');
    const before = world.writes.length;
    world.push('kibana', 'c2');
    await world.pass(1800, 10);
    expect(world.writes.slice(before).filter(what => !what.startsWith('kube.patchStatus '))).toEqual([]);
    await world.engine.aliases.update([{ add: { index: 'kibana-v1', alias: 'kibana', ...publicAlias } }]);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False');
    await world.until('c2 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000');
  });

  it('is reported when it deletes the live index; a new revision builds it anew and forgets the lost one', async () => {
    await ready();
    await world.engine.indices.delete('kibana-v1');
    await stalled('Drifted');
    expect(await world.condition(indexedRepoResource, 'kibana', 'Ready')).toMatchObject({
      status: 'False',
      reason: 'Drifted',
    });
    await world.pass(1800, 10);
    expect(world.worker.ran).toHaveLength(1);
    await world.aRepo('kibana', { rebuild: { revision: 'again' } });
    await world.until('v2 is live', async () => (await world.serves('kibana')).join() === 'kibana-v2');
    await world.ready('kibana');
    expect((await world.repo('kibana')).retired).toBeUndefined();
    expect((await world.settings.versionRecords('kibana')).map(each => each.index)).toEqual(['kibana-v2']);
  });

  it('in the middle of a run ends the run and keeps what the hand did', async () => {
    await ready();
    await foreignIndex();
    world.worker.fate = () => 'hang';
    await world.aRequest('run', 'kibana');
    await world.until('the candidate is there', async () => (await world.versions('kibana')).length === 2);
    await world.engine.aliases.update([{ add: { index: 'foreign', alias: 'kibana' } }]);
    world.worker.fate = () => 'succeed';
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Drifted');
    expect(await world.serves('kibana')).toEqual(['foreign', 'kibana-v1']);
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    expect(await world.isLocked('kibana')).toBe(false);
  });

  it('that deletes the candidate ends the run; the next one takes another number', async () => {
    await ready();
    world.worker.fate = () => 'hang';
    await world.aRequest('run', 'kibana');
    await world.until('it is built', async () => (await world.jobs()).length === 2);
    await world.engine.indices.delete('kibana-v2');
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Drifted');
    world.worker.fate = () => 'succeed';
    await world.aRequest('next', 'kibana');
    await world.untilCondition(reindexRequestResource, 'next', 'Finished', 'True', 'Succeeded');
    expect(await world.serves('kibana')).toEqual(['kibana-v3']);
    expect((await world.settings.versionRecords('kibana')).map(each => each.index)).toEqual(['kibana-v1', 'kibana-v3']);
  });

  it('that puts the alias on the candidate ends the run, and the candidate is left to it', async () => {
    await ready();
    world.worker.fate = () => 'hang';
    await world.aRequest('run', 'kibana');
    await world.until('it is built', async () => (await world.jobs()).length === 2);
    await world.engine.aliases.update([{ add: { index: 'kibana-v2', alias: 'kibana' } }]);
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Drifted');
    expect(await world.serves('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
    expect(await world.isLocked('kibana')).toBe(false);
  });

  it('that holds the lock from outside is waited for: light and heavy runs start when it lets go', async () => {
    await ready();
    const holder = { kind: 'External' as const, name: 'cli/laptop:1', uid: 'outside', pod: 'p' };
    const granted = await world.settings.acquire({ of: 'alias', alias: 'kibana' }, holder, {
      leaseSeconds: 600,
      tokenFloor: 0,
    });
    world.push('kibana', 'c2');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Locked', 'True', 'HeldOutside');
    await world.aRequest('run', 'kibana');
    await world.pass(500);
    expect(world.worker.ran).toHaveLength(1);
    expect((await world.request('run')).queue).toEqual({ position: 1, behind: 'cli/laptop:1' });
    await world.settings.release({ of: 'alias', alias: 'kibana' }, holder, granted.lease.token);
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Succeeded');
  });

  it('that died with the lock is waited for a whole lease, and no longer', async () => {
    await ready();
    const holder = { kind: 'External' as const, name: 'cli/laptop:1', uid: 'outside', pod: 'p' };
    await world.settings.acquire({ of: 'alias', alias: 'kibana' }, holder, { leaseSeconds: 120, tokenFloor: 0 });
    await world.aRequest('run', 'kibana');
    await world.pass(110);
    expect((await world.request('run')).started).toBeUndefined();
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Succeeded');
    expect((await world.settings.lockRecord('kibana'))?.source.lease.epoch).toBe(1);
  });
});
