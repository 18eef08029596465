import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { indexedRepoResource, type IndexedRepoStatus } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { shapeHash } from '../../src/domain/shape.ts';
import { gone, wanderings, type Act } from '../support/worlds/a-wandering.ts';
import { troubleOf } from '../support/worlds/a-golden-run.ts';
import { World } from '../support/worlds/a-world.ts';
import { isWhole } from '../support/objects/sampled.ts';

const seed = Number(process.env['REINDEER_SEED'] ?? 20_261_121);
const numRuns = isWhole ? 1400 : 60;
const good = { index: { shards: 2, replicas: 0 }, light: { schedule: '@every 1m' }, retain: { versions: 1 } };

/** Whatever was declared, asked for and suffered before: a good spec ends where a new repository with that spec would. */
describe('an IndexedRepo that went through anything', () => {
  it(
    `ends as one that was made with its last spec, and served one verified version all the time (seed ${seed})`,
    async () => {
      await fc.assert(
        fc.asyncProperty(wanderings, async acts => {
          const world = new World();
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
          await comeHome(world);
          expect(violations).toEqual([]);
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

/** Everything is well again, nobody asks for anything any more, and the last spec is a good one. */
async function comeHome(world: World): Promise<void> {
  world.engineAway = false;
  world.beforeCall = () => undefined;
  world.worker.fate = () => 'succeed';
  world.push('kibana', 'c99');
  await world.aCluster({ paused: false });
  for (const request of await world.requests())
    if (request.metadata.ownerReferences === undefined) world.remove(reindexRequestResource, request.metadata.name);
  await gone(world, 'heir');
  await world.until('nothing leaves', async () => !(await isBeingDeleted(world, 'kibana')));
  await world.aRepo('kibana', { ...good, rebuild: { revision: 'last' } });
  await world.until('all is well', async () => isWell(await world.repo('kibana')), 150);
  await world.pass(120, 5);
  const [member = '', ...others] = await world.serves('kibana');
  const record = (await world.settings.aliasRecord('kibana'))?.source;
  const version = (await world.settings.versionRecord(member))?.source;
  expect(others).toEqual([]);
  expect(version).toMatchObject({ commit: 'c99'.padEnd(40, '0'), phase: 'Live', shapeHash: shapeHash(good.index) });
  expect(record).toMatchObject({ live: version?.number, candidate: null });
  expect(record?.retired.length).toBeLessThanOrEqual(1);
  const kept = [version?.number, ...(record?.retired ?? [])].map(number => `kibana-v${number}`);
  expect([...(await world.versions('kibana'))].toSorted()).toEqual(kept.toSorted());
  expect(await world.isLocked('kibana')).toBe(false);
  expect((await world.repo('kibana')).rebuild).toEqual({ revision: 'last' });
}

const whenWell = { Ready: 'Live', Fresh: 'UpToDate', Stalled: 'Idle', Reconciling: 'Idle', Locked: 'Free' };

function isWell({ rebuild, conditions = [] }: Partial<IndexedRepoStatus>): boolean {
  const reasons = new Map(conditions.map(({ type, reason }) => [type, reason]));
  const isBuilt = rebuild?.revision === 'last' && rebuild.due === undefined;
  return isBuilt && Object.entries(whenWell).every(([type, reason]) => reasons.get(type) === reason);
}
