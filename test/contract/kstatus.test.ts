import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import type { Resource } from '../../src/api/object.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { RetryableError } from '../../src/domain/errors.ts';
import { urlOf, World } from '../support/worlds/a-world.ts';
import { kstatusOf } from '../support/checks/kstatus.ts';
import { key } from '../support/worlds/world-view.ts';

/** Health checks of GitOps tools go by this library: what waits for a human must not look like progress to them. */
describe('to the real kstatus library', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.startOperator();
  });
  afterEach(async () => world.stopOperator());

  /** What it says of the objects as they are now. */
  async function judged(...which: readonly (readonly [Resource, string])[]): Promise<readonly string[]> {
    const objects = await Promise.all(which.map(async ([resource, name]) => world.kube.get(resource, key(name))));
    return kstatusOf(
      objects.map((object, at) => {
        const { group, version, kind } = which[at]![0];
        return { ...object, apiVersion: `${group}/${version}`, kind };
      }),
    );
  }

  it('a first build is in progress, and what serves is current', async () => {
    world.worker.fate = () => 'hang';
    await world.aCluster();
    await world.aRepo('kibana');
    await world.until('it is built', async () => (await world.jobs()).length === 1);
    const [request] = await world.requests();
    const all = [
      [searchClusterResource, 'main'],
      [indexedRepoResource, 'kibana'],
      [reindexRequestResource, request?.metadata.name ?? ''],
    ] as const;
    expect(await judged(...all)).toEqual(['Current', 'InProgress', 'InProgress']);
    world.worker.fate = () => 'succeed';
    await world.ready('kibana');
    await world.untilCondition(reindexRequestResource, all[2][1], 'Finished', 'True');
    expect(await judged(...all)).toEqual(['Current', 'Current', 'Current']);
  });

  it('what waits for a human has failed: no branch, a refused mapping, a quota', async () => {
    await world.aCluster();
    await world.aRepo('kmap', { index: { mappings: { properties: { path: { type: 'geo_point' } } } } });
    await world.aRepo('kref');
    world.remote.set(urlOf('kref'), { is: 'RefNotFound', message: 'there is no branch main' });
    world.meddle = async ({ what }, carryOut) => {
      if (what.startsWith('kube.create jobs/')) throw new RetryableError('KubernetesDenied', 'exceeded quota');
      return carryOut();
    };
    await world.aRepo('kquota');
    for (const name of ['kmap', 'kref'])
      await world.untilCondition(indexedRepoResource, name, 'Stalled', 'True', undefined, 30);
    await world.until('the Job is refused', async () => {
      const quota = (await world.requests()).find(each => each.metadata.name.startsWith('kquota'));
      return JSON.stringify(quota?.status).includes('exceeded quota');
    });
    const names = (await world.requests()).map(each => each.metadata.name);
    const [quota = ''] = names.filter(name => name.startsWith('kquota'));
    const [mapping = ''] = names.filter(name => name.startsWith('kmap'));
    const judgement = await judged(
      [indexedRepoResource, 'kmap'],
      [indexedRepoResource, 'kref'],
      [reindexRequestResource, quota],
      [reindexRequestResource, mapping],
    );
    expect(judgement).toEqual(['Failed', 'Failed', 'Failed', 'Failed']);
  });

  it('a SearchCluster without its Secret, and what names it, has failed', async () => {
    await world.aCluster({ auth: { basic: { secretRef: { name: 'nobody-made-it' } } } });
    await world.aRepo('kibana');
    await world.untilCondition(searchClusterResource, 'main', 'Stalled', 'True', 'SecretNotFound');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'SecretNotFound');
    expect(await judged([searchClusterResource, 'main'], [indexedRepoResource, 'kibana'])).toEqual([
      'Failed',
      'Failed',
    ]);
  });
});
