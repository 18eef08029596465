import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { RetryableError } from '../../src/domain/errors.ts';
import { aHeldRun } from '../support/worlds/a-held-run.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

describe('what people do to a run', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  const { run, untilRun, atGate, inBake, loseChunks, isLive } = aHeldRun(() => world);

  it('a dry run says what it would do, and makes, claims and locks nothing', async () => {
    const writes = world.writes.length;
    await run({ dryRun: true });
    await untilRun('Finished', 'True', 'DryRun');
    const { message } = (await world.condition(reindexRequestResource, 'run', 'Succeeded')) ?? {};
    expect(message).toMatch(
      /^kibana serves kibana-v1 and would serve kibana-v2, in about \d+ s, with [\d.]+ (B|KiB) more on its disks at the peak: nothing/,
    );
    // The index that it tries the body on is gone again.
    const own = /patchStatus|setFinalizers|^indices\.(create|delete) kibana-v0_/;
    expect(world.writes.slice(writes).filter(each => !own.test(each))).toEqual([]);
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
  });

  it('a gate waits for its approval, and what is pushed meanwhile is in what then serves', async () => {
    await atGate();
    expect(await world.request('run')).toMatchObject({ phase: 'AwaitingApproval', gate: 'BeforeSwitch' });
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    world.push('kibana', 'c2');
    await world.until('c2 is live', async () => isLive('c2'), 21);
    await world.until(
      'and in the candidate',
      async () => (await world.request('run')).to?.shortCommit === 'c200000000',
      1,
    );
    await untilRun('Paused', 'True', 'AwaitingApproval');
    await run({ gates: ['BeforeSwitch'], approved: ['BeforeSwitch'] });
    await untilRun('Finished', 'True', 'Succeeded');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    expect((await world.request('run')).gate).toBeUndefined();
  });

  it('an abort at a gate removes what was built, and it is not built again', async () => {
    await atGate();
    await run({ gates: ['BeforeSwitch'], abort: true });
    await untilRun('Finished', 'True', 'Aborted');
    expect(await world.request('run')).toMatchObject({ phase: 'Aborted' });
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    expect(await world.isLocked('kibana')).toBe(false);
  });

  it('an abort in a bake brings the version before back, and holds back what was left', async () => {
    await run({ bake: { for: '1h' } });
    await world.aRepo('kibana', { index: { shards: 2 } });
    await untilRun('Succeeded', 'Unknown', 'Baking');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    world.push('kibana', 'c2');
    await world.until('it is in both versions', () => world.worker.ran.length === 4, 21);
    await world.pass(5);
    await run({ bake: { for: '1h' }, abort: true });
    await untilRun('Finished', 'True', 'RolledBack');
    expect(await world.request('run')).toMatchObject({ phase: 'RolledBack' });
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
    // It came to both in the bake.
    expect(world.worker.ran.slice(2)).toEqual(['incremental kibana-v2 c2', 'incremental kibana-v1 c2']);
    expect((await world.repo('kibana')).live?.shortCommit).toBe('c200000000');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'HeldBack');
    await world.pass(3600, 10);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
  });

  it('a bake ends by itself, and then an abort is too late', async () => {
    await inBake();
    await world.until('the bake is over', async () => !(await world.isLocked('kibana')), 70);
    await untilRun('Finished', 'True', 'Succeeded');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
  });

  it('the end of a bake leaves what is live when its object is deleted', async () => {
    await inBake();
    world.remove(reindexRequestResource, 'run');
    await world.until('it is gone', async () => (await world.request('run')).phase === undefined);
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    expect(await world.isLocked('kibana')).toBe(false);
  });

  it('a pause holds a build, its lock and its clocks, and gives its place to another', async () => {
    world.worker.fate = () => 'hang';
    await run({ deadline: '1h' });
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    await run({ deadline: '1h', paused: true });
    await untilRun('Paused', 'True', 'PausedBySpec');
    world.worker.fate = () => 'succeed';
    await world.aRepo('vega');
    await world.ready('vega');
    await world.pass(7200, 10);
    expect(await world.isLocked('kibana')).toBe(true);
    await run({ deadline: '1h', paused: false });
    await untilRun('Finished', 'True', 'Succeeded');
    expect((await world.request('run')).pausedSeconds).toBeGreaterThan(7200);
  });

  it('a rollback goes before a bake', async () => {
    await inBake();
    await world.aRequest('back', 'kibana', { strategy: 'Rollback' });
    await world.untilCondition(reindexRequestResource, 'back', 'Finished', 'True', 'Succeeded');
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    await untilRun('Finished', 'True', 'Succeeded');
  });

  it('a request that will not wait ends at once where another is at work', async () => {
    world.worker.fate = () => 'hang';
    await run({});
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    await world.aRequest('other', 'kibana', { whenBusy: 'Fail' });
    await world.untilCondition(reindexRequestResource, 'other', 'Finished', 'True', 'Busy');
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
  });

  it('a rebuild that preempts sends another away', async () => {
    world.worker.fate = ({ index }) => (index === 'kibana-v2' ? 'hang' : 'succeed');
    await run({});
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    await world.aRequest('urgent', 'kibana', { whenBusy: 'Preempt' });
    await untilRun('Finished', 'True', 'Superseded');
    await world.untilCondition(reindexRequestResource, 'urgent', 'Finished', 'True', 'Succeeded');
    expect(await world.serves('kibana')).toEqual(['kibana-v3']);
  });

  it('a version that is still read is deleted once it is not', async () => {
    let readers = 1;
    const { engine } = world;
    world.engine = { ...engine, indices: { ...engine.indices, openReaders: async () => Promise.resolve(readers) } };
    await run({ retain: { versions: 0 } });
    await untilRun('Succeeded', 'Unknown', 'ReadersLeft');
    world.push('kibana', 'c2');
    await world.until('c2 is live', async () => isLive('c2'), 21);
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
    readers = 0;
    await run({ retain: { versions: 0 } });
    await untilRun('Finished', 'True', 'Succeeded');
  });

  it('a build that makes no progress for long is stalled, until it does', async () => {
    world.worker.fate = () => 'hang';
    await run({ stallAfter: '10m' });
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    await world.pass(590, 5);
    expect(await world.condition(reindexRequestResource, 'run', 'Stalled')).toMatchObject({ status: 'False' });
    await untilRun('Stalled', 'True', 'NoProgress');
    world.worker.fate = () => 'succeed';
    await untilRun('Finished', 'True', 'Succeeded');
    expect(await world.condition(reindexRequestResource, 'run', 'Stalled')).toMatchObject({ status: 'False' });
  });

  describe('a version that does badly in its bake', () => {
    const checked = (onFailure?: string): object => ({
      bake: { for: '1h', ...(onFailure !== undefined && { onFailure }) },
      verify: { queries: [{ name: 'chunks', body: { term: { doc: 'chunk' } }, minHits: 1 }] },
    });
    const lostAndFound = async (onFailure?: string): Promise<void> => {
      await run(checked(onFailure));
      await untilRun('Succeeded', 'Unknown', 'Baking');
      await world.pass(70);
      expect((await world.request('run')).bakeChecks).toMatchObject([{ result: 'Pass' }, { result: 'Pass' }]);
      await loseChunks('kibana-v2');
    };
    const untilOver = async (): Promise<void> =>
      world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Succeeded', 70);
    const failing = async (): Promise<readonly (string | undefined)[]> =>
      ((await world.request('run')).bakeChecks ?? []).map(({ result }) => result);

    it('is left when it failed twice, where the request says so', async () => {
      await lostAndFound('Rollback');
      await world.until('it failed once', async () => (await failing()).includes('Unclear'), 2);
      expect(await world.serves('kibana')).toEqual(['kibana-v2']);
      await untilRun('Finished', 'True', 'RolledBack');
      expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    });

    it('otherwise holds the run, which goes on once the check passes', async () => {
      await lostAndFound();
      await untilRun('Paused', 'True', 'CheckFailed');
      await world.pass(7200, 10);
      expect(await world.serves('kibana')).toEqual(['kibana-v2']);
      world.push('kibana', 'c2');
      await untilRun('Succeeded', 'Unknown', 'Baking');
      await untilOver();
      expect((await world.request('run')).pausedSeconds).toBeGreaterThan(7200);
    });

    it('is only told of, where the request says that', async () => {
      await lostAndFound('Report');
      await world.until('it is told', async () => (await failing()).includes('Fail'), 3);
      expect((await world.condition(reindexRequestResource, 'run', 'Succeeded'))?.message).toContain(
        '0 hits, at least 1',
      );
      await untilOver();
      expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    });

    it('waits in the middle of its return while it is paused', async () => {
      await lostAndFound('Rollback');
      world.meddle = async (call, carryOut) => {
        if (!call.what.startsWith('aliases.update')) return carryOut();
        await run({ ...checked('Rollback'), paused: true });
        throw new RetryableError('EngineUnavailable', 'the engine does not answer');
      };
      await untilRun('Paused', 'True', 'PausedBySpec');
      world.meddle = async (_call, carryOut) => carryOut();
      await world.pass(600, 10);
      expect(await world.serves('kibana')).toEqual(['kibana-v2']);
      expect((await world.request('run')).phase).toBe('RollingBack');
      await run({ ...checked('Rollback'), paused: false });
      await untilRun('Finished', 'True', 'RolledBack');
      expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    });
  });
});
