import { generatedRepository, type GeneratedRepository } from '../generated/repository.ts';
import { comparedCase } from '../harness/cases.ts';
import { costOf } from '../harness/cost.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { bodiesOf, minimalClient, type MinimalClient } from '../harness/minimal-bulk.ts';
import { compare, measurePairs, type Comparison } from '../harness/pairs.ts';
import { bulkBytes, bulkConcurrency, onStage, type Stage } from '../harness/stage.ts';
import type { CommitOnDisk } from '../harness/tree-on-disk.ts';
import { fullRunOperations } from '../harness/write-plan.ts';
import { targets } from '../targets.ts';

/** G2: a commit becomes a searchable, verified version; against the same documents, ready before the clock starts. */
export const fullIndexMetric: Metric = { id: 'G2', title: 'full index into a node', run: measure };

/** One more than ours: the engine always has a body waiting. */
const limitInFlight = bulkConcurrency + 1;

const corpora = [
  { endings: 'of-text', name: 'line chunks', target: targets.G2.lineRateOfLimit },
  { endings: 'of-code', name: 'chunks by syntax', target: targets.G2.syntaxRateOfLimit },
] as const;

async function measure({ profile, say }: BenchContext): Promise<readonly Case[]> {
  const files = profile === 'quick' ? 1000 : 10_000;
  return onStage(async stage => {
    const cases: Case[] = [];
    const names = nextName();
    for (const { endings, name, target } of corpora) {
      say(`  ${name}`);
      const repository = await generatedRepository(files, endings);
      const note = 'ours with plan, lease, verification and record; the limit with its refresh alone';
      const said = { case: `${name}, ${files} generated files`, unit: 'MB/s of source', target, note };
      const comparison = await againstBulks(stage, repository, { pairs: profile === 'quick' ? 5 : 7, names });
      cases.push(comparedCase(said, 'limit', comparison));
    }
    return cases;
  });
}

async function againstBulks(
  stage: Stage,
  { path, base, bytes }: GeneratedRepository,
  { pairs: count, names }: { readonly pairs: number; readonly names: () => string },
): Promise<Comparison> {
  const source = { path, commit: base };
  const bodies = await bodiesOf(fullRunOperations(source, 'bench'), bulkBytes);
  const client = minimalClient(stage.bed, limitInFlight);
  try {
    const pairs = await measurePairs(
      count,
      () => fullRun(stage, names(), source),
      () => bulksOnly(stage, names(), client, bodies),
    );
    const rate = (seconds: number): number => bytes / 1e6 / seconds;
    return compare(pairs, rate, rate);
  } finally {
    client.close();
  }
}

function nextName(): () => string {
  let count = 0;
  return () => `full-${(count += 1)}`;
}

async function fullRun(stage: Stage, name: string, { path, commit }: CommitOnDisk): Promise<number> {
  const version = await stage.version(name);
  const { wallSeconds, result: end } = await costOf(() =>
    version.run(path, commit, { input: { bulkBytes, bulkConcurrency } }),
  );
  if (end.exitCode !== 0) throw new Error(`a full run ended with ${end.exitCode}: ${end.result.errors.join('; ')}`);
  await stage.engine.indices.delete(version.index);
  return wallSeconds;
}

async function bulksOnly(
  stage: Stage,
  name: string,
  client: MinimalClient,
  bodies: readonly Buffer[],
): Promise<number> {
  const { index } = await stage.version(name);
  const { wallSeconds } = await costOf(async () => {
    const waiting = [...bodies];
    const lane = async (): Promise<void> => {
      for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) await client.bulk(index, body);
    };
    await Promise.all(Array.from({ length: limitInFlight }, lane));
    await stage.engine.indices.refresh(index);
  });
  await stage.engine.indices.delete(index);
  return wallSeconds;
}
