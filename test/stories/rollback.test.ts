import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

const note = (type: string) => ({ index: { mappings: { properties: { note: { type } } } } });

describe('a rollback', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  const idle = async (): Promise<void> => world.untilCondition(indexedRepoResource, 'kibana', 'Reconciling', 'False');

  async function reshaped(type: string, to: string, spec: object = {}): Promise<void> {
    await world.aRepo('kibana', { ...note(type), ...spec });
    await world.until(`${to} serves`, async () => (await world.serves('kibana')).includes(to));
    await idle();
  }

  async function back(name = 'back', spec: object = {}): Promise<void> {
    await world.apply(reindexRequestResource, name, {
      target: { repoRef: { name: 'kibana' } },
      strategy: 'Rollback',
      ...spec,
    });
    await world.untilCondition(reindexRequestResource, name, 'Finished', 'True');
  }

  it('makes the newest retired version serve again, without a Job, and keeps what it left', async () => {
    await reshaped('keyword', 'kibana-v2');
    const jobs = (await world.jobs()).length;
    await back();
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    expect((await world.jobs()).length).toBe(jobs);
    expect(await world.request('back')).toMatchObject({ phase: 'Succeeded', from: { number: 2 }, to: { number: 1 } });
    await world.until('it shows', async () => (await world.repo('kibana')).live?.name === 'kibana-v1');
    expect((await world.repo('kibana')).retired?.map(version => version.name)).toEqual(['kibana-v2']);
    expect((await world.settings.lockRecord('kibana'))?.source.lease.held).toBe(false);
  });

  it('holds the shape that it left, and Ready stays True, until the shape changes', async () => {
    await reshaped('keyword', 'kibana-v2');
    await back();
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'HeldBack');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'True');
    const requests = (await world.requests()).length;
    await world.clock.advance(3_600_000);
    expect((await world.requests()).length).toBe(requests);
    const message =
      'spec.index is not what kibana-v1 was built with: mappings.properties.note added; held since the rollback, until index, worker.image or rebuild.revision changes';
    expect(await world.condition(indexedRepoResource, 'kibana', 'Stalled')).toMatchObject({ message });
    expect((await world.repo('kibana')).rebuild).toMatchObject({ due: [{ reason: 'SpecChanged', held: true }] });
    await reshaped('long', 'kibana-v3');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False');
    expect((await world.repo('kibana')).rebuild?.heldShape).toBeUndefined();
  });

  it.each<readonly [string, (bad: object) => Promise<void>]>([
    ['an edit of something else', async bad => world.aRepo('kibana', { ...bad, freshWithin: '2h' })],
    [
      'a pause, and its end',
      async bad => {
        await world.aRepo('kibana', { ...bad, paused: true });
        await world.untilCondition(indexedRepoResource, 'kibana', 'Paused', 'True');
        await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'HeldBack');
        await world.aRepo('kibana', bad);
      },
    ],
    ['the end of the request', async () => world.remove(reindexRequestResource, 'back')],
    [
      'another rollback, further back',
      async () => {
        await back('further', { rollback: { toVersion: 1 } });
        await world.until('v1 serves', async () => (await world.repo('kibana')).live?.number === 1);
      },
    ],
    [
      'a restart of the operator',
      async () => {
        await world.stopOperator();
        world.startOperator();
      },
    ],
  ])('is not undone by %s', async (_what, meddle) => {
    await world.aRepo('kibana', { retain: { versions: 2 } });
    await reshaped('keyword', 'kibana-v2', { retain: { versions: 2 } });
    await reshaped('long', 'kibana-v3', { retain: { versions: 2 } });
    await back();
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'HeldBack');
    await meddle({ ...note('long'), retain: { versions: 2 } });
    await world.pass(300, 10);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'HeldBack');
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2', 'kibana-v3']);
  });

  it.each([
    ['the declared image', { ...note('keyword'), worker: { image: 'corp/indexer:2' } }],
    ['the revision', { ...note('keyword'), rebuild: { revision: 'by hand' } }],
  ])('holds nothing any more once %s changes', async (_what, spec) => {
    await reshaped('keyword', 'kibana-v2');
    await back();
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'HeldBack');
    await world.aRepo('kibana', spec);
    await world.until('v3 serves', async () => (await world.serves('kibana')).includes('kibana-v3'));
  });

  it('holds nothing back that was declared since and never served', async () => {
    await reshaped('keyword', 'kibana-v2');
    world.worker.fate = () => 'hang';
    await world.aRepo('kibana', note('long'));
    await world.until('v3 is being built', async () => (await world.repo('kibana')).candidate?.number === 3);
    await back();
    world.worker.fate = () => 'succeed';
    await world.until('what was declared serves', async () => !(await world.serves('kibana')).includes('kibana-v1'));
    expect((await world.repo('kibana')).rebuild?.heldShape).toBeUndefined();
  });

  it('holds nothing of an object of the same name that is declared later', async () => {
    await reshaped('keyword', 'kibana-v2');
    await back();
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'HeldBack');
    world.remove(indexedRepoResource, 'kibana');
    await world.until('it is gone', async () => !(await world.exists(indexedRepoResource, 'kibana')));
    await world.aRepo('kibana', note('keyword'));
    await world.until('what it declares serves', async () => (await world.serves('kibana')).includes('kibana-v3'));
  });

  it('asked for twice never goes forward to what was left, and says which version to name', async () => {
    await reshaped('keyword', 'kibana-v2');
    await back();
    await back('once-more');
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    expect(await world.condition(reindexRequestResource, 'once-more', 'Succeeded')).toMatchObject({
      reason: 'VersionNotFound',
      message:
        'nothing older than kibana-v1 is retired that is not held back; to go to one of kibana-v2 all the same, name it with spec.rollback.toVersion',
    });
    await back('forward', { rollback: { toVersion: 2 } });
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
  });

  it('lets light runs go on from the commit of the version that it returned to', async () => {
    await reshaped('keyword', 'kibana-v2');
    world.push('kibana', 'c2');
    await world.until('c2 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000');
    await back();
    await world.until('c2 is live in v1', async () => {
      const { live } = await world.repo('kibana');
      return live?.name === 'kibana-v1' && live.shortCommit === 'c200000000';
    });
    expect(world.worker.ran.at(-1)).toBe('incremental kibana-v1 c2');
    // From what that version holds, not from what the alias served before.
    const [from, to] = ['c1'.padEnd(40, '0'), 'c2'.padEnd(40, '0')];
    await world.until('it is told', async () => (await world.repo('kibana')).light?.last?.from === from);
    expect((await world.repo('kibana')).light?.last).toMatchObject({ from, to, outcome: 'Succeeded' });
  });

  it('keeps the version that it returned to, not the one that it left, when the next one is built', async () => {
    await reshaped('keyword', 'kibana-v2');
    await back();
    await reshaped('long', 'kibana-v3');
    await world.until('one is kept', async () => (await world.versions('kibana')).length === 2);
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v3']);
    await back('again');
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
  });

  it('goes before a running rebuild, of which nothing is left', async () => {
    await reshaped('keyword', 'kibana-v2');
    world.worker.fate = () => 'hang';
    await world.aRepo('kibana', note('long'));
    await world.until('v3 is being built', async () =>
      (await world.jobs()).some(job => job.metadata.annotations?.['reindeer.dev/run-index'] === 'kibana-v3'),
    );
    await back();
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
    const outcomes = (await world.requests()).map(
      request =>
        (request.status as { conditions: { type: string; reason: string }[] }).conditions.find(
          each => each.type === 'Succeeded',
        )?.reason,
    );
    expect(outcomes).toContain('Superseded');
  });

  it.each([
    ['nothing is retired', {}, 'kibana-v1'],
    ['the version that was named is not retired', { rollback: { toVersion: 7 } }, 'kibana-v1'],
  ])('is refused when %s, and touches nothing', async (_what, spec, serving) => {
    await back('back', spec);
    await world.untilCondition(reindexRequestResource, 'back', 'Succeeded', 'False', 'VersionNotFound');
    expect(await world.serves('kibana')).toEqual([serving]);
    expect((await world.settings.lockRecord('kibana'))?.source.lease.held).toBe(false);
  });
});
