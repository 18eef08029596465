import { beforeAll, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import {
  fault,
  goldenRun,
  growing,
  leaving,
  lost,
  returning,
  type Ending,
  type Fault,
  type GoldenRun,
  type Play,
} from '../support/a-golden-run.ts';
import type { World } from '../support/a-world.ts';
import { namespace } from '../support/world-view.ts';

/** Every play is tried with every fault but those that the first play shows to be milder forms of others. */
const plays: readonly [string, Play, readonly Fault[], Partial<Ending>][] = [
  [
    'growing',
    growing,
    ['killed before', 'killed after', 'done twice', 'request lost', 'reply lost'],
    {
      serves: ['kibana-v3'],
      versions: ['kibana-v2', 'kibana-v3'],
      retired: ['kibana-v2'],
      locked: false,
      ran: ['full kibana-v1 c1', 'incremental kibana-v1 c2', 'full kibana-v2 c2', 'full kibana-v3 c2'],
    },
  ],
  [
    'returning',
    returning,
    ['killed after', 'done twice', 'reply lost'],
    {
      serves: ['kibana-v1'],
      versions: ['kibana-v1', 'kibana-v2'],
      retired: ['kibana-v2'],
      locked: false,
      requests: ['NoLiveVersion True', 'SpecChanged True', 'back True', 'slow False'],
      ran: ['full kibana-v1 c1', 'full kibana-v2 c1'],
    },
  ],
  [
    'leaving',
    leaving,
    ['killed after', 'done twice', 'reply lost'],
    {
      serves: [],
      versions: [],
      records: ['live undefined candidate undefined'],
      locked: false,
      requests: [],
      jobs: [],
    },
  ],
];

describe.each(plays)('a %s run in a bad world', (_name, play, faults, expected) => {
  let golden: GoldenRun;
  beforeAll(async () => {
    golden = await goldenRun(play);
  });

  const asGolden = (run: GoldenRun, where = ''): void => {
    const { ending, violations, errors } = run;
    expect({ where, ending, violations, errors }).toEqual({ where, ending: golden.ending, violations: [], errors: [] });
  };

  it('has a golden run to be compared with', () => {
    asGolden(golden);
    expect(golden.ending).toMatchObject(expected);
  });

  it.each(faults)(
    'ends as if nothing had happened, with one verified version served at every moment: each write %s',
    async is => {
      for (let at = 0; at < golden.writes.length; at += 1)
        asGolden(await goldenRun(play, fault(is, at)), `write ${at} (${golden.writes[at] ?? ''}) ${is}`);
      console.log(`each write ${is}: ${golden.writes.length} cases`);
    },
    300_000,
  );

  it('ends as if nothing had happened when others change every object right before its status is written', async () => {
    let storms = 0;
    const dice = aDice(1);
    const run = await goldenRun(play, async ({ call, carryOut }, world) => {
      // Two of three writes meet a newer object.
      if (call.what.startsWith('kube.patchStatus ') && dice() < 67) {
        storms += 1;
        await touch(call.what, world);
      }
      return carryOut();
    });
    expect(storms).toBeGreaterThan(10);
    asGolden(run);
  });

  it.each([50, 700, 3000])('ends as if nothing had happened when every watch is %i ms late', async lagMs => {
    asGolden(await goldenRun(play, undefined, world => (world.watchLag = () => lagMs)));
  });

  it.each([3, 10, 20])('ends as if nothing had happened when %i of 100 calls to the engine fail', async percent => {
    const run = await goldenRun(play, undefined, world => {
      const dice = aDice(percent);
      world.beforeCall = call => {
        if (!call.what.startsWith('kube.') && dice() < percent) throw lost(call);
      };
    });
    asGolden(run);
  });
});

/** Numbers from 0 to 99, the same ones in every run of the tests. */
function aDice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * 100);
  };
}

/** Somebody else writes an annotation: the resourceVersion moves. */
async function touch(what: string, world: World): Promise<void> {
  const [plural, name = ''] = (what.split(' ')[1] ?? '').split('/');
  const resource = [indexedRepoResource, reindexRequestResource].find(each => each.plural === plural);
  if (!resource) return;
  const annotations = { touched: String(world.writes.length) };
  await world.kube.patch(resource, { namespace, name }, undefined, { metadata: { annotations } });
}
