import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realHistory } from '../../test/bed/real-history.ts';
import { attempt, run } from '../../test/bed/command.ts';
import { generatedRepository } from '../generated/repository.ts';
import { absentCase, comparedCase } from '../harness/cases.ts';
import { costOf, runToNowhere, type Cost } from '../harness/cost.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { compare, measurePairs } from '../harness/pairs.ts';
import { fullRunOperations, type CommitOnDisk } from '../harness/write-plan.ts';
import { targets } from '../targets.ts';

/** G1: from a commit to the bulk lines of all its documents, which are thrown away. */
export const documentsMetric: Metric = { id: 'G1', title: 'Git to NDJSON, discarded', run: measure };

type Corpus = CommitOnDisk & { readonly name: string };

async function measure({ profile, say }: BenchContext): Promise<readonly Case[]> {
  const pairs = profile === 'quick' ? 5 : 9;
  const files = profile === 'quick' ? 3000 : 20_000;
  const history = await realHistory(async (_, work) => work());
  const generated = await generatedRepository(files);
  const corpora: readonly Corpus[] = [
    { name: `${files} generated files`, path: generated.path, commit: generated.base },
    { name: 'real history, all versions side by side', path: history.repository, commit: history.wide },
  ];
  const cases: Case[] = [];
  for (const corpus of corpora) {
    say(`  ${corpus.name}`);
    cases.push(...(await againstCatFile(corpus, pairs)), ...(await againstCindex(corpus, pairs)));
  }
  return cases;
}

async function againstCatFile(corpus: Corpus, count: number): Promise<readonly Case[]> {
  const folder = await mkdtemp(join(tmpdir(), 'reindeer-bench-'));
  try {
    const blobs = join(folder, 'blobs');
    const megabytes = await writeBlobList(corpus, blobs);
    const pairs = await measurePairs(
      count,
      () => costOf(() => discardDocuments(corpus)),
      () => costOf(() => catFile(corpus, blobs)),
    );
    return (['cpuSeconds', 'wallSeconds'] as const).map(figure => {
      const rate = (cost: Cost): number => megabytes / cost[figure];
      const said = {
        case: `line chunks, ${corpus.name}, by ${figure === 'cpuSeconds' ? 'CPU time' : 'the clock'}`,
        unit: figure === 'cpuSeconds' ? 'MB/CPU-s' : 'MB/s',
        target: targets.G1.lineRateOfLimit,
      };
      return comparedCase(said, 'limit', compare(pairs, rate, rate));
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function discardDocuments(corpus: CommitOnDisk): Promise<void> {
  let bytes = 0;
  for await (const operation of fullRunOperations(corpus, 'bench')) bytes += operation.bytes.length;
  if (bytes === 0) throw new Error('a full run without documents was measured');
}

async function catFile({ path }: CommitOnDisk, blobs: string): Promise<void> {
  await runToNowhere(['git', '-C', path, 'cat-file', '--batch', '--buffer'], { inputFile: blobs });
}

/** The blobs of a commit in the order of its paths, as a full run reads them; gives the size of all of them in MB. */
async function writeBlobList({ path, commit }: CommitOnDisk, file: string): Promise<number> {
  const listed = await run(['git', '-C', path, 'ls-tree', '-r', '-l', '--full-tree', commit]);
  const entries = listed
    .trim()
    .split('\n')
    .map(line => line.split(/\s+/, 4));
  const blobs = entries.filter(([, type]) => type === 'blob');
  await writeFile(file, blobs.map(([, , oid]) => `${oid ?? ''}\n`).join(''));
  return blobs.reduce((sum, [, , , size]) => sum + Number(size), 0) / 1e6;
}

/** cindex of Debian's `codesearch` indexes trigrams of a checked-out tree: a part of the work, in a compiled program. */
async function againstCindex(corpus: Corpus, count: number): Promise<readonly Case[]> {
  const said = {
    case: `line chunks, ${corpus.name}, against cindex`,
    unit: 'CPU-s',
    target: targets.G1.lineCpuOfCindex,
    note: 'cindex makes trigrams only, out of a checked-out tree',
  };
  if ((await attempt(['sh', '-c', 'command -v cindex'])) === undefined) {
    return [absentCase({ ...said, note: 'cindex is not installed (Debian: codesearch)' })];
  }
  const folder = await mkdtemp(join(tmpdir(), 'reindeer-bench-'));
  try {
    const tree = join(folder, 'tree');
    await run(['git', 'clone', '--quiet', '--no-checkout', '--shared', corpus.path, tree]);
    await run(['git', '-C', tree, 'checkout', '--quiet', '--detach', corpus.commit]);
    const env = { PATH: process.env['PATH'] ?? '', CSEARCHINDEX: join(folder, 'index') };
    const pairs = await measurePairs(
      count,
      () => costOf(() => discardDocuments(corpus)),
      () => costOf(() => runToNowhere(['cindex', '-reset', tree], { env })),
    );
    const cpu = (cost: Cost): number => cost.cpuSeconds;
    return [comparedCase(said, 'peer', compare(pairs, cpu, cpu))];
  } finally {
    await rm(folder, { recursive: true });
  }
}
