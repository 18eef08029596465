import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestKind } from '../../src/api/reindex-request.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

describe('a rebuild that is due', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  const causes = async (): Promise<readonly (string | undefined)[]> =>
    (await world.requests()).map(each => each.metadata.annotations?.['reindeer.dev/cause']).toSorted();
  const due = async () => (await world.repo('kibana')).rebuild?.due ?? [];
  const serves = async (index: string): Promise<void> =>
    world.until(`${index} serves`, async () => (await world.serves('kibana')).join() === index);

  /** Another program: what it cuts cannot be mixed with what is there. */
  async function upgradeOperator(): Promise<void> {
    await world.stopOperator();
    world.operatorImage = 'corp/fork-of-reindeer:9';
    world.startOperator();
  }

  it('by a new operator with a new image is said once and not begun: light runs go on with the image of before', async () => {
    await upgradeOperator();
    await world.until('it is said', async () => (await due()).length > 0);
    expect(await due()).toMatchObject([{ reason: 'WorkerChanged', held: true }]);
    expect(await world.scrape()).toMatch(
      /^reindeer_rebuild_due\{.*name="kibana",reason="WorkerChanged",held="true"\} 1$/m,
    );
    world.push('kibana', 'c2');
    await world.until('c2 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000');
    await world.pass(7200, 10);
    expect(await causes()).toEqual(['NoLiveVersion']);
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    expect(world.events.filter(line => line.includes('WorkerChanged'))).toEqual([
      expect.stringMatching(
        /^Normal WorkerChanged: kibana-v1 was built by image reindeer:test, .* corp.fork-of-reindeer:9;/,
      ),
    ]);
    expect(await world.condition(indexedRepoResource, 'kibana', 'Reconciling')).toMatchObject({ reason: 'Idle' });
    expect(await world.condition(indexedRepoResource, 'kibana', 'Stalled')).toMatchObject({ status: 'False' });
  });

  it('by a new operator with a new image is begun, once, where WorkerChanged is listed', async () => {
    await world.aRepo('kibana', { rebuild: { automaticFor: ['SpecChanged', 'WorkerChanged'] } });
    await upgradeOperator();
    await serves('kibana-v2');
    await world.pass(7200, 10);
    expect(await causes()).toEqual(['NoLiveVersion', 'WorkerChanged']);
    expect((await world.repo('kibana')).live?.workerImage).toBe('corp/fork-of-reindeer:9');
    expect(await due()).toEqual([]);
  });

  it('by another shape waits for people where nothing is listed, and says what differs', async () => {
    await world.aRepo('kibana', { index: { shards: 2 }, rebuild: { automaticFor: [] } });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Reconciling', 'False', 'RebuildDue');
    expect(await due()).toMatchObject([
      { reason: 'SpecChanged', held: true, message: expect.stringContaining('shards: unset -> 2') },
    ]);
    await world.pass(7200, 10);
    expect(await causes()).toEqual(['NoLiveVersion']);
    expect(world.events.filter(line => line.startsWith('Normal SpecChanged: '))).toHaveLength(1);
    await world.aRepo('kibana', { index: { shards: 2 }, rebuild: { automaticFor: [], revision: 'now' } });
    await serves('kibana-v2');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Reconciling', 'False', 'Idle');
    expect(await causes()).toEqual(['NoLiveVersion', 'RevisionChanged']);
    expect(await due()).toEqual([]);
  });

  it('by shards that hold too much is said with both figures, and begun, once, where that is listed', async () => {
    await world.settings.changeVersion('kibana-v1', record => ({ ...record, files: 1_000_000, chunks: 11_000_000 }));
    await world.until('it is said', async () => (await due()).length > 0);
    const message = expect.stringContaining('holds 12.0 million documents and 0 GiB in 1 shards');
    expect(await due()).toMatchObject([{ reason: 'ShardsOutgrown', held: true, message }]);
    await world.pass(3600, 10);
    expect(await causes()).toEqual(['NoLiveVersion']);
    await world.aRepo('kibana', { rebuild: { automaticFor: ['ShardsOutgrown'] } });
    await serves('kibana-v2');
    const [index] = await world.engine.indices.describe('kibana-v2');
    expect(index?.settings['index.number_of_shards']).toBe('3');
    await world.pass(3600, 10);
    expect(await causes()).toEqual(['NoLiveVersion', 'ShardsOutgrown']);
  });

  it('asks for the size of what is live once, and again when a run wrote, at most every hour', async () => {
    const asked: string[] = [];
    world.beforeCall = ({ what }) => {
      if (what.startsWith('indices.size ')) asked.push(what);
    };
    await world.pass(7200, 10);
    expect(asked).toEqual([]);
    for (let commit = 2; commit < 14; commit += 1) {
      world.push('kibana', `c${commit}`);
      await world.pass(600, 10);
    }
    // Twelve commits in two hours.
    expect(asked.length).toBeGreaterThanOrEqual(2);
    expect(asked.length).toBeLessThanOrEqual(3);
  });

  it('runs as its template says, of which the request has all', async () => {
    const template = { build: { partitions: 2 }, deadline: '6h', retain: { versions: 3, for: '48h' } };
    await world.aRepo('kibana', { rebuild: { template } });
    await world.pass(600, 5);
    expect(await causes()).toEqual(['NoLiveVersion']);
    await world.aRepo('kibana', { index: { shards: 2 }, rebuild: { template } });
    await serves('kibana-v2');
    const made = (await world.requests()).at(-1);
    expect(reindexRequestKind.spec.parse(made?.spec)).toMatchObject(template);
  });
});
