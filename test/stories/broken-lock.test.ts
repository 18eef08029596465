import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockBreakVerb } from '../../src/cli/lock-break.ts';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { aCommandLine } from '../support/real/a-command-line.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

const reshaped = { index: { mappings: { properties: { note: { type: 'keyword' } } } } };
const said = 'lock taken away by ann@laptop';

describe('a lock that is broken by hand under a run', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
    world.worker.fate = () => 'hang';
  });
  afterEach(async () => world.stopOperator());

  const breakLock = async (): Promise<number> =>
    lockBreakVerb({ ...aCommandLine(world.engine, 'reindeer') }, 'kibana', { reason: 'the node is gone' });

  async function aRunAtWork(): Promise<void> {
    await world.aRequest('run', 'kibana');
    await world.until('its Job is there', async () => (await world.jobs()).length === 2);
  }

  it('ends that run as LockBroken with who and why, as condition and event, and nothing of it is left', async () => {
    await aRunAtWork();
    expect(await breakLock()).toBe(0);
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'LockBroken');
    const succeeded = await world.condition(reindexRequestResource, 'run', 'Succeeded');
    expect(succeeded).toMatchObject({ status: 'False', reason: 'LockBroken' });
    expect(succeeded?.message).toContain(said);
    expect(succeeded?.message).toContain('the node is gone');
    expect(world.events.filter(event => event.startsWith('Warning LockBroken:'))).toHaveLength(1);
    await world.pass(10);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    expect(await world.isLocked('kibana')).toBe(false);
    expect(await world.condition(indexedRepoResource, 'kibana', 'Locked')).toMatchObject({ status: 'False' });
    expect(await world.condition(indexedRepoResource, 'kibana', 'Ready')).toMatchObject({ status: 'True' });
  });

  it('is not quietly taken again by that run when nothing was made yet', async () => {
    let taken = false;
    world.meddle = async ({ what }, carryOut) => {
      const answer = await carryOut();
      if (
        what === 'documents.create reindex_in_progress_kibana' ||
        what === 'documents.replace reindex_in_progress_kibana'
      )
        taken = true;
      return answer;
    };
    await world.aRequest('run', 'kibana');
    await world.until('it holds the lock', () => taken);
    world.killOperator();
    await breakLock();
    world.startOperator();
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'LockBroken');
  });

  it('lets the next run have the alias at once, and the operator tries its own run again', async () => {
    await world.aRepo('kibana', reshaped);
    await world.until('it is built', async () => (await world.jobs()).length === 2);
    await breakLock();
    world.worker.fate = () => 'succeed';
    await world.until('v2 or later serves', async () => (await world.serves('kibana')).join() !== 'kibana-v1');
    await world.ready('kibana');
    const lease = (await world.settings.lockRecord('kibana'))?.source;
    expect(lease).toMatchObject({ lease: { held: false, epoch: 1 }, broken: { by: 'ann@laptop' } });
    expect(world.errors()).toEqual([]);
  });

  it('does not stop a run that has switched already', async () => {
    world.worker.fate = () => 'succeed';
    let switched = false;
    world.meddle = async ({ what }, carryOut) => {
      const answer = await carryOut();
      if (what.startsWith('aliases.update') && !switched) {
        switched = true;
        world.killOperator();
      }
      return answer;
    };
    await world.aRequest('run', 'kibana');
    await world.until('it is switched', () => switched);
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    await breakLock();
    world.startOperator();
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Succeeded');
    expect((await world.settings.aliasRecord('kibana'))?.source).toMatchObject({ live: 2, candidate: null });
  });
});
