import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { indexedRepoResource, type IndexedRepoStatus } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { fakeEngine } from '../support/fakes/fake-engine.ts';
import { FakeAllocation } from '../support/fakes/fake-allocation.ts';
import { zoneNodes, zones } from '../support/objects/a-zone.ts';
import { answerRuns } from '../support/worlds/declarations.ts';
import { endState } from '../support/worlds/end-state.ts';
import { gone, wanderings, type Act } from '../support/worlds/a-wandering.ts';
import { troubleOf } from '../support/worlds/a-golden-run.ts';
import { World } from '../support/worlds/a-world.ts';
import { isWhole } from '../support/objects/sampled.ts';

const seed = Number(process.env['REINDEER_SEED'] ?? 20_261_121);
const numRuns = isWhole ? 1400 : 32;

const light = { schedule: '@every 1m' };
/** Known-good specs that a life may end with. */
const goods: Readonly<Record<string, object>> = {
  plain: { index: { shards: 2, replicas: 0 }, light, retain: { versions: 1 } },
  careful: {
    index: { shards: 2, replicas: 0, mappings: { properties: { remark: { type: 'keyword' } } } },
    ...{ light, retain: { versions: 0 }, deletionPolicy: 'Delete' },
    rebuild: {
      automaticFor: ['SpecChanged', 'WorkerChanged'],
      template: {
        bake: { for: '2m', onFailure: 'Rollback' },
        verify: { digest: 'None', queries: [{ name: 'chunks', body: { term: { doc: 'chunk' } }, overlapPercent: 1 }] },
        warm: { atMost: '10s' },
      },
    },
  },
  placed: {
    index: { shards: 2, replicas: 1 },
    ...{ light, timeZone: 'Europe/Paris', retain: { versions: 1, for: '1m' }, freshWithin: '30m' },
    rebuild: { schedule: '0 0 1 7 *', template: { build: { placement: 'BuildZone' }, stallAfter: '10m' } },
  },
};

/** Whatever was declared, asked for and suffered before: a good spec ends where a new repository with that spec would. */
describe('an IndexedRepo that went through anything', () => {
  it(
    `ends as one that was made with its last spec, and served one verified version all the time (seed ${seed})`,
    async () => {
      await fc.assert(
        fc.asyncProperty(wanderings, fc.constantFrom(...Object.keys(goods)), async (acts, last) => {
          const world = aZonedWorld();
          const violations: string[] = [];
          let served = false;
          world.meddle = async (call, carryOut) => {
            const answer = await carryOut();
            const isThere = await world.exists(indexedRepoResource, 'kibana');
            // Whoever deletes one wants what its deletionPolicy says.
            served &&= isThere && !(await isBeingDeleted(world, 'kibana')) && !(await isBeingDeleted(world, 'heir'));
            const trouble = await troubleOf(world, served);
            served ||= isThere && (await world.serves('kibana')).length > 0;
            if (trouble) violations.push(`after ${call.what}: ${trouble}`);
            return answer;
          };
          world.startOperator();
          world.push('kibana', 'c1');
          world.push('mirror', 'c1');
          await world.aCluster();
          await world.aRepo('kibana', { light: { schedule: '@every 1m' } });
          await wander(world, acts);
          await comeHome(world, goods[last] ?? {});
          expect(violations).toEqual([]);
          expect(await endState(world)).toEqual(await freshlyMade(last));
          await world.stopOperator();
        }),
        { seed, numRuns },
      );
    },
    10_000 * numRuns,
  );
});

async function isBeingDeleted(world: World, name: string): Promise<boolean> {
  return (await world.exists(indexedRepoResource, name)) && world.isLeaving(indexedRepoResource, name);
}

async function wander(world: World, acts: readonly Act[]): Promise<void> {
  for (const [number, { carryOut }] of acts.entries()) await carryOut(world, number);
}

/** Three nodes in three zones, which the cluster declares or not. */
function aZonedWorld(): World {
  return new World(fakeEngine({ allocation: new FakeAllocation(zoneNodes) }));
}

const made = new Map<string, Promise<object>>();

/** What comes of an IndexedRepo that is made with this spec, and nothing else happens. */
async function freshlyMade(name: string): Promise<object> {
  const known = made.get(name) ?? makeFreshly(goods[name] ?? {});
  made.set(name, known);
  return known;
}

async function makeFreshly(good: object): Promise<object> {
  const world = aZonedWorld();
  world.startOperator();
  await settled(world, good);
  const state = await endState(world);
  await world.stopOperator();
  return state;
}

/** Everything is well again, what waits for people is answered, and the last spec is a good one. */
async function comeHome(world: World, good: object): Promise<void> {
  world.engineAway = false;
  world.beforeCall = () => undefined;
  world.worker.fate = () => 'succeed';
  for (const request of await world.requests())
    if (request.metadata.ownerReferences === undefined) world.remove(reindexRequestResource, request.metadata.name);
  await gone(world, 'heir');
  await world.until('nothing leaves', async () => !(await isBeingDeleted(world, 'kibana')));
  await settled(world, good);
  const [member = '', ...others] = await world.serves('kibana');
  const record = (await world.settings.aliasRecord('kibana'))?.source;
  const version = (await world.settings.versionRecord(member))?.source;
  expect(others).toEqual([]);
  expect(version).toMatchObject({ commit: 'c99'.padEnd(40, '0'), phase: 'Live' });
  expect(record?.retired.length).toBeLessThanOrEqual(1);
  const kept = [version?.number, ...(record?.retired ?? [])].map(number => `kibana-v${number}`);
  expect([...(await world.versions('kibana'))].toSorted()).toEqual(kept.toSorted());
}

async function settled(world: World, good: object): Promise<void> {
  world.push('kibana', 'c99');
  await world.aCluster({ paused: false, zones });
  await world.aRepo('kibana', { ...good, rebuild: { ...(good as { rebuild?: object }).rebuild, revision: 'last' } });
  await world.until(
    'all is well',
    async () => {
      await answerRuns(world);
      return isWell(await world.repo('kibana'));
    },
    150,
  );
  await world.pass(120, 5);
}

const whenWell = { Ready: 'Live', Fresh: 'UpToDate', Stalled: 'Idle', Reconciling: 'Idle', Locked: 'Free' };

function isWell({ rebuild, conditions = [] }: Partial<IndexedRepoStatus>): boolean {
  const reasons = new Map(conditions.map(({ type, reason }) => [type, reason]));
  const isBuilt = rebuild?.revision === 'last' && rebuild.due === undefined && rebuild.request === undefined;
  return isBuilt && Object.entries(whenWell).every(([type, reason]) => reasons.get(type) === reason);
}
