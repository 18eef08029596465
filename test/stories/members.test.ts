import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { publicAlias } from '../../src/domain/document-model.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';
import { anIndexBody } from '../support/objects/an-index.ts';

const places = { index: 'kibana-v1_places', properties: { filter: { term: { place: 'here' } } } };
const main = { index: 'kibana-v1', properties: publicAlias };
const members = [
  { role: 'main', index: main.index },
  { role: 'places', ...places },
];

describe('a version of two indices', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
    await addPlaces();
  });
  afterEach(async () => world.stopOperator());

  /** As if version 1 had been built of two indices. */
  async function addPlaces(): Promise<void> {
    const [{ meta } = { meta: {} }] = await world.engine.indices.describe(main.index);
    await world.engine.indices.create(places.index, anIndexBody({ meta }));
    await world.engine.aliases.update([{ add: { index: places.index, alias: 'kibana', ...places.properties } }]);
    await world.settings.changeVersion('kibana-v1', record => ({ ...record, members }));
  }

  const serving = async () => world.engine.aliases.members('kibana');
  const indices = async () => (await world.engine.indices.describe('kibana-v*')).map(({ name }) => name);
  const untilServing = async (what: string): Promise<void> =>
    world.until(`${what} serves`, async () => (await world.serves('kibana')).join() === what);

  async function rollBack(name: string): Promise<void> {
    await world.aRequest(name, 'kibana', { strategy: 'Rollback' });
    await world.untilCondition(reindexRequestResource, name, 'Succeeded', 'True');
  }

  it('is served as what it should be, shown with both, and followed by light runs', async () => {
    world.push('kibana', 'c2');
    await world.until('c2 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000');
    expect((await world.repo('kibana')).live).toMatchObject({ name: 'kibana-v1', indices: [main.index, places.index] });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'True', 'Live');
    expect(await serving()).toEqual([main, places]);
  });

  it('is switched away from as a whole, kept, and returned to with what the alias had on each', async () => {
    await world.aRequest('run', 'kibana');
    await untilServing('kibana-v2');
    await world.untilCondition(reindexRequestResource, 'run', 'Succeeded', 'True');
    expect(await indices()).toEqual(['kibana-v1', 'kibana-v1_places', 'kibana-v2']);
    await rollBack('back');
    expect(await serving()).toEqual([main, places]);
  });

  it('is not returned to when one of its indices is gone', async () => {
    await world.aRequest('run', 'kibana');
    await world.untilCondition(reindexRequestResource, 'run', 'Succeeded', 'True');
    await world.engine.indices.delete(places.index);
    await world.aRequest('back', 'kibana', { strategy: 'Rollback' });
    await world.untilCondition(reindexRequestResource, 'back', 'Succeeded', 'False', 'VersionNotFound');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
  });

  it('goes as a whole when it is kept no longer', async () => {
    await world.aRepo('kibana', { retain: { versions: 0 } });
    await world.aRequest('run', 'kibana');
    await world.untilCondition(reindexRequestResource, 'run', 'Succeeded', 'True');
    expect(await indices()).toEqual(['kibana-v2']);
    expect(await world.settings.versionRecord('kibana-v1')).toBeUndefined();
  });

  it('is reported as drifted when the alias loses one of them, or has another filter on it', async () => {
    await world.engine.aliases.update([{ remove: { index: places.index, alias: 'kibana', must_exist: true } }]);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'False', 'Drifted');
    await world.engine.aliases.update([{ add: { index: places.index, alias: 'kibana' } }]);
    await world.pass(180, 10);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'False', 'Drifted');
    await world.engine.aliases.update([{ add: { index: places.index, alias: 'kibana', ...places.properties } }]);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Ready', 'True', 'Live');
  });

  it('gets its replicas in place on all of them', async () => {
    await world.aRepo('kibana', { index: { replicas: 2 } });
    const replicas = async () =>
      (await world.engine.indices.describe('kibana-v*')).map(({ settings }) => settings['index.number_of_replicas']);
    await world.until('both have them', async () => (await replicas()).join() === '2,2');
  });

  it('goes with its IndexedRepo', async () => {
    await world.aRepo('kibana', { deletionPolicy: 'Delete' });
    world.remove(indexedRepoResource, 'kibana');
    await world.until('it is gone', async () => !(await world.exists(indexedRepoResource, 'kibana')));
    expect(await indices()).toEqual([]);
    expect(await world.engine.aliases.kindOf('kibana')).toBe('none');
  });
});
