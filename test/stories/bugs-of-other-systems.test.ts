import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { RetryableError } from '../../src/domain/errors.ts';
import { interceptedEngine } from '../support/fakes/faulty-engine.ts';
import { aHeldRun } from '../support/worlds/a-held-run.ts';
import { troubleOf } from '../support/worlds/a-golden-run.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';
import { namespace } from '../support/worlds/world-view.ts';

/** Those that no other test has; docs/bugs-of-other-systems.md names the test of each. */
describe('a bug that another system shipped', () => {
  let world: World;
  /** Moments at which the alias did not serve exactly one verified version. */
  let troubles: string[];
  beforeEach(async () => {
    world = await aWorldAtRest();
    troubles = [];
    world.meddle = sampled;
  });
  afterEach(async () => world.stopOperator());

  const { run, untilRun, inBake, isLive } = aHeldRun(() => world);
  const record = async () => (await world.settings.aliasRecord('kibana'))?.source;

  async function sampled<T>(call: { readonly what: string }, carryOut: () => Promise<T>): Promise<T> {
    const answer = await carryOut();
    const trouble = await troubleOf(world, true);
    if (trouble !== undefined) troubles.push(`after ${call.what}: ${trouble}`);
    return answer;
  }

  it('OpenMetadata#28667, index deleted and alias added in two calls: one call, and a crash after it leaves the alias', async () => {
    const moves: string[] = [];
    world.meddle = async (call, carryOut) => {
      const answer = await sampled(call, carryOut);
      if (!call.what.startsWith('aliases.update')) return answer;
      moves.push(call.what);
      world.killOperator();
      world.startOperator();
      return answer;
    };
    await run({ retain: { versions: 0 } });
    await untilRun('Finished', 'True', 'Succeeded');
    expect(moves).toHaveLength(1);
    expect(troubles).toEqual([]);
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
  });

  it('OpenMetadata#30519 and datahub#18598, done recorded before the switch: recorded once it was read back', async () => {
    world.meddle = async (call, carryOut) =>
      // The engine says yes, and nothing happens.
      call.what.startsWith('aliases.update') ? 'applied' : sampled(call, carryOut);
    await run({});
    await untilRun('Finished', 'True', 'Drifted');
    expect((await world.request('run')).switched).toBeUndefined();
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    expect(await record()).toMatchObject({ live: 1, retired: [] });
    expect(world.events.filter(line => line.includes('Switched'))).toHaveLength(1);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'True');
  });

  it('OpenMetadata#29108, a count of 0 while refresh is off: it is refreshed before it is counted', async () => {
    let dropped = 0;
    world.engine = interceptedEngine(world.engine, async ({ name, args }, carryOut) => {
      // What the worker asks for, once.
      if (name !== 'indices.refresh' || args[0] !== 'kibana-v2' || dropped > 0) return carryOut();
      dropped += 1;
      return undefined;
    });
    world.worker.countsBeforeRefresh = true;
    await run({});
    await untilRun('Finished', 'True', 'Succeeded');
    expect(dropped).toBe(1);
    expect(await world.engine.indices.count('kibana-v2', { term: { doc: 'chunk' } })).toBe(2);
    expect(troubles).toEqual([]);
  });

  it('datahub#16041, a long reindex killed by a time-out of a client: a build of hours keeps its lock and ends', async () => {
    world.worker.fate = ({ index }) => (index === 'kibana-v2' ? 'hang' : 'succeed');
    await run({});
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    await world.pass(4 * 3600, 15);
    const before = await world.settings.lockRecord('kibana');
    await world.pass(60);
    const after = await world.settings.lockRecord('kibana');
    expect(after?.source.lease).toEqual(before?.source.lease);
    expect(after?.stand.seqNo).toBeGreaterThan(before?.stand.seqNo ?? Infinity);
    expect(await world.jobs()).toHaveLength(2);
    world.worker.fate = () => 'succeed';
    await untilRun('Finished', 'True', 'Succeeded');
  });

  it('searchkick#1060, the live index removed by a reindex from cron: one version serves through every slot', async () => {
    await world.aRepo('kibana', { rebuild: { schedule: '@every 10m' }, retain: { versions: 0 } });
    await world.pass(3700, 2);
    expect((await record())?.live).toBeGreaterThan(4);
    expect(troubles).toEqual([]);
  });

  it('searchkick#1476, promoted at once when the reindex is asynchronous: nothing serves before its worker is done', async () => {
    world.worker.fate = ({ index }) => (index === 'kibana-v2' ? 'hang' : 'succeed');
    await run({});
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    await world.pass(600, 5);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
  });

  it('searchkick#1719, a stale version to return to: what is pushed in a bake is in the version that it returns to', async () => {
    await inBake();
    world.push('kibana', 'c2');
    await world.until('c2 is in both', () => world.worker.ran.includes('incremental kibana-v1 c2'), 21);
    await run({ bake: { for: '1h' }, abort: true });
    await untilRun('Finished', 'True', 'RolledBack');
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    await world.until('it is told', async () => isLive('c2'), 1);
    expect(troubles).toEqual([]);
  });

  it('an empty index deleted and made anew at every reconcile: what the operator did not make is never deleted', async () => {
    await world.engine.indices.create('kibana-v2', { settings: {}, mappings: {} });
    const deleted: string[] = [];
    world.beforeCall = ({ what }) => {
      if (what.startsWith('indices.delete')) deleted.push(what);
    };
    await run({ retain: { versions: 0 } });
    await untilRun('Finished', 'True', 'Succeeded');
    await world.pass(3600, 5);
    const ofVersions = deleted.filter(what => !what.includes('kibana-v0_'));
    expect(ofVersions).toEqual(['indices.delete kibana-v1']);
    expect(await world.versions('kibana')).toContain('kibana-v2');
  });

  it('flagger#1588, stuck in Promoting: a switch that never comes about is given up on request', async () => {
    world.meddle = async (call, carryOut) => {
      if (!call.what.startsWith('aliases.update')) return sampled(call, carryOut);
      throw new RetryableError('EngineUnavailable', 'the engine does not answer');
    };
    await run({});
    await world.until('it switches', async () => (await world.request('run')).phase === 'Switching');
    await world.pass(120);
    await run({ abort: true });
    await untilRun('Finished', 'True', 'Aborted', 1);
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    expect(await world.isLocked('kibana')).toBe(false);
  });

  it('pgroll#468, a broken state that cannot be cancelled: a run with its version gone can be aborted and deleted', async () => {
    await run({ gates: ['BeforeSwitch'], paused: true });
    await run({ gates: ['BeforeSwitch'], paused: false });
    await untilRun('Paused', 'True', 'AwaitingApproval');
    await run({ gates: ['BeforeSwitch'], paused: true });
    await untilRun('Paused', 'True', 'PausedBySpec');
    await world.engine.indices.delete('kibana-v2');
    await world.settings.deleteVersion('kibana-v2');
    await run({ gates: ['BeforeSwitch'], paused: true, abort: true });
    await untilRun('Finished', 'True', 'Aborted', 1);
    world.remove(reindexRequestResource, 'run');
    await world.until('it is gone', async () => !(await world.exists(reindexRequestResource, 'run')), 1);
    expect(await record()).toMatchObject({ live: 1, candidate: null });
    expect(await world.isLocked('kibana')).toBe(false);
  });

  it("OpenSearch-Dashboards#11865, a crashed winner's partial index promoted: what a dead run left is built anew", async () => {
    world.worker.fate = ({ index }) => (index === 'kibana-v2' ? 'hang' : 'succeed');
    await run({});
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    world.killOperator();
    const key = { namespace, name: 'run' };
    await world.kube.patch(reindexRequestResource, key, undefined, { metadata: { finalizers: null } });
    world.remove(reindexRequestResource, 'run');
    world.startOperator();
    await world.aRequest('next', 'kibana');
    await world.untilCondition(reindexRequestResource, 'next', 'Finished', 'True', 'Succeeded');
    expect(await world.serves('kibana')).toEqual(['kibana-v3']);
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v3']);
    expect(world.worker.ran).toContain('full kibana-v3 c1');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'True');
  });
});
