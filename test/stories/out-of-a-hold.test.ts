import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Resource } from '../../src/api/object.ts';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { publicAlias } from '../../src/domain/document-model.ts';
import { aHeldRun } from '../support/worlds/a-held-run.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

describe('out of a hold comes a run', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  const { run, untilRun, atGate, inBake, isLive } = aHeldRun(() => world);
  const record = async () => (await world.settings.aliasRecord('kibana'))?.source;

  async function gone(resource: Resource, name: string): Promise<void> {
    world.remove(resource, name);
    await world.until(`${name} is gone`, async () => !(await world.exists(resource, name)), 3);
  }

  describe('that is deleted while its cluster is paused', () => {
    it('in its bake: it ends that and gives the lock back', async () => {
      await inBake();
      await world.aCluster({ paused: true });
      await untilRun('Paused', 'True', 'ClusterPaused');
      await gone(reindexRequestResource, 'run');
      expect(await record()).toMatchObject({ live: 2, writeSet: [2] });
      expect(await world.isLocked('kibana')).toBe(false);
      await world.aCluster();
      world.push('kibana', 'c2');
      await world.until('c2 is live', async () => isLive('c2'), 21);
      expect(world.worker.ran.at(-1)).toBe('incremental kibana-v2 c2');
    });

    it.each(['alone', 'with its IndexedRepo'])('at its gate, %s: it takes back what it made', async how => {
      await atGate();
      await world.aCluster({ paused: true });
      await untilRun('Paused', 'True', 'ClusterPaused');
      await (how === 'alone' ? gone(reindexRequestResource, 'run') : gone(indexedRepoResource, 'kibana'));
      expect(await world.versions('kibana')).toEqual(['kibana-v1']);
      expect(await world.isLocked('kibana')).toBe(false);
    });
  });

  describe('whose alias was moved by hand, and which is aborted', () => {
    const moveTo = async (index: string, properties: object): Promise<void> => {
      await world.engine.aliases.update([
        { remove: { index: 'kibana-v2', alias: 'kibana', must_exist: true } },
        { add: { index, alias: 'kibana', ...properties } },
      ]);
    };
    const abort = async (spec: object): Promise<void> => {
      await run({ ...spec, abort: true });
      await untilRun('Finished', 'True', undefined, 1);
    };

    it.each<[string, object]>([
      ['in its bake', { bake: { for: '1h' } }],
      ['at the gate after its switch', { gates: ['AfterBake'] }],
    ])('%s to the version before: that is its return, and is written down', async (_where, spec) => {
      await run(spec);
      await world.until('it has switched', async () => (await world.request('run')).switched !== undefined);
      await world.pass(5);
      await moveTo('kibana-v1', publicAlias);
      await abort(spec);
      expect((await world.request('run')).phase).toBe('RolledBack');
      expect(await record()).toMatchObject({ live: 1, retired: [2], writeSet: [1] });
      expect(await world.isLocked('kibana')).toBe(false);
      await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'True');
      world.push('kibana', 'c2');
      await world.until('c2 is live', async () => isLive('c2'), 21);
      expect(await world.serves('kibana')).toEqual(['kibana-v1']);
      expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
    });

    it('without its filter: the run went back, and the IndexedRepo says what is wrong with the alias', async () => {
      await inBake();
      await moveTo('kibana-v1', {});
      await abort({ bake: { for: '1h' } });
      expect((await world.request('run')).phase).toBe('RolledBack');
      await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'False', 'Drifted');
    });

    it('elsewhere: nothing is moved, and it does not say that it went back or was never there', async () => {
      await inBake();
      await world.engine.indices.create('foreign', { settings: {}, mappings: {} });
      await moveTo('foreign', {});
      await abort({ bake: { for: '1h' } });
      expect((await world.request('run')).conditions).toContainEqual(
        expect.objectContaining({ type: 'Succeeded', status: 'False', reason: 'Drifted' }),
      );
      expect(await world.serves('kibana')).toEqual(['foreign']);
      expect(await record()).toMatchObject({ live: 2, retired: [1], writeSet: [2] });
      expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
      expect(await world.isLocked('kibana')).toBe(false);
    });
  });

  it('whose gate was shut for more rounds than it may do at once: what is pushed until its approval is in it', async () => {
    await atGate();
    for (const commit of ['c2', 'c3', 'c4', 'c5']) {
      world.push('kibana', commit);
      await world.until(`${commit} is in both`, () => world.worker.ran.includes(`incremental kibana-v2 ${commit}`), 21);
      await untilRun('Paused', 'True', 'AwaitingApproval');
    }
    world.push('kibana', 'c6');
    await run({ gates: ['BeforeSwitch'], approved: ['BeforeSwitch'] });
    await untilRun('Finished', 'True', 'Succeeded');
    expect(world.worker.ran.at(-1)).toBe('incremental kibana-v2 c6');
    expect((await world.settings.versionRecord('kibana-v2'))?.source.commit).toBe('c6'.padEnd(40, '0'));
  });

  it('whose branch moves on at each of its rounds: it serves all the same', async () => {
    await atGate();
    const rounds = new Set<string>();
    world.meddle = async ({ what }, carryOut) => {
      if (what.startsWith('kube.create jobs/run')) world.push('kibana', `c${rounds.add(what).size + 1}`);
      return carryOut();
    };
    world.push('kibana', 'c1a');
    await run({ gates: ['BeforeSwitch'], approved: ['BeforeSwitch'] });
    await untilRun('Finished', 'True', 'Succeeded', 2);
    expect(rounds.size).toBe(3);
  });
});
