import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { KubeObject } from '../../src/api/object.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';
import { unpullable } from '../support/fakes/fake-worker.ts';

/** A Job as `jobManifest` makes it, as far as it is read. */
type MadeJob = KubeObject & {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly image: string;
          readonly env: readonly { readonly name: string; readonly value?: string }[];
        }[];
      };
    };
  };
};

const reshaped = { index: { mappings: { properties: { note: { type: 'keyword' } } } } };
const by = (image: string) => ({ ...reshaped, worker: { image } });

describe('an image that is declared otherwise while a version is built', () => {
  let world: World;
  /** Index, mode and image of each Job that was made, in order. */
  let made: string[];
  beforeEach(async () => {
    made = [];
    world = await aWorldAtRest();
    world.worker.fate = ({ index }) => (index === 'kibana-v1' ? 'succeed' : 'hang');
    world.meddle = async ({ what }, carryOut) => {
      const answer = await carryOut();
      if (what.startsWith('kube.create jobs/')) await note(what.slice('kube.create jobs/'.length));
      return answer;
    };
    await world.aRepo('kibana', by('corp/indexer:1'));
    await world.until('it is being built', () => made.length === 1);
  });
  afterEach(async () => world.stopOperator());

  async function note(name: string): Promise<void> {
    const job = (await world.jobs()).find(each => each.metadata.name === name) as MadeJob | undefined;
    const container = job?.spec.template.spec.containers[0];
    const read = (field: string): string => container?.env.find(each => each.name === field)?.value ?? '';
    const line = `${read('REINDEER_INDEX')} ${read('REINDEER_MODE')} ${container?.image}`;
    if (made.at(-1) !== line) made.push(line);
  }

  const beginsToWrite = async (): Promise<void> => {
    await world.settings.changeVersion('kibana-v2', record => ({ ...record, clean: false }));
  };
  const serves = async (index: string): Promise<void> =>
    world.until(`${index} serves`, async () => (await world.serves('kibana')).join() === index);

  it('writes nothing of it: the image of the build catches up, and the new one builds a version of its own', async () => {
    await world.aRepo('kibana', by('corp/indexer:2'));
    world.push('kibana', 'c2');
    await world.pass(60);
    world.worker.fate = () => 'succeed';
    await serves('kibana-v2');
    await world.ready('kibana');
    expect((await world.repo('kibana')).live).toMatchObject({
      workerImage: 'corp/indexer:2',
      shortCommit: 'c200000000',
    });
    expect((await world.settings.versionRecord('kibana-v2'))?.source.workerImage).toBe('corp/indexer:1');
    world.push('kibana', 'c3');
    await world.until('c3 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c300000000');
    expect(made).toEqual([
      'kibana-v2 full corp/indexer:1',
      'kibana-v2 incremental corp/indexer:1',
      'kibana-v3 full corp/indexer:2',
      'kibana-v3 incremental corp/indexer:2',
    ]);
  });

  it.each([
    ['has begun', 'corp/indexer:1'],
    ['has not begun', 'corp/indexer:2'],
  ])('that %s when the cluster is paused goes on with one image', async (how, image) => {
    if (how === 'has begun') await beginsToWrite();
    await world.aCluster({ paused: true });
    await world.until('its Job is stopped', async () => (await world.jobs()).length === 1);
    await world.aRepo('kibana', by('corp/indexer:2'));
    await world.pass(30);
    world.worker.fate = () => 'succeed';
    await world.aCluster();
    await serves('kibana-v2');
    const first = made.filter(line => line.startsWith('kibana-v2'));
    expect(first.slice(1)).toEqual(image === 'corp/indexer:1' ? [] : [`kibana-v2 full ${image}`]);
    expect((await world.settings.versionRecord('kibana-v2'))?.source.workerImage).toBe(image);
  });

  it('begins anew, and says why, where the image of before has begun and does not run any more', async () => {
    const run = (await world.repo('kibana')).rebuild?.request ?? '';
    await beginsToWrite();
    await world.aCluster({ paused: true });
    await world.until('its Job is stopped', async () => (await world.jobs()).length === 1);
    world.worker.fate = ({ index }) => (index === 'kibana-v2' ? unpullable : 'succeed');
    await world.aCluster();
    await world.untilCondition(reindexRequestResource, run, 'Reconciling', 'True', 'PodPending');
    await world.aRepo('kibana', by('corp/indexer:2'));
    await world.untilCondition(reindexRequestResource, run, 'Finished', 'True', 'WorkerChanged', 8);
    const succeeded = await world.condition(reindexRequestResource, run, 'Succeeded');
    expect(succeeded?.message).toMatch(
      /corp.indexer:1 has begun to fill kibana-v2, and corp.indexer:2 is declared now$/,
    );
    await serves('kibana-v3');
    await world.ready('kibana');
    expect(made).toEqual(['kibana-v2 full corp/indexer:1', 'kibana-v3 full corp/indexer:2']);
    expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v3']);
    expect(world.errors()).toEqual([]);
  });
});
