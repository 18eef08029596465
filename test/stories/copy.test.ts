import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { ndjson } from '../support/objects/an-index.ts';
import {
  aCopy,
  aWorldToCopy,
  freezeInCutOver,
  numbersIn,
  original,
  type Application,
} from '../support/worlds/a-copied-alias.ts';
import type { World } from '../support/worlds/a-world.ts';

describe('a copy of what an alias serves', () => {
  let world: World;
  let application: Application;
  beforeEach(async () => {
    ({ world, application } = await aWorldToCopy());
  });
  afterEach(async () => world.stopOperator());

  const finished = async (name = 'copy'): Promise<void> =>
    world.untilCondition(reindexRequestResource, name, 'Finished', 'True');
  const holdsAll = async (index: string): Promise<void> =>
    expect(await numbersIn(world, index)).toEqual(Object.fromEntries(application.holds));

  it('serves a new index with the declared field and every acknowledged write, and leaves the old one blocked', async () => {
    await aCopy(world);
    await finished();
    const status = await world.request('copy');
    expect(status).toMatchObject({
      ...{ phase: 'Succeeded', from: { name: 'orders-v1', indices: [original] }, to: { name: 'orders-v2' } },
      verification: [
        { name: 'documents', result: 'Pass' },
        { name: 'digest', result: 'Pass' },
      ],
      blockedMillis: expect.any(Number),
    });
    expect(status.cutOver).toBeUndefined();
    expect(await world.serves('orders')).toEqual(['orders-v2']);
    expect(await world.serves('orders-read')).toEqual(['orders-v2']);
    await holdsAll('orders');
    expect(application.acknowledged).toBeGreaterThan(100);
    const [copy] = await world.engine.indices.describe('orders-v2');
    expect(copy?.mappings).toMatchObject({
      dynamic: 'true',
      properties: { sku: { type: 'keyword' }, n: { type: 'long' } },
    });
    expect(Object.keys(copy?.aliases ?? {}).toSorted()).toEqual(['orders', 'orders-read']);
    expect(await world.engine.indices.writeBlocks(original)).toMatchObject([{ byRequest: true }]);
    expect(await world.isLocked('orders')).toBe(false);
    expect(world.errors()).toEqual([]);
  });

  it('waits at its gate, and follows what was written there before it switches', async () => {
    await aCopy(world, { gates: ['BeforeSwitch'] });
    await world.untilCondition(reindexRequestResource, 'copy', 'Paused', 'True', 'AwaitingApproval');
    application.atMost = Infinity;
    for (let at = 0; at < 30; at += 1) await application.write();
    await world.pass(600, 10);
    expect(await world.serves('orders')).toEqual([original]);
    await aCopy(world, { gates: ['BeforeSwitch'], approved: ['BeforeSwitch'] });
    await finished();
    application.callsToOne = 0;
    await holdsAll('orders');
  });

  it('is refused when the engine does not take documents, and leaves nothing', async () => {
    const line = [{ index: { _id: 'odd' } }, { sku: 's', surprise: 1 }];
    // Such an index takes what its mapping does not name, and its copy does not.
    await world.engine.indices.putMapping(original, { dynamic: 'runtime' });
    await world.engine.documents.bulk(ndjson(...line), { target: 'orders', requireAlias: true });
    await aCopy(world);
    await finished();
    expect(await world.condition(reindexRequestResource, 'copy', 'Succeeded')).toMatchObject({
      ...{ status: 'False', reason: 'DeadLetters' },
      message: 'the engine refused 1 documents of orders-2024 for orders-v2',
    });
    await isAsBefore();
  });

  it('ends with what the worker of the cut-over says, and lets writers in again', async () => {
    world.worker.fate = ({ program }) =>
      program === 'cut-over'
        ? { exitCode: 64, reason: 'CutOverDidNotFit', chunks: { written: 0, deleted: 0 } }
        : 'succeed';
    await aCopy(world);
    await finished();
    await world.untilCondition(reindexRequestResource, 'copy', 'Succeeded', 'False', 'CutOverDidNotFit');
    await isAsBefore();
  });

  it('has another worker begin when one ended by what may mend', async () => {
    world.worker.fate = ({ program }) =>
      program === 'cut-over' && !world.worker.ran.includes('cut-over orders-v2 failed') ? { exitCode: 75 } : 'succeed';
    await aCopy(world);
    await finished();
    expect(world.worker.ran).toEqual(['copy orders-v2', 'cut-over orders-v2 failed', 'cut-over orders-v2']);
    application.callsToOne = 0;
    await holdsAll('orders');
  });

  it('waits for a block that somebody else has set, and leaves it alone', async () => {
    await aCopy(world, { gates: ['BeforeSwitch'] });
    await world.untilCondition(reindexRequestResource, 'copy', 'Paused', 'True', 'AwaitingApproval');
    application.callsToOne = 0;
    await world.engine.indices.blockWrites(original);
    await aCopy(world, { gates: ['BeforeSwitch'], approved: ['BeforeSwitch'] });
    await world.untilCondition(reindexRequestResource, 'copy', 'Succeeded', 'Unknown', 'WritesBlocked');
    await world.pass(120, 5);
    expect((await world.request('copy')).cutOver).toBeUndefined();
    expect(await world.engine.indices.writeBlocks(original)).not.toEqual([]);
    await world.engine.indices.unblockWrites(original);
    await finished();
    expect(await world.serves('orders')).toEqual(['orders-v2']);
  });

  describe('of which the worker froze with writes blocked', () => {
    const frozenSpec = { copy: { blockWritesAtMost: '20s' }, deadline: '3m' };
    async function frozen(): Promise<void> {
      world.worker.fate = ({ program }) => (program === 'cut-over' ? 'hang' : 'succeed');
      await aCopy(world, frozenSpec);
      await freezeInCutOver(world);
    }
    const isBlocked = async (): Promise<boolean> => (await world.engine.indices.writeBlocks(original)).length > 0;

    it('lets writers in again after as long as they may be refused, and another worker switches', async () => {
      await frozen();
      await world.until('it is told', async () => (await world.request('copy')).cutOver?.blockedSince !== undefined, 1);
      const since = Date.parse((await world.request('copy')).cutOver?.blockedSince ?? '');
      await world.until('writers are let in', async () => !(await isBlocked()), 1);
      expect(world.clock.now().getTime() - since).toBeLessThan(25_000);
      world.worker.fate = () => 'succeed';
      await finished();
      application.callsToOne = 0;
      await holdsAll('orders');
      expect(await world.serves('orders')).toEqual(['orders-v2']);
      expect(await isBlocked()).toBe(true);
    });

    it.each<readonly [string, () => Promise<void>, string]>([
      ['is aborted', async () => aCopy(world, { ...frozenSpec, abort: true }), 'Aborted'],
      ['is over its deadline', async () => world.pass(240, 10), 'DeadlineExceeded'],
    ])('lets writers in and leaves nothing when it %s', async (_what, act, reason) => {
      await frozen();
      await act();
      await world.untilCondition(reindexRequestResource, 'copy', 'Finished', 'True', reason as 'Aborted');
      await isAsBefore();
    });

    it('lets writers in while it is paused, and goes on afterwards', async () => {
      await frozen();
      await aCopy(world, { ...frozenSpec, paused: true });
      await world.untilCondition(reindexRequestResource, 'copy', 'Paused', 'True', 'PausedBySpec');
      await world.until('writers are let in', async () => !(await isBlocked()), 1);
      const names = Object.keys((await world.engine.indices.describe('orders-v2'))[0]?.aliases ?? {});
      await world.pass(300, 5);
      // Given up once, not at every look.
      expect(Object.keys((await world.engine.indices.describe('orders-v2'))[0]?.aliases ?? {})).toEqual(names);
      world.worker.fate = () => 'succeed';
      await aCopy(world, { ...frozenSpec, paused: false });
      await finished();
      expect(await world.serves('orders')).toEqual(['orders-v2']);
    });

    it('lets writers in and makes way for one that is urgent', async () => {
      await frozen();
      world.worker.fate = () => 'succeed';
      await aCopy(world, { whenBusy: 'Preempt' }, 'urgent');
      await finished();
      await finished('urgent');
      expect((await world.condition(reindexRequestResource, 'copy', 'Succeeded'))?.reason).toBe('Superseded');
      expect(await world.serves('orders')).toEqual(['orders-v3']);
      expect(await world.versions('orders')).toEqual(['orders-v3']);
      application.callsToOne = 0;
      await holdsAll('orders');
    });

    it('lets writers in and leaves nothing when it is deleted', async () => {
      await frozen();
      world.remove(reindexRequestResource, 'copy');
      await world.until('it is gone', async () => !(await world.exists(reindexRequestResource, 'copy')));
      await isAsBefore();
    });
  });

  /** Nothing of the run is left but who owns the alias and what it serves as a version. */
  async function isAsBefore(): Promise<void> {
    application.callsToOne = 0;
    expect(await world.serves('orders')).toEqual([original]);
    expect(await world.engine.indices.writeBlocks(original)).toEqual([]);
    expect(await world.versions('orders')).toEqual([]);
    const [left] = await world.engine.indices.describe(original);
    expect(Object.keys(left?.aliases ?? {}).toSorted()).toEqual(['orders', 'orders-read']);
    expect((await world.settings.aliasRecord('orders'))?.source).toMatchObject({
      live: 1,
      candidate: null,
      retired: [],
    });
    expect(await world.isLocked('orders')).toBe(false);
    expect(world.errors()).toEqual([]);
  }

  it('is not done again by a request of before that a sync tool makes anew, but by one with another spec', async () => {
    await aCopy(world);
    await finished();
    world.remove(reindexRequestResource, 'copy');
    await world.until('it is gone', async () => !(await world.exists(reindexRequestResource, 'copy')));
    await aCopy(world);
    await world.untilCondition(reindexRequestResource, 'copy', 'Succeeded', 'True', 'AlreadyLive');
    expect(await world.serves('orders')).toEqual(['orders-v2']);
    world.remove(reindexRequestResource, 'copy');
    await world.until('it is gone', async () => !(await world.exists(reindexRequestResource, 'copy')));
    await aCopy(world, { copy: { index: { shards: 1 } } });
    await finished();
    expect(await world.serves('orders')).toEqual(['orders-v3']);
  });

  it('can be copied again and again: what was made is deleted in its turn, the original never', async () => {
    await aCopy(world);
    await finished();
    for (const name of ['again', 'once-more']) {
      await aCopy(world, { copy: { index: { shards: 1 } } }, name);
      await finished(name);
    }
    application.callsToOne = 0;
    await holdsAll('orders');
    expect(await world.serves('orders')).toEqual(['orders-v4']);
    expect(await world.versions('orders')).toEqual(['orders-v3', 'orders-v4']);
    expect(await world.engine.indices.describe(original)).toHaveLength(1);
  });
});
