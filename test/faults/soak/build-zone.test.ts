import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { reindexRequestResource } from '../../../src/api/reindex-request.ts';
import { connect } from '../../../src/engine/connect.ts';
import type { Engine } from '../../../src/engine/port.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import type { DistributionName } from '../../bed/distributions.ts';
import { missingByHand } from '../../bed/tools.ts';
import { filtersOf } from '../../support/checks/allocation-filters.ts';
import { liveClock } from '../../support/fakes/live-clock.ts';
import { accessTo } from '../../support/real/bed-engine.ts';
import { ownNodes, type OwnNode, type OwnNodes } from '../../support/real/own-engine-nodes.ts';
import { World } from '../../support/worlds/a-world.ts';
import { inBuildZone, isBeingFilled } from '../../support/worlds/a-zoned-world.ts';

/** Three of Java take half a minute to start on a quiet machine, and much longer on one that is not. */
const withinMs = 420_000;
/** A lease of a minute is over after twelve seconds. */
const factor = 5;
const zones = { attribute: 'zone', serving: ['zone-a', 'zone-b'], build: 'zone-c' };
const twoShards = { shards: 2, replicas: 1 };

const distributions: readonly DistributionName[] = ['elasticsearch', 'opensearch'];
// Three engines cost more than all else that `npm test` has of this: the same is played on fakes there.
describe.each(distributions)('the build zone of three nodes of %s', distribution => {
  const [missing] = missingByHand(0, distribution);
  if (missing !== undefined) {
    it.skip(`is tried (${missing})`, () => undefined);
    return;
  }
  let cluster: OwnNodes | undefined;
  const opened: Engine[] = [];
  let world: World;
  let engine: Engine;
  let queries: Queries;

  beforeAll(async () => {
    cluster = await ownNodes(distribution, 3);
    engine = open(cluster.nodes);
    world = new World(engine, 'uid', liveClock(factor));
    for (const node of cluster.nodes) world.enginesAt.set(node.url, open([node]));
    world.startOperator();
    await world.aCluster({ endpoints: cluster.nodes.map(({ url }) => url), zones });
    await world.aRepo('kibana', { index: twoShards });
    await world.ready('kibana');
    queries = askAgainAndAgain(open(cluster.nodes.filter(({ zone }) => zone !== zones.build)));
  }, withinMs);

  afterAll(async () => {
    await world.stopOperator();
    await queries.stop();
    for (const each of opened) await each.close();
    await cluster?.stop();
  }, withinMs);

  function open(nodes: readonly OwnNode[]): Engine {
    const [first] = nodes;
    if (!first) throw new Error('no node');
    const made = connect({ ...accessTo(first), endpoints: nodes.map(({ url }) => url), clock: systemClock });
    opened.push(made);
    return made;
  }

  const buildNode = (): OwnNode => {
    const found = cluster?.nodes.find(({ zone }) => zone === zones.build);
    if (!found) throw new Error('no node in the build zone');
    return found;
  };
  /** Zones of the nodes that have copies of its shards. */
  const zonesOf = async (index: string): Promise<readonly string[]> => {
    const [copies, { nodes }] = await Promise.all([engine.indices.shards([index]), engine.cluster.capacity()]);
    const zoneOf = (id: string | undefined): string => nodes.find(node => node.id === id)?.attributes['zone'] ?? 'none';
    return [...new Set(copies.map(({ node }) => zoneOf(node)))].toSorted();
  };
  const ended = async (name: string): Promise<void> =>
    world.untilCondition(reindexRequestResource, name, 'Finished', 'True', 'Succeeded');

  it(
    'holds a version until it is filled, which then moves to where it serves',
    async () => {
      const seen: unknown[] = [];
      world.meddle = async (call, carryOut) => {
        if (call.what.startsWith('kube.create jobs/run'))
          seen.push(await zonesOf('kibana-v2'), await zonesOf('kibana-v1'));
        return carryOut();
      };
      const endpoints: string[] = [];
      world.worker.fate = run => {
        endpoints.push(run.endpoint);
        return 'succeed';
      };
      await world.aRequest('run', 'kibana', inBuildZone);
      await ended('run');
      expect(seen.slice(0, 2)).toEqual([['zone-c'], ['zone-a', 'zone-b']]);
      expect(endpoints).toEqual([buildNode().url]);
      expect(await world.serves('kibana')).toEqual(['kibana-v2']);
      expect(await zonesOf('kibana-v2')).toEqual(['zone-a', 'zone-b']);
      expect(await engine.indices.health(['kibana-v2'])).toMatchObject({ status: 'green', activeShards: 4 });
      expect(await filtersOf(engine, 'kibana')).toEqual(['kibana-v2 include.zone zone-a,zone-b']);
      expect(queries.failed()).toEqual([]);
    },
    withinMs,
  );

  it(
    'takes a version with it when its node dies, which is begun again as another one, and what serves never notices',
    async () => {
      world.worker.fate = ({ index }) => (index === 'kibana-v3' ? 'hang' : 'succeed');
      await world.aRequest('lost', 'kibana', inBuildZone);
      await isBeingFilled(world, 'kibana-v3');
      await buildNode().kill();
      const told = async (reason: string): Promise<void> =>
        world.until(reason, () => world.events.some(event => event.startsWith(`Warning ${reason}`)));
      await told('BuildZoneLost');
      await told('NoBuildZone');
      expect(await world.versions('kibana')).toEqual(['kibana-v1', 'kibana-v2']);
      expect(await world.serves('kibana')).toEqual(['kibana-v2']);
      await buildNode().start();
      await ended('lost');
      expect(await world.serves('kibana')).toEqual(['kibana-v4']);
      expect(await zonesOf('kibana-v4')).toEqual(['zone-a', 'zone-b']);
      expect((await world.request('lost')).buildZone).toMatchObject({ version: 4, lost: 1 });
      expect(queries.failed()).toEqual([]);
      expect(queries.answered()).toBeGreaterThan(50);
    },
    withinMs,
  );
});

type Queries = {
  readonly failed: () => readonly string[];
  readonly answered: () => number;
  stop(): Promise<void>;
};

/** What people search while all of this goes on: the alias, through nodes that serve. */
function askAgainAndAgain(engine: Engine): Queries {
  const failed: string[] = [];
  const stopping = new AbortController();
  let answered = 0;
  const asking = (async () => {
    while (!stopping.signal.aborted) {
      const reply = await engine.documents
        .search('kibana', { query: { match_all: {} }, size: 10 })
        .catch((error: unknown) => String(error));
      if (typeof reply === 'string' || reply.failedShards > 0 || reply.total !== 2) failed.push(JSON.stringify(reply));
      else answered += 1;
      await systemClock.sleep(50, stopping.signal);
    }
  })();
  return {
    failed: () => failed,
    answered: () => answered,
    stop: async () => {
      stopping.abort();
      await asking;
    },
  };
}
