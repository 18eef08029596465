import type { IndexedVersion } from '../../test/support/an-indexed-version.ts';
import { changeCounts, generatedRepository, type GeneratedRepository } from '../generated/repository.ts';
import { absentCase, comparedCase, ownCase } from '../harness/cases.ts';
import { changedOperations, readStep } from '../harness/changed-documents.ts';
import { costOf } from '../harness/cost.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { bodiesOf, minimalClient, type MinimalClient } from '../harness/minimal-bulk.ts';
import { compare, compareGroups, geometricMean, measurePairs, type Pair } from '../harness/pairs.ts';
import { bulkBytes, onStage, type Stage } from '../harness/stage.ts';
import { targets } from '../targets.ts';

/** G3: a run that finds little changed, as a whole Job process over HTTPS and without a volume. */
export const incrementalMetric: Metric = { id: 'G3', title: 'incremental runs', run: measure };

const quickSizes = [1000, 10_000] as const;
const fullSizes = [1000, 10_000, 100_000] as const;
const smallest = quickSizes[0];

/** Seconds of the runs in a repository of one size. */
type Runs = {
  readonly files: number;
  readonly full: number;
  readonly noop: readonly number[];
  /** By number of changed files. */
  readonly steps: ReadonlyMap<number, readonly Pair<number, number>[]>;
};

async function measure({ profile, say }: BenchContext): Promise<readonly Case[]> {
  const kept = profile === 'quick' ? 4 : 7;
  const counts = profile === 'quick' ? changeCounts.filter(count => count <= 100) : changeCounts;
  const all: Runs[] = [];
  for (const files of profile === 'quick' ? quickSizes : fullSizes) {
    const repository = await generatedRepository(files);
    all.push(await onStage(stage => runsIn(stage, repository, { kept, counts, say })));
  }
  return [...all.flatMap(casesOf), ...growthCases(all)];
}

type Plan = { readonly kept: number; readonly counts: readonly number[]; readonly say: BenchContext['say'] };

async function runsIn(stage: Stage, repository: GeneratedRepository, { kept, counts, say }: Plan): Promise<Runs> {
  const version = await stage.version('incremental');
  const repoUrl = `${stage.bed.git.url}${stage.serve('incremental', repository.path)}`;
  const job = (commit: string) => ({ version, repoUrl, commit, mode: 'incremental' as const });
  const full = await stage.work({ ...job(repository.base), mode: 'full' });
  say(`  ${repository.files} files: full run in ${full.wallSeconds.toFixed(1)} s`);
  const client = minimalClient(stage.bed, 1);
  try {
    const noop: number[] = [];
    for (let at = 0; at <= kept; at += 1) noop.push((await stage.work(job(repository.base))).wallSeconds);
    const steps = new Map<number, readonly Pair<number, number>[]>();
    for (const count of counts) {
      const changed = repository.changed[count];
      if (changed === undefined) continue;
      const limit = await preparedLimit(stage, client, { path: repository.path, from: repository.base, to: changed });
      const step = backAndForth(stage, version, repoUrl, [changed, repository.base]);
      steps.set(count, await measurePairs(kept, step, limit));
      // The next step begins at the base again.
      await stage.work(job(repository.base));
      say(`  ${repository.files} files, ${count} changed`);
    }
    return { files: repository.files, full: full.wallSeconds, noop: noop.slice(1), steps };
  } finally {
    client.close();
  }
}

/** A run to the next of the commits by turns: each changes as many files as the other. Gives its seconds. */
function backAndForth(
  stage: Stage,
  version: IndexedVersion,
  repoUrl: string,
  commits: readonly string[],
): () => Promise<number> {
  let at = 0;
  return async () => {
    const commit = commits[at % commits.length] ?? '';
    at += 1;
    const { wallSeconds, result } = await stage.work({ version, repoUrl, commit, mode: 'incremental' });
    if (result.outcome !== 'succeeded')
      throw new Error(`a run that was to change something ended as ${result.outcome}`);
    return wallSeconds;
  };
}

/** Which files differ, their content, and one bulk of documents that were made before. */
async function preparedLimit(
  stage: Stage,
  client: MinimalClient,
  step: { readonly path: string; readonly from: string; readonly to: string },
): Promise<() => Promise<number>> {
  const { index } = await stage.version('limit');
  const bodies = await bodiesOf(changedOperations(step), bulkBytes);
  return async () => {
    const { wallSeconds } = await costOf(async () => {
      await readStep(step);
      for (const body of bodies) await client.bulk(index, body);
    });
    return wallSeconds;
  };
}

function casesOf({ files, full, noop, steps }: Runs): readonly Case[] {
  const cases = [
    ownCase(
      {
        case: `nothing to do, ${files} files`,
        unit: 's',
        target: targets.G3.noopSeconds,
        note: 'process start included',
      },
      noop,
    ),
  ];
  for (const [count, pairs] of steps) {
    const said = { case: `${count} changed of ${files} files`, unit: 's' };
    const same = (seconds: number): number => seconds;
    cases.push(comparedCase(said, 'limit', compare(pairs, same, same)));
  }
  const ten = secondsOf(steps, 10);
  const tenSaid = { case: `10 changed of ${files} files against a full run`, unit: 's' };
  cases.push(
    comparedCase({ ...tenSaid, target: targets.G3.tenChangesOfFull }, 'peer', compareGroups(ten, [full])),
    perFileCase(files, full, steps),
  );
  return cases;
}

/** What each further changed file costs, above the fixed part of a run that changes none. */
function perFileCase(files: number, full: number, steps: Runs['steps']): Case {
  const said = {
    case: `each changed file, ${files} files, against each file of a full run`,
    unit: 'ms',
    target: targets.G3.perFileOfFull,
    note: 'both above the fixed part of a run',
  };
  const fixed = geometricMean(secondsOf(steps, 0));
  const most = Math.max(...steps.keys());
  const slope = secondsOf(steps, most).map(seconds => ((seconds - fixed) / most) * 1000);
  if (slope.some(each => each <= 0)) return absentCase({ ...said, note: 'less than the spread of the fixed part' });
  return comparedCase(said, 'peer', compareGroups(slope, [((full - fixed) / files) * 1000]));
}

/** The same ten changes in a larger repository. */
function growthCases(all: readonly Runs[]): readonly Case[] {
  const [small, ...larger] = all.map(({ files, steps }) => ({ files, ten: secondsOf(steps, 10) }));
  return larger.map(({ files, ten }) => {
    const said = {
      case: `10 changed of ${files} files against 10 of ${smallest}`,
      unit: 's',
      target: targets.G3.growthWithRepository,
      note: `peer = our own run in ${smallest} files`,
    };
    return comparedCase(said, 'peer', compareGroups(ten, small?.ten ?? []));
  });
}

function secondsOf(steps: Runs['steps'], count: number): readonly number[] {
  return (steps.get(count) ?? []).map(pair => pair.ours);
}
