import { changeCounts, generatedRepository } from '../generated/repository.ts';
import { absentCase, comparedCase, ownCase } from '../harness/cases.ts';
import type { Cost } from '../harness/cost.ts';
import { noopRun, readyVersion, stepLimit, stepRuns, type Ready } from '../harness/light-runs.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { minimalClient, type MinimalClient } from '../harness/minimal-bulk.ts';
import { compare, compareGroups, geometricMean, measurePairs, type Pair } from '../harness/pairs.ts';
import { onStage } from '../harness/stage.ts';
import { targets } from '../targets.ts';

/** G3: a run that finds little changed, as a whole Job process over HTTPS and without a volume. */
export const incrementalMetric: Metric = { id: 'G3', title: 'incremental runs', run: measure };

const quickSizes = [1000, 10_000] as const;
const fullSizes = [1000, 10_000, 100_000] as const;
/** How many changes are set against a full run and against another size of repository. */
const few = 10;

async function measure({ profile, say }: BenchContext): Promise<readonly Case[]> {
  const kept = profile === 'quick' ? 4 : 7;
  const counts = profile === 'quick' ? changeCounts.filter(count => count <= 100) : changeCounts;
  return onStage(async stage => {
    const client = minimalClient(stage.bed, 1);
    try {
      const all: Ready[] = [];
      const cases: Case[] = [];
      for (const files of profile === 'quick' ? quickSizes : fullSizes) {
        const ready = await readyVersion(stage, await generatedRepository(files));
        say(`  ${files} files: full run in ${ready.full.wallSeconds.toFixed(1)} s`);
        cases.push(...(await casesOf(ready, client, { kept, counts })));
        all.push(ready);
      }
      const [smallest, ...larger] = all;
      for (const each of larger) if (smallest) cases.push(...(await growthCases(each, smallest, kept)));
      return cases;
    } finally {
      client.close();
    }
  });
}

type Plan = { readonly kept: number; readonly counts: readonly number[] };
type StepPairs = readonly Pair<Cost, Cost>[];

async function casesOf(ready: Ready, client: MinimalClient, { kept, counts }: Plan): Promise<readonly Case[]> {
  const { files } = ready.repository;
  const noops: Cost[] = [];
  for (let at = 0; at <= kept; at += 1) noops.push(await noopRun(ready));
  const steps = new Map<number, StepPairs>();
  for (const count of counts) {
    const { next, home } = stepRuns(ready, count);
    steps.set(count, await measurePairs(kept, next, await stepLimit(ready, client, count)));
    await home();
  }
  const noop = { case: `nothing to do, ${files} files`, unit: 's', note: 'process start included' };
  return [
    ownCase({ ...noop, target: targets.G3.noopSeconds }, noops.slice(1).map(wall)),
    ...[...steps].map(([count, pairs]) =>
      comparedCase({ case: `${count} changed of ${files} files`, unit: 's' }, 'limit', compare(pairs, wall, wall)),
    ),
    comparedCase(
      { case: `${few} changed of ${files} files against a full run`, unit: 's', target: targets.G3.tenChangesOfFull },
      'peer',
      compareGroups(secondsOf(steps, few), [ready.full.wallSeconds]),
    ),
    perFileCase(ready, steps),
  ];
}

/** What each further changed file costs, above the fixed part of a run that changes none. */
function perFileCase({ repository: { files }, full }: Ready, steps: ReadonlyMap<number, StepPairs>): Case {
  const said = {
    case: `each changed file of ${files} against each file of a full run`,
    unit: 'ms',
    target: targets.G3.perFileOfFull,
    note: 'both above the fixed part of a run',
  };
  const fixed = geometricMean(secondsOf(steps, 0));
  const most = Math.max(...steps.keys());
  const slope = secondsOf(steps, most).map(seconds => ((seconds - fixed) / most) * 1000);
  if (slope.some(each => each <= 0)) return absentCase({ ...said, note: 'less than the spread of the fixed part' });
  return comparedCase(said, 'peer', compareGroups(slope, [((full.wallSeconds - fixed) / files) * 1000]));
}

/** The same few changes in a larger repository, by turns with the smaller one. */
async function growthCases(large: Ready, small: Ready, kept: number): Promise<readonly Case[]> {
  const [inLarge, inSmall] = [stepRuns(large, few), stepRuns(small, few)];
  const pairs = await measurePairs(kept, inLarge.next, inSmall.next);
  await inLarge.home();
  await inSmall.home();
  const [files, fewer] = [large.repository.files, small.repository.files];
  const said = { target: targets.G3.growthWithRepository, note: `peer = our own run in ${fewer} files` };
  const name = `${few} changed of ${files} files against ${few} of ${fewer}`;
  return [
    comparedCase({ ...said, case: `${name}, by CPU time`, unit: 'CPU-s' }, 'peer', compare(pairs, cpu, cpu)),
    comparedCase({ ...said, case: `${name}, by the clock`, unit: 's' }, 'peer', compare(pairs, wall, wall)),
  ];
}

function secondsOf(steps: ReadonlyMap<number, StepPairs>, count: number): readonly number[] {
  return (steps.get(count) ?? []).map(pair => pair.ours.wallSeconds);
}

function wall(cost: Cost): number {
  return cost.wallSeconds;
}

function cpu(cost: Cost): number {
  return cost.cpuSeconds;
}
