import { beforeAll, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../../src/api/reindex-request.ts';
import { fault, goldenRun, lost, type Ending, type Fault, type GoldenRun, type Play } from './a-golden-run.ts';
import type { World } from './a-world.ts';
import { dice } from '../objects/dice.ts';
import { isWhole, oneIn, seed } from '../objects/sampled.ts';
import { namespace } from './world-view.ts';

/** A play and how it ends when nothing happens to it. */
export type Told = { readonly name: string; readonly play: Play; readonly ends: Partial<Ending> };

/** One write in so many is hit; killed after is what each write gets most often. */
const sampled = (is: Fault): number => (is === 'killed after' ? 3 : 6);

/**
 * The play with its writes hit by the faults; and among others who write, with late watches, and with an
 * engine that fails.
 */
export function survives({ name, play, ends }: Told, faults: readonly Fault[]): void {
  describe(`a ${name} run in a bad world`, () => {
    let golden: GoldenRun;
    beforeAll(async () => {
      golden = await goldenRun(play);
    });

    it('has a golden run to be compared with', () => {
      expectGolden(golden, golden);
      expect(golden.ending).toMatchObject(ends);
    });

    it.each(faults)(
      'ends as if nothing had happened, with one verified version served at every moment: a write %s',
      async is => {
        const oneOf = isWhole ? 1 : sampled(is);
        for (const at of oneIn(oneOf, golden.writes.length))
          expectGolden(await goldenRun(play, fault(is, at)), golden, `write ${at} (${golden.writes[at] ?? ''}) ${is}`);
        console.log(`one of ${oneOf} of ${golden.writes.length} writes ${is}, seed ${seed}`);
      },
      300_000,
    );

    it('ends as if nothing had happened when others change every object right before its status is written', async () => {
      let storms = 0;
      const roll = dice(1);
      const run = await goldenRun(play, async ({ call, carryOut }, world) => {
        // Two of three writes meet a newer object.
        if (call.what.startsWith('kube.patchStatus ') && 100 * roll() < 67) {
          storms += 1;
          await touch(call.what, world);
        }
        return carryOut();
      });
      expect(storms).toBeGreaterThan(10);
      expectGolden(run, golden);
    });

    it.each([50, 700, 3000])('ends as if nothing had happened when every watch is %i ms late', async lagMs => {
      const run = await goldenRun(play, undefined, world => (world.watchLag = () => lagMs));
      expectGolden(run, golden);
    });

    it.each([3, 10, 20])('ends as if nothing had happened when %i of 100 calls to the engine fail', async percent => {
      const run = await goldenRun(play, undefined, world => {
        const roll = dice(percent);
        world.beforeCall = call => {
          if (!call.what.startsWith('kube.') && 100 * roll() < percent) throw lost(call);
        };
      });
      expectGolden(run, golden);
    });
  });
}

function expectGolden({ ending, violations, errors }: GoldenRun, golden: GoldenRun, where = ''): void {
  expect({ where, ending, violations, errors }).toEqual({ where, ending: golden.ending, violations: [], errors: [] });
}

/** Somebody else writes an annotation: the resourceVersion moves. */
async function touch(what: string, world: World): Promise<void> {
  const [plural, name = ''] = (what.split(' ')[1] ?? '').split('/');
  const resource = [indexedRepoResource, reindexRequestResource].find(each => each.plural === plural);
  if (!resource) return;
  const annotations = { touched: String(world.writes.length) };
  await world.kube.patch(resource, { namespace, name }, undefined, { metadata: { annotations } });
}
