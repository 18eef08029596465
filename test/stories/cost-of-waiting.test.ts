import { afterEach, describe, expect, it } from '@jest/globals';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { aWorldAtRest, World } from '../support/a-world.ts';

/** Long runs count with a thousand. */
const mostQueued = Number(process.env['REINDEER_QUEUED'] ?? 80);
const yearly = { light: { schedule: '0 0 1 1 *' } };

/** What the operator asks of the engine, and what it writes into the status of requests, from here on. */
function counted(world: World) {
  const count = { engine: 0, statuses: 0 };
  world.beforeCall = ({ what }) => {
    if (!what.startsWith('kube.')) count.engine += 1;
    else if (what.startsWith('kube.patchStatus reindexrequests/')) count.statuses += 1;
  };
  return count;
}

describe('what waits', () => {
  let world: World;
  afterEach(async () => world.stopOperator());

  /** Calls for each of some runs that end one after another while so many others wait behind them. */
  async function costOfARun(queued: number): Promise<{ readonly engine: number; readonly statuses: number }> {
    world = new World();
    world.startOperator();
    await world.aCluster({ limits: { heavyRuns: 1 } });
    world.worker.fate = () => 'hang';
    const names = Array.from({ length: queued }, (_, at) => `repo-${String(at).padStart(4, '0')}`);
    for (const name of names) await world.aRepo(name, yearly);
    await world.until('all are queued', async () => {
      const requests = await world.requests();
      return (
        requests.length === queued &&
        requests.filter(({ status }) => (status as { queue?: unknown } | undefined)?.queue !== undefined).length ===
          queued - 1
      );
    });
    await world.pass(120);
    const ended = async (): Promise<number> =>
      (await world.requests()).filter(
        ({ status }) => (status as { finished?: unknown } | undefined)?.finished !== undefined,
      ).length;
    const runs = 8;
    world.worker.fate = () => 'succeed';
    const count = counted(world);
    await world.until(`${runs} have ended`, async () => (await ended()) >= runs);
    await world.stopOperator();
    return { engine: count.engine / runs, statuses: count.statuses / runs };
  }

  it('in a queue costs a run that ends no more requests to the engine and no more statuses than a short queue does', async () => {
    const short = await costOfARun(20);
    const long = await costOfARun(mostQueued);
    console.log(`a run that ends, of 20 and of ${mostQueued} queued:`, short, long);
    expect(long.engine).toBeLessThan(1.2 * short.engine);
    expect(long.statuses).toBeLessThan(1.2 * short.statuses);
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
