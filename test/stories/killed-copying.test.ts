import { beforeAll, describe, expect, it } from '@jest/globals';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { isWhole, oneIn, seed } from '../support/objects/sampled.ts';
import {
  aCopy,
  aWorldToCopy,
  freezeInCutOver,
  numbersIn,
  original,
  type Application,
} from '../support/worlds/a-copied-alias.ts';
import { fault, type Fault, type Interference } from '../support/worlds/a-golden-run.ts';
import type { World } from '../support/worlds/a-world.ts';

type Ending = {
  readonly serves: readonly (readonly string[])[];
  readonly versions: readonly string[];
  readonly aliases: readonly string[];
  readonly records: readonly string[];
  readonly isBlocked: boolean;
  readonly isLocked: boolean;
  readonly request: string;
  readonly jobs: number;
  /** Documents behind the alias that are not as they were acknowledged. */
  readonly wrong: readonly string[];
  readonly errors: readonly string[];
};

type Run = { readonly ending: Ending; readonly writes: readonly string[]; readonly violations: readonly string[] };
type Play = (world: World) => Promise<void>;

const ended = async (world: World): Promise<void> =>
  world.untilCondition(reindexRequestResource, 'copy', 'Finished', 'True');

const plays: Readonly<Record<string, Play>> = {
  copying: async world => {
    await aCopy(world, { gates: ['BeforeSwitch'] });
    await world.untilCondition(reindexRequestResource, 'copy', 'Paused', 'True', 'AwaitingApproval');
    await aCopy(world, { gates: ['BeforeSwitch'], approved: ['BeforeSwitch'] });
    await ended(world);
  },
  'given up': async world => {
    world.worker.fate = ({ program }) => (program === 'cut-over' ? 'hang' : 'succeed');
    await aCopy(world);
    await freezeInCutOver(world);
    await aCopy(world, { abort: true });
    await ended(world);
  },
  'taken out of the hands of a frozen worker': async world => {
    world.worker.fate = ({ program }) => (program === 'cut-over' ? 'hang' : 'succeed');
    await aCopy(world);
    await freezeInCutOver(world);
    await world.until('it is ended', async () => (await world.engine.indices.writeBlocks(original)).length === 0, 2);
    world.worker.fate = () => 'succeed';
    await ended(world);
  },
};

async function played(play: Play, interfere: Interference): Promise<Run> {
  const { world, application } = await aWorldToCopy();
  const violations: string[] = [];
  let count = 0;
  world.meddle = async (call, carryOut) => {
    const answer = await interfere({ call, at: count++, carryOut }, world);
    const serves = await world.serves('orders');
    // An application may ask at any moment.
    if (![original, 'orders-v2'].includes(serves.join())) violations.push(`after ${call.what}: ${serves.join()}`);
    return answer;
  };
  await play(world);
  application.callsToOne = 0;
  await world.pass(90, 5);
  const ending = await endingOf(world, application);
  await world.stopOperator();
  return { ending, writes: world.writes, violations };
}

async function endingOf(world: World, application: Application): Promise<Ending> {
  const record = (await world.settings.aliasRecord('orders'))?.source;
  const [left] = await world.engine.indices.describe(original);
  const found = await numbersIn(world, 'orders');
  const ids = new Set([...Object.keys(found), ...application.holds.keys()]);
  return {
    serves: await Promise.all(['orders', 'orders-read'].map(async alias => world.serves(alias))),
    versions: await world.versions('orders'),
    aliases: Object.keys(left?.aliases ?? {}).toSorted(),
    records: [
      `live ${String(record?.live)} candidate ${String(record?.candidate)} retired ${String(record?.retired)}`,
      ...(await world.settings.versionRecords('orders')).map(({ index, phase }) => `${index} ${phase}`),
    ],
    isBlocked: (await world.engine.indices.writeBlocks(original)).length > 0,
    isLocked: await world.isLocked('orders'),
    request: (await world.condition(reindexRequestResource, 'copy', 'Succeeded'))?.reason ?? '',
    jobs: (await world.jobs()).length,
    wrong: [...ids].filter(id => found[id] !== application.holds.get(id)),
    errors: world.errors(),
  };
}

/** One write in so many is hit. */
const sampled: Readonly<Partial<Record<Fault, number>>> = { 'killed after': 3, 'reply lost': 6, 'done twice': 6 };

describe.each(Object.entries(plays))('a copy that is %s', (_name, play) => {
  let golden: Run;
  beforeAll(async () => {
    golden = await played(play, async ({ carryOut }) => carryOut());
  });

  it('has a run to be compared with', () => {
    expect(golden.violations).toEqual([]);
    expect(golden.ending).toMatchObject({ wrong: [], errors: [], isLocked: false });
    expect(golden.writes.length).toBeGreaterThan(20);
  });

  it.each(Object.entries(sampled) as [Fault, number][])(
    'ends as if nothing had happened: a write %s',
    async (is, oneOf) => {
      const one = isWhole ? 1 : oneOf;
      for (const at of oneIn(one, golden.writes.length)) {
        const { ending, violations } = await played(play, fault(is, at));
        const where = `write ${at} (${golden.writes[at] ?? ''}) ${is}`;
        expect({ where, ending, violations }).toEqual({ where, ending: golden.ending, violations: [] });
      }
      console.log(`one of ${one} of ${golden.writes.length} writes ${is}, seed ${seed}`);
    },
    120_000,
  );
});
