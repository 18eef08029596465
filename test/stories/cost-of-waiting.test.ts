import { afterEach, describe, expect, it } from '@jest/globals';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { nearPlaces } from '../../src/runs/queue.ts';
import { firstBuilds, untilEnded, waiting, yearly } from '../support/worlds/a-queue.ts';
import { isWhole } from '../support/objects/sampled.ts';
import { aWorldAtRest, World } from '../support/worlds/a-world.ts';

const mostQueued = isWhole ? 1000 : 40;
/** The long form takes minutes, and more on a busy machine: it has an end of its own. */
const longest = isWhole ? 30 * 60_000 : undefined;

/** Every call of the operator that asks the engine, or writes the status of a request or an IndexedRepo, from here on. */
function calls(world: World): { readonly engine: string[]; readonly statuses: string[] } {
  const seen = { engine: [] as string[], statuses: [] as string[] };
  world.beforeCall = ({ what }) => {
    if (!what.startsWith('kube.')) seen.engine.push(what);
    else if (what.startsWith('kube.patchStatus ')) seen.statuses.push(what);
  };
  return seen;
}

type Cost = { readonly engine: number; readonly statuses: number };

function perRun({ engine, statuses }: ReturnType<typeof calls>, runs: number): Cost {
  return { engine: engine.length / runs, statuses: statuses.length / runs };
}

function told(length: number, { engine, statuses }: Cost): string {
  return `of ${length} requests, for each run that ended: ${engine} requests to the engine, ${statuses} statuses`;
}

describe('what waits', () => {
  let world: World;
  afterEach(async () => world.stopOperator());

  it('far back in a queue is not written, whatever starts and ends in front of it', async () => {
    world = new World();
    world.startOperator();
    await firstBuilds(world, mostQueued, 1);
    await world.pass(120);
    const seen = calls(world);
    const runs = 8;
    world.worker.fate = () => 'succeed';
    await untilEnded(world, runs);
    const far = (await waiting(world)).slice(nearPlaces);
    const about = (list: readonly string[], name: string) => list.filter(what => what.includes(name));
    expect(far.length).toBeGreaterThan(mostQueued / 3);
    expect(far.flatMap(repo => about(seen.statuses, repo))).toEqual([]);
    console.log(told(mostQueued, perRun(seen, runs)));
    // The marks are found where there is something to find.
    expect(about(seen.engine, 'repo-0001')).not.toEqual([]);
    expect(about(seen.statuses, 'repo-0001')).not.toEqual([]);
  }, longest); // prettier-ignore

  it('in a queue costs a run that ends the same, however long the queue is', async () => {
    const costs: Cost[] = [];
    const runs = 16;
    for (const length of [28, 56, 112]) {
      world = new World();
      world.startOperator();
      await firstBuilds(world, length, 1);
      await world.pass(120);
      world.worker.fate = () => 'succeed';
      await untilEnded(world, 1);
      const seen = calls(world);
      await untilEnded(world, runs);
      costs.push(perRun(seen, runs));
      // Only those that begin are asked about: no place that moves wakes anything.
      const repos = (await waiting(world)).slice(1);
      expect(repos.length).toBeGreaterThan(5);
      expect(seen.engine.filter(what => repos.some(repo => what.includes(repo)))).toEqual([]);
      expect(seen.statuses.filter(what => repos.some(repo => what.endsWith(`indexedrepos/${repo}`)))).toEqual([]);
      console.log(told(length, perRun(seen, runs)));
      await world.stopOperator();
    }
    const spread = (of: keyof Cost): number =>
      Math.max(...costs.map(cost => cost[of])) - Math.min(...costs.map(cost => cost[of]));
    // A run of some forty looks is one or two longer when it begins within a second of its tick: as a share, since what a look
    // asks grows with the steps of a run. A queue that were asked about would show as its length.
    expect(spread('engine') / (costs[0]?.engine ?? 0)).toBeLessThan(0.03);
    expect(spread('statuses')).toBeLessThan(3);
    expect(costs[0]?.engine).toBeGreaterThan(100);
    expect(costs[0]?.statuses).toBeGreaterThan(nearPlaces);
  });

  it('in a queue asks the engine once, however long it waits', async () => {
    world = await aWorldAtRest();
    await world.aRepo('linux', yearly);
    await world.ready('linux');
    await world.aCluster({ limits: { heavyRuns: 1 } });
    world.worker.fate = () => 'hang';
    await world.aRequest('first', 'kibana');
    await world.until('it is at work', async () => (await world.request('first')).started !== undefined);
    const questions: string[] = [];
    world.beforeCall = ({ what }) => {
      if (what.includes('linux') && !what.startsWith('kube.')) questions.push(what);
    };
    await world.aRequest('second', 'linux');
    await world.until('it waits', async () => (await world.request('second')).queue !== undefined);
    await world.pass(10);
    const { length } = questions;
    await world.pass(45);
    expect(questions.slice(length)).toEqual([]);
  });

  it('for its Job asks what every look asks and nothing else, and writes nothing', async () => {
    world = await aWorldAtRest();
    world.worker.fate = () => 'hang';
    await world.aRequest('run', 'kibana');
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    await world.pass(30);
    const questions = new Set<string>();
    world.beforeCall = ({ what }) => void questions.add(what.split(' ')[0] ?? '');
    await world.pass(45);
    expect([...questions].filter(what => /count|health/.test(what))).toEqual([]);
  });

  it('behind a pause keeps its lock renewed, so that it still has it afterwards', async () => {
    world = await aWorldAtRest();
    world.worker.fate = () => 'hang';
    await world.aRequest('run', 'kibana');
    await world.until('it is at work', async () => (await world.jobs()).length === 2);
    await world.aCluster({ paused: true });
    await world.untilCondition(searchClusterResource, 'main', 'Paused', 'True', 'PausedBySpec');
    await world.pass(60);
    const before = await world.settings.lockRecord('kibana');
    await world.pass(60);
    const after = await world.settings.lockRecord('kibana');
    expect(after?.source.lease).toEqual(before?.source.lease);
    expect(after?.stand.seqNo).toBeGreaterThan(before?.stand.seqNo ?? 0);
  });
});
