import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { conditionTypes } from '../../src/api/meta.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { strategies } from '../../src/runs/strategies.ts';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { World } from '../support/worlds/a-world.ts';
import { namespace } from '../support/worlds/world-view.ts';

type Status = {
  readonly observedGeneration?: number;
  readonly conditions?: readonly { readonly type: string; readonly observedGeneration: number }[];
};

describe('a status', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.startOperator();
  });
  afterEach(async () => world.stopOperator());

  const kinds = [searchClusterResource, indexedRepoResource, reindexRequestResource] as const;

  it('has every condition of its kind within two seconds, whatever is missing', async () => {
    await world.aRepo('kibana');
    await world.aRequest('run', 'kibana');
    await world.aRequest('lost', 'nobody');
    await world.aCluster();
    await world.pass(2);
    const names = { SearchCluster: ['main'], IndexedRepo: ['kibana'], ReindexRequest: ['run', 'lost'] } as const;
    for (const [kind, objects] of Object.entries(names)) {
      const resource = kinds.find(each => each.kind === kind)!;
      for (const name of objects) {
        const { status } = (await world.kube.get(resource, { namespace, name }))!;
        const types = ((status ?? {}) as Status).conditions?.map(condition => condition.type);
        expect({ name, types }).toEqual({ name, types: [...conditionTypes[kind as keyof typeof names]].toSorted() });
      }
    }
  });

  it('never goes back to an older generation, and reaches the newest', async () => {
    const seen = new Map<string, number>();
    const backwards: string[] = [];
    world.meddle = async (_call, carryOut) => {
      const answer = await carryOut();
      for (const resource of kinds)
        for (const { metadata, status } of await world.kube.list(resource, namespace)) {
          const { observedGeneration = 0, conditions = [] } = (status ?? {}) as Status;
          const oldest = Math.min(observedGeneration, ...conditions.map(each => each.observedGeneration));
          if (oldest < (seen.get(metadata.uid) ?? 0)) backwards.push(`${metadata.name} ${observedGeneration}`);
          seen.set(metadata.uid, oldest);
          if (observedGeneration > metadata.generation) backwards.push(`${metadata.name} is ahead`);
        }
      return answer;
    };
    await world.aCluster();
    await world.aRepo('kibana');
    for (const shards of [2, 3, 4]) {
      await world.aRepo('kibana', { index: { shards } });
      await world.aCluster({ limits: { heavyRuns: shards } });
      await world.pass(shards);
    }
    await world.ready('kibana');
    await world.pass(10);
    expect(backwards).toEqual([]);
    for (const [resource, name] of [
      [indexedRepoResource, 'kibana'],
      [searchClusterResource, 'main'],
    ] as const) {
      const object = (await world.kube.get(resource, { namespace, name }))!;
      expect((object.status as Status).observedGeneration).toBe(object.metadata.generation);
    }
  });

  it('of an object whose spec cannot be read says so, and goes on when it can', async () => {
    await world.aCluster();
    await world.aRepo('kibana', { fieldOfTomorrow: true });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'InvalidSpec');
    expect((await world.condition(indexedRepoResource, 'kibana', 'Stalled'))?.message).toContain('fieldOfTomorrow');
    await world.until('the operator wrote itself down', async () =>
      world.writes.some(write => write.startsWith('documents.create operator~')),
    );
    const { length } = world.writes;
    await world.pass(600, 5);
    expect(world.writes.slice(length)).toEqual([]);
    await world.aRepo('kibana');
    await world.ready('kibana');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False');
    await world.apply(searchClusterResource, 'odd', { endpoints: 'everywhere' });
    await world.untilCondition(searchClusterResource, 'odd', 'Stalled', 'True', 'InvalidSpec');
    await world.apply(reindexRequestResource, 'odd', { strategy: 'Migrate' });
    await world.untilCondition(reindexRequestResource, 'odd', 'Stalled', 'True', 'InvalidSpec');
  });

  it('of a run shows each step once, in order, with an end', async () => {
    await world.aCluster();
    await world.aRepo('kibana');
    await world.ready('kibana');
    await world.aRequest('run', 'kibana');
    await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True', 'Succeeded');
    const status = await world.request('run');
    expect(status.steps?.map(step => step.name)).toEqual(strategies.Rebuild.steps.map(({ name }) => name));
    expect(status.steps?.every(step => step.finished !== undefined)).toBe(true);
    expect(status).toMatchObject({
      alias: 'kibana',
      phase: 'Succeeded',
      from: { name: 'kibana-v1' },
      to: { name: 'kibana-v2', documents: 2, request: 'run' },
      verification: ['files', 'chunks', 'mapping', 'settings', 'aliases'].map(name => ({ name, result: 'Pass' })),
    });
    expect(status.switched).toBeDefined();
  });

  it('of a run at work shows how far it is, in whole units, no more often than every five seconds', async () => {
    await world.aCluster();
    await world.aRepo('kibana');
    await world.ready('kibana');
    world.worker.fate = () => 'hang';
    await world.aRequest('run', 'kibana');
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    const job = (await world.jobs()).find(each => each.metadata.ownerReferences?.[0]?.name === 'run')!;
    const { length } = world.writes;
    for (let done = 0; done < 60; done += 1) {
      await world.settings.putRun({
        kind: 'run',
        uid: job.metadata.uid,
        alias: 'kibana',
        index: 'kibana-v2',
        mode: 'full',
        outcome: 'running',
        reason: '',
        message: '',
        commit: '',
        unit: 'Files',
        done,
        total: 100,
        perSecond: 1.37,
        heartbeat: world.clock.now().toISOString(),
        started: world.clock.now().toISOString(),
        attempts: 1,
      });
      await world.pass(1);
    }
    const { progress } = await world.request('run');
    expect(progress).toMatchObject({ unit: 'Files', total: 100, perSecond: 1 });
    expect(progress?.done).toBeGreaterThanOrEqual(54);
    expect(progress?.summary).toMatch(/^5\d% 1\/s$/);
    expect(progress?.eta).toMatch(/^2026-01-01T00:/);
    const writes = world.writes.slice(length).filter(what => what === 'kube.patchStatus reindexrequests/run');
    expect(writes.length).toBeLessThanOrEqual(13);
  });
});
