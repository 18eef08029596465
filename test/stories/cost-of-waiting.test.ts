import { afterEach, describe, expect, it } from '@jest/globals';
import type { KubeObject } from '../../src/api/object.ts';
import type { ReindexRequestStatus } from '../../src/api/reindex-request.ts';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { nearPlaces } from '../../src/runs/queue.ts';
import { aWorldAtRest, World } from '../support/a-world.ts';

/** `npm run soak` has a thousand. */
const mostQueued = Number(process.env['REINDEER_QUEUED'] ?? 40);
const yearly = { light: { schedule: '0 0 1 1 *' } };

/** Every call of the operator that asks the engine, or writes the status of a request, from here on. */
function calls(world: World): { readonly engine: string[]; readonly statuses: string[] } {
  const seen = { engine: [] as string[], statuses: [] as string[] };
  world.beforeCall = ({ what }) => {
    if (!what.startsWith('kube.')) seen.engine.push(what);
    else if (what.startsWith('kube.patchStatus reindexrequests/')) seen.statuses.push(what);
  };
  return seen;
}

describe('what waits', () => {
  let world: World;
  afterEach(async () => world.stopOperator());

  const statusOf = ({ status }: KubeObject): Partial<ReindexRequestStatus> => status ?? {};

  /** A world in which one request is at work and the others wait for it, each of a repository of its own. */
  async function aQueue(length: number): Promise<void> {
    world = new World();
    world.startOperator();
    await world.aCluster({ limits: { heavyRuns: 5 } });
    const names = Array.from({ length }, (_, at) => `repo-${String(at).padStart(4, '0')}`);
    for (const name of names) await world.aRepo(name, yearly);
    for (const name of names) await world.ready(name);
    await world.aCluster({ limits: { heavyRuns: 1 } });
    world.worker.fate = () => 'hang';
    for (const name of names) await world.aRequest(`${name}-run`, name);
    await world.until('all but one wait', async () => {
      const requests = await world.requests();
      return requests.filter(request => statusOf(request).queue !== undefined).length === length - 1;
    });
    await world.pass(120);
  }

  it('far back in a queue is not written, whatever starts and ends in front of it', async () => {
    await aQueue(mostQueued);
    const seen = calls(world);
    const runs = 8;
    const isEnded = (request: KubeObject): boolean =>
      request.metadata.name.endsWith('-run') && statusOf(request).finished !== undefined;
    world.worker.fate = () => 'succeed';
    await world.until(
      `${runs} have ended`,
      async () => {
        const requests = await world.requests();
        return requests.filter(request => isEnded(request)).length >= runs;
      },
      1500 * mostQueued,
    );
    const waiting = (await world.requests()).filter(request => statusOf(request).started === undefined);
    const far = waiting.toSorted((a, b) => (a.metadata.uid < b.metadata.uid ? -1 : 1)).slice(nearPlaces);
    const about = (list: readonly string[], name: string) => list.filter(what => what.includes(name));
    expect(far.length).toBeGreaterThan(mostQueued / 3);
    expect(far.flatMap(({ metadata }) => about(seen.statuses, metadata.name))).toEqual([]);
    console.log(
      `of ${mostQueued} requests, for each of ${runs} runs that ended: ${seen.engine.length / runs} requests to the engine, ${seen.statuses.length / runs} statuses`,
    );
    // The marks are found where there is something to find.
    expect(about(seen.engine, 'repo-0000')).not.toEqual([]);
    expect(seen.statuses).not.toEqual([]);
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
