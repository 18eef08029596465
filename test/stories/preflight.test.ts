import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import type { Reason } from '../../src/api/reasons.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { TerminalError } from '../../src/domain/errors.ts';
import { scratchName } from '../../src/domain/version.ts';
import type { Cluster } from '../../src/engine/port.ts';
import { clusterSaying } from '../support/fakes/fake-cluster.ts';
import { nodesWithRoom } from '../support/objects/cluster-facts.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';
import { key } from '../support/worlds/world-view.ts';

describe('a run that looks before it leaps', () => {
  let world: World;
  let asked: string[];
  beforeEach(async () => {
    world = await aWorldAtRest();
    asked = [];
    world.beforeCall = ({ what }) => void asked.push(what);
  });
  afterEach(async () => world.stopOperator());

  const says = (given: Partial<Cluster>): void => {
    const { engine } = world;
    world.engine = { ...engine, cluster: clusterSaying(engine.cluster, given) };
  };
  const uidOf = async (name: string): Promise<string> =>
    (await world.kube.get(reindexRequestResource, key(name)))?.metadata.uid ?? '';
  const ended = async (name: string, reason: Reason): Promise<void> =>
    world.untilCondition(reindexRequestResource, name, 'Finished', 'True', reason);

  async function expectNothingLeft(): Promise<void> {
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    expect(await world.isLocked('kibana')).toBe(false);
    expect((await world.settings.aliasRecord('kibana'))?.source.candidate).toBeNull();
  }

  it('tells what it found, and does not go on asking and trying', async () => {
    await world.aRequest('run', 'kibana');
    await ended('run', 'Succeeded');
    const { preflight } = await world.request('run');
    expect(preflight).toMatchObject({ verdict: 'Pass', shards: 1 });
    expect(preflight?.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(preflight?.needBytes).toBeGreaterThan(0);
    expect(preflight?.freeBytes).toBeGreaterThan(0);
    const scratch = scratchName('kibana', await uidOf('run'));
    // Once more where a look is faster than the cache.
    expect(asked.filter(what => what.startsWith('cluster.capacity')).length).toBeLessThanOrEqual(2);
    expect(asked.filter(what => what === `indices.create ${scratch}`).length).toBeLessThanOrEqual(2);
    expect(await world.versions('kibana')).not.toContain(scratch);
  });

  it('estimates how long it takes by the last build', async () => {
    await world.aRequest('one', 'kibana');
    await ended('one', 'Succeeded');
    await world.aRequest('two', 'kibana');
    await ended('two', 'Succeeded');
    const { preflight, started = '', switched = '' } = await world.request('two');
    const took = (Date.parse(switched) - Date.parse(started)) / 1000;
    expect(Math.abs((preflight?.estimatedSeconds ?? 0) - took)).toBeLessThanOrEqual(0.25 * took + 1);
    expect(preflight?.checks.find(({ name }) => name === 'duration')?.message).toContain('one took');
  });

  it.each<readonly [Reason, string, Partial<Cluster>]>([
    ['NotEnoughDisk', 'disk', { capacity: async () => ({ ...room, nodes: nodesWithRoom(0) }) }],
    ['TooManyShards', 'shards', { capacity: async () => ({ ...room, shards: { open: 999, most: 1000 } }) }],
    ['MissingPrivilege', 'privileges', { lacking: async () => [{ privilege: 'write', index: 'kibana-v2' }] }],
    [
      'TemplateMatches',
      'templates',
      {
        templatesFor: async () => [
          { name: 'all', kind: 'legacy', forDataStreams: false, settings: {}, mappings: {}, aliases: ['x'] },
        ],
      },
    ],
  ])(
    'is refused as %s before anything is made, and says what is needed and what is there',
    async (reason, name, given) => {
      says(given);
      await world.aRequest('run', 'kibana');
      await ended('run', reason);
      await expectNothingLeft();
      expect(asked.filter(what => what.startsWith('indices.create'))).toEqual([]);
      const { preflight, phase } = await world.request('run');
      expect(phase).toBe('Failed');
      expect(preflight).toMatchObject({ verdict: 'Refuse' });
      const [refusing, ...others] = preflight?.checks.filter(({ ok }) => !ok) ?? [];
      expect(refusing?.name).toBe(name);
      expect(others).toEqual([]);
      const told = await world.condition(reindexRequestResource, 'run', 'Succeeded');
      expect(told?.message).toBe(refusing?.message);
    },
  );

  it('is refused when the engine does not take the body, before a number is drawn', async () => {
    const { engine } = world;
    const create: typeof engine.indices.create = async name => {
      throw new TerminalError('MappingRejected', `${name}: No handler for type [nonsense]`);
    };
    world.engine = { ...engine, indices: { ...engine.indices, create } };
    await world.aRequest('run', 'kibana');
    await ended('run', 'MappingRejected');
    await expectNothingLeft();
    expect((await world.settings.aliasRecord('kibana'))?.source.nextVersion).toBe(2);
    const { preflight } = await world.request('run');
    expect(preflight?.checks.find(({ ok }) => !ok)).toMatchObject({
      ...{ name: 'body', message: expect.stringContaining('[nonsense]') },
    });
  });

  describe('cut off after it made the index that it tries the body on', () => {
    let scratch: string;
    beforeEach(async () => {
      let killed = false;
      world.meddle = async ({ what }, carryOut) => {
        const answer = await carryOut();
        if (what.startsWith('indices.create kibana-v0_') && !killed) {
          killed = true;
          world.killOperator();
        }
        return answer;
      };
      await world.aRequest('run', 'kibana');
      scratch = scratchName('kibana', await uidOf('run'));
      await world.until('it is cut off', () => killed);
      await world.pass(5);
      expect(await world.versions('kibana')).toContain(scratch);
    });

    it('goes on, and leaves none', async () => {
      world.startOperator();
      await ended('run', 'Succeeded');
      expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
    });

    it('removes it when the request is deleted meanwhile', async () => {
      world.remove(reindexRequestResource, 'run');
      world.startOperator();
      await world.until('it is gone', async () => !(await world.exists(reindexRequestResource, 'run')));
      await expectNothingLeft();
    });

    it('has it removed by the next run when the request is gone without a trace', async () => {
      const { metadata } = (await world.kube.get(reindexRequestResource, key('run'))) ?? {};
      await world.kube.setFinalizers(reindexRequestResource, key('run'), metadata?.resourceVersion ?? '', []);
      world.remove(reindexRequestResource, 'run');
      world.startOperator();
      await world.aRequest('next', 'kibana');
      await ended('next', 'Succeeded');
      expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
    });
  });

  it('leaves an index alone that somebody else made by such a name', async () => {
    const foreign = scratchName('kibana', 'somebody');
    await world.engine.indices.create(foreign, { settings: {}, mappings: {} });
    await world.aRequest('run', 'kibana');
    await ended('run', 'Succeeded');
    expect(await world.versions('kibana')).toContain(foreign);
  });
});

describe('a first build', () => {
  it('says that its size is not known', async () => {
    const world = await aWorldAtRest();
    const [first] = await world.requests();
    const { preflight } = await world.request(first?.metadata.name ?? '');
    expect(preflight).toMatchObject({ verdict: 'Pass' });
    expect(preflight?.needBytes).toBeUndefined();
    expect(preflight?.estimatedSeconds).toBeUndefined();
    expect(preflight?.checks.find(({ name }) => name === 'disk')?.message).toContain('not known');
    expect((await world.condition(indexedRepoResource, 'kibana', 'Ready'))?.status).toBe('True');
    await world.stopOperator();
  });
});

const room = { nodes: nodesWithRoom(50, 50), shards: { open: 1, most: 1000 }, autoCreate: 'false' };
