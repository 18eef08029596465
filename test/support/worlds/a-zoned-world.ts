import { reindexRequestResource } from '../../../src/api/reindex-request.ts';
import { FakeAllocation } from '../fakes/fake-allocation.ts';
import { fakeEngine } from '../fakes/fake-engine.ts';
import { zoneNodes, zones } from '../objects/a-zone.ts';
import type { Play } from './a-golden-run.ts';
import type { World } from './a-world.ts';

/** A run that builds in the build zone. */
export const inBuildZone = { build: { placement: 'BuildZone' } };

/** The engine of the world has three nodes from now on, in zones that its SearchCluster declares. */
export async function aZonedCluster(world: World): Promise<FakeAllocation> {
  const allocation = new FakeAllocation(zoneNodes);
  world.engine = fakeEngine({ allocation });
  await world.aCluster({ zones });
  return allocation;
}

/** Names of the nodes that hold shards of these indices, sorted, each once. */
export async function nodesOf(world: World, ...indices: readonly string[]): Promise<readonly string[]> {
  const shards = await world.engine.indices.shards(indices);
  return [...new Set(shards.map(({ node }) => node?.replace(/-id$/, '') ?? 'none'))].toSorted();
}

/** First build anywhere; one in the build zone whose node dies and comes back; and one that is aborted there. */
export const placing: Play = async world => {
  const allocation = await aZonedCluster(world);
  await world.aRepo('kibana', { light: { schedule: '@every 1m' } });
  await world.ready('kibana');
  world.worker.fate = () => 'hang';
  await world.aRequest('run', 'kibana', inBuildZone);
  await isBeingFilled(world, 'kibana-v2');
  allocation.kill('spare-1');
  await world.until('it is given up', async () => !(await world.versions('kibana')).includes('kibana-v2'));
  world.worker.fate = () => 'succeed';
  allocation.start('spare-1');
  await world.untilCondition(reindexRequestResource, 'run', 'Finished', 'True');
  world.worker.fate = () => 'hang';
  await world.aRequest('given-up', 'kibana', inBuildZone);
  await isBeingFilled(world, 'kibana-v4');
  await world.aRequest('given-up', 'kibana', { ...inBuildZone, abort: true });
  await world.untilCondition(reindexRequestResource, 'given-up', 'Finished', 'True');
  world.worker.fate = () => 'succeed';
};

/** A Job writes into it. */
export async function isBeingFilled(world: World, index: string): Promise<void> {
  await world.until(`${index} is being filled`, async () => {
    const jobs = await world.jobs();
    return jobs.some(({ metadata }) => metadata.annotations?.['reindeer.dev/run-index'] === index);
  });
}
