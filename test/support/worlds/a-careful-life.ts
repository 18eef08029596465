import type { KubeObject } from '../../../src/api/object.ts';
import { reindexRequestResource, type ReindexRequestStatus } from '../../../src/api/reindex-request.ts';
import { interceptedEngine } from '../fakes/faulty-engine.ts';
import type { Play } from './a-golden-run.ts';
import type { World } from './a-world.ts';
import { namespace } from './world-view.ts';

const template = {
  verify: { queries: [{ name: 'chunks', body: { term: { doc: 'chunk' } }, overlapPercent: 1 }] },
  warm: { atMost: '10s' },
  bake: { for: '1m', onFailure: 'Rollback' },
  gates: ['AfterBake'],
  retain: { versions: 0 },
};
const light = { schedule: '@every 1m' };

/**
 * First build, by a template that asks queries and warms; a rebuild by the same, which bakes, where a push comes, and is let
 * through its gate; and what it replaces is still read when it is to go.
 */
export const caring: Play = async world => {
  let readers = 1;
  world.engine = interceptedEngine(world.engine, async ({ name }, carryOut) =>
    name === 'indices.openReaders' ? readers : carryOut(),
  );
  await world.aCluster();
  await world.aRepo('kibana', { light, rebuild: { template } });
  await letThrough(world, 'NoLiveVersion');
  await world.ready('kibana');
  await world.aRepo('kibana', { light, rebuild: { template, revision: 'a' } });
  await world.until('it bakes', async () => (await latest(world))?.bakeUntil !== undefined);
  world.push('kibana', 'c2');
  await world.until('c2 is in both', () =>
    ['kibana-v1', 'kibana-v2'].every(version => world.worker.ran.includes(`incremental ${version} c2`)),
  );
  await letThrough(world, 'RevisionChanged');
  await world.until('it waits for readers', async () =>
    Boolean((await latest(world))?.conditions?.some(({ reason }) => reason === 'ReadersLeft')),
  );
  readers = 0;
  await world.ready('kibana');
};

/** A first build goes back to nothing and has the gate after it all the same. */
async function letThrough(world: World, cause: string): Promise<void> {
  await world.until(`${cause} stands at its gate`, async () => (await latest(world))?.gate === 'AfterBake');
  const { metadata } = (await newest(world)) ?? { metadata: { name: '' } };
  const key = { namespace, name: metadata.name };
  await world.kube.patch(reindexRequestResource, key, undefined, { spec: { approved: ['AfterBake'] } });
}

async function newest(world: World): Promise<KubeObject | undefined> {
  return (await world.requests()).toSorted((a, b) => (a.metadata.uid < b.metadata.uid ? -1 : 1)).at(-1);
}

async function latest(world: World): Promise<Partial<ReindexRequestStatus> | undefined> {
  return (await newest(world))?.status as Partial<ReindexRequestStatus> | undefined;
}
