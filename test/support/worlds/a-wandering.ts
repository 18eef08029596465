import { exitCodes } from '../../../src/api/exit-codes.ts';
import fc from 'fast-check';
import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import { keys } from '../../../src/api/meta.ts';
import { reindexRequestResource } from '../../../src/api/reindex-request.ts';
import { RetryableError } from '../../../src/domain/errors.ts';
import type { Fate } from '../fakes/fake-worker.ts';
import { lost } from './a-golden-run.ts';
import { urlOf, type World } from './a-world.ts';
import { changeRequest, declareRepo, declareRequest, repoSpecs, requestChanges, requestSpecs } from './declarations.ts';
import { zones } from '../objects/a-zone.ts';
import { dice } from '../objects/dice.ts';
import { namespace } from './world-view.ts';

/** One thing that somebody does to a world with the IndexedRepo "kibana", or that befalls it. */
export type Act = { readonly name: string; readonly carryOut: (world: World, number: number) => Promise<void> | void };

const fates: Readonly<Record<string, Fate>> = {
  succeed: 'succeed',
  fail: 'fail',
  hang: 'hang',
  lie: 'lie',
  'need a full run': { exitCode: exitCodes.fullReindexNeeded },
  'lose the lock': { exitCode: exitCodes.lockLost },
};

const away = new RetryableError('RemoteUnreachable', 'git.example.org: no answer in time');

const light = { schedule: '@every 1m' };

/** With the engine away for as long as a deletion is patient, the alias would keep an owner that is gone: see dead-owner.test.ts. */
export async function gone(world: World, name: string): Promise<void> {
  world.engineAway = false;
  world.remove(indexedRepoResource, name);
  await world.until(`${name} is gone`, async () => !(await world.exists(indexedRepoResource, name)));
}

const plain: readonly Act[] = [
  {
    name: 'push',
    carryOut: (world, number) => {
      world.push('kibana', `c${number + 2}`);
    },
  },
  {
    name: 'delete a request',
    carryOut: async (world, number) => {
      const requests = await world.requests();
      const one = requests[number % Math.max(1, requests.length)];
      if (one) world.remove(reindexRequestResource, one.metadata.name);
    },
  },
  {
    name: 'kill the operator',
    carryOut: world => {
      world.killOperator();
      world.startOperator();
    },
  },
  {
    name: 'engine away',
    carryOut: world => {
      world.engineAway = true;
    },
  },
  {
    name: 'engine back',
    carryOut: world => {
      world.engineAway = false;
    },
  },
  {
    name: 'remote away',
    carryOut: world => {
      world.remote.set(urlOf('kibana'), away);
    },
  },
  { name: 'pause the cluster', carryOut: async world => world.aCluster({ paused: true, zones }) },
  { name: 'let the cluster go on, without zones', carryOut: async world => world.aCluster({ paused: false }) },
  { name: 'let the cluster go on, with zones', carryOut: async world => world.aCluster({ paused: false, zones }) },
  { name: 'delete it', carryOut: async world => gone(world, 'kibana') },
  {
    name: 'somebody declares the same alias',
    carryOut: async (world, number) => {
      const deletionPolicy = number % 2 === 0 ? 'Retain' : 'Delete';
      await world.aRepo('heir', { alias: 'kibana', source: { url: urlOf('kibana') }, light, deletionPolicy });
    },
  },
  { name: 'that one goes again', carryOut: async world => gone(world, 'heir') },
  {
    name: 'another repository is declared on the same cluster',
    carryOut: async (world, number) => world.aRepo('other', { light, rebuild: { revision: String(number) } }),
  },
  {
    name: 'somebody outside takes the lock and is gone',
    carryOut: async (world, number) => {
      if ((await world.settings.aliasRecord('kibana')) === undefined) return;
      const holder = { kind: 'External', name: `ci/${number}`, uid: `ci-${number}`, pod: '' } as const;
      await world.settings.acquire({ of: 'alias', alias: 'kibana' }, holder, { leaseSeconds: 60, tokenFloor: 0 });
    },
  },
  {
    name: 'late watches',
    carryOut: world => {
      world.watchLag = () => 700;
    },
  },
  {
    name: 'calls get lost',
    carryOut: (world, number) => {
      const roll = dice(number + 1);
      world.beforeCall = call => {
        if (roll() < 0.1) throw lost(call);
      };
    },
  },
  {
    name: 'the operator dies before one of its next writes',
    carryOut: (world, number) => {
      let left = (number * 7) % 23;
      world.beforeCall = call => {
        if (!call.writes || left-- > 0) return;
        world.beforeCall = () => undefined;
        world.killOperator();
        world.startOperator();
        throw lost(call);
      };
    },
  },
  {
    name: 'run now',
    carryOut: async (world, number) => {
      const annotations = { [keys.runNow]: String(number) };
      if (!(await world.exists(indexedRepoResource, 'kibana'))) return;
      await world.kube.patch(indexedRepoResource, { namespace, name: 'kibana' }, undefined, {
        metadata: { annotations },
      });
    },
  },
];

/** A few acts with some time between them, or none. */
export const wanderings: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: repoSpecs.map((spec): Act => ({
        name: `apply ${JSON.stringify(spec)}`,
        carryOut: async world => declareRepo(world, spec),
      })),
    },
    {
      weight: 2,
      arbitrary: requestSpecs.map((spec): Act => ({
        name: `ask for ${JSON.stringify(spec)}`,
        carryOut: async (world, number) => declareRequest(world, `run-${number}`, spec),
      })),
    },
    {
      weight: 2,
      arbitrary: requestChanges.map((change): Act => ({
        name: `change a request to ${JSON.stringify(change)}`,
        carryOut: async (world, number) => changeRequest(world, number, change),
      })),
    },
    {
      weight: 4,
      arbitrary: fc.constantFrom(1, 5, 30, 90, 600).map((seconds): Act => ({
        name: `${seconds} s`,
        carryOut: async world => world.pass(seconds, seconds > 90 ? 5 : 1),
      })),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(...Object.entries(fates)).map(([name, fate]): Act => ({
        name: `workers ${name}`,
        carryOut: world => {
          world.worker.fate = () => fate;
        },
      })),
    },
    { weight: 5, arbitrary: fc.constantFrom(...plain) },
  ),
  { minLength: 4, maxLength: 16 },
);
