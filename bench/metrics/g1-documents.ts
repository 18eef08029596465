import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realHistory } from '../../test/bed/real-history.ts';
import { attempt, run } from '../../test/bed/command.ts';
import { generatedRepository } from '../generated/repository.ts';
import { bareParse } from '../harness/bare-parse.ts';
import { absentCase, comparedCase } from '../harness/cases.ts';
import { costOf, runToNowhere, type Cost } from '../harness/cost.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { compare, measurePairs, type Pair } from '../harness/pairs.ts';
import { treeOnDisk, type CommitOnDisk } from '../harness/tree-on-disk.ts';
import { fullRunOperations, type Cutting } from '../harness/write-plan.ts';
import { targets, type Target } from '../targets.ts';

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
    const folder = await mkdtemp(join(tmpdir(), 'reindeer-bench-'));
    const bench = { corpus, pairs, folder };
    try {
      cases.push(...(await againstCatFile(bench)), ...(await againstParsing(bench)));
      for (const tool of tools) cases.push(await againstTool(bench, tool));
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  return cases;
}

type Bench = { readonly corpus: Corpus; readonly pairs: number; readonly folder: string };

const figures = [
  { figure: 'cpuSeconds', name: 'by CPU time', unit: 'MB/CPU-s' },
  { figure: 'wallSeconds', name: 'by the clock', unit: 'MB/s' },
] as const;

/** What a case calls each way of cutting. */
const cutNames = { lines: 'line chunks', syntax: 'chunks by syntax' } as const satisfies Record<Cutting, string>;

async function againstCatFile({ corpus, pairs: count, folder }: Bench): Promise<readonly Case[]> {
  const blobs = join(folder, 'blobs');
  const tree = await treeOnDisk(corpus);
  const megabytes = tree.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6;
  await writeFile(blobs, tree.map(({ oid }) => `${oid}\n`).join(''));
  const pairs = await measurePairs(
    count,
    () => costOf(() => discardDocuments(corpus, 'lines')),
    () =>
      costOf(() => runToNowhere(['git', '-C', corpus.path, 'cat-file', '--batch', '--buffer'], { inputFile: blobs })),
  );
  const { lineRateOfLimit } = targets.G1;
  const said = { case: `${cutNames.lines}, ${corpus.name}`, note: 'limit: cat-file' };
  return rateCases(said, { pairs, megabytes }, { cpuSeconds: lineRateOfLimit, wallSeconds: lineRateOfLimit });
}

/** Both by the bytes that have a grammar: what else the commit holds is work of ours alone. */
async function againstParsing({ corpus, pairs: count, folder }: Bench): Promise<readonly Case[]> {
  const { megabytes, parseAll } = await bareParse(corpus, folder);
  const pairs = await measurePairs(
    count,
    () => costOf(() => discardDocuments(corpus, 'syntax')),
    () =>
      costOf(async () => {
        parseAll();
        await Promise.resolve();
      }),
  );
  const said = { case: `${cutNames.syntax}, ${corpus.name}`, note: 'limit: the grammars alone, one thread' };
  return rateCases(said, { pairs, megabytes }, { cpuSeconds: targets.G1.syntaxRateOfParse, wallSeconds: null });
}

/** Ours and the limit in MB for each second, of CPU time and by the clock. */
function rateCases(
  said: { readonly case: string; readonly note: string },
  { pairs, megabytes }: { readonly pairs: readonly Pair<Cost, Cost>[]; readonly megabytes: number },
  targetOf: Readonly<Record<(typeof figures)[number]['figure'], Target | null>>,
): readonly Case[] {
  return figures.map(({ figure, name, unit }) => {
    const rate = (cost: Cost): number => megabytes / cost[figure];
    const whole = { ...said, case: `${said.case}, ${name}`, unit, target: targetOf[figure] };
    return comparedCase(whole, 'limit', compare(pairs, rate, rate));
  });
}

async function discardDocuments(corpus: CommitOnDisk, cutting: Cutting): Promise<void> {
  let bytes = 0;
  for await (const operation of fullRunOperations(corpus, 'bench', cutting)) bytes += operation.bytes.length;
  if (bytes === 0) throw new Error('a full run without documents was measured');
}

/** A compiled program that does a part of the work, over a checked-out tree. */
type Tool = {
  readonly name: string;
  readonly debian: string;
  readonly does: string;
  readonly cutting: Cutting;
  readonly target: Target;
  readonly command: (tree: string) => readonly string[];
};

const tools: readonly Tool[] = [
  {
    name: 'cindex',
    debian: 'codesearch',
    does: 'makes trigrams only',
    cutting: 'lines',
    target: targets.G1.lineCpuOfCindex,
    command: tree => ['cindex', '-reset', tree],
  },
  {
    name: 'ctags',
    debian: 'universal-ctags',
    does: 'finds symbols only',
    cutting: 'syntax',
    target: targets.G1.syntaxCpuOfCtags,
    command: tree => ['ctags', '-R', '-f', '/dev/null', tree],
  },
];

async function againstTool({ corpus, pairs: count, folder }: Bench, tool: Tool): Promise<Case> {
  const { name, debian, cutting, target } = tool;
  const said = { case: `${cutNames[cutting]}, ${corpus.name}, against ${name}`, unit: 'CPU-s', target };
  if ((await attempt(['sh', '-c', `command -v ${name}`])) === undefined) {
    return absentCase({ ...said, note: `${name} is not installed (Debian: apt-get install ${debian})` });
  }
  const tree = await checkedOut(corpus, join(folder, 'tree'));
  const env = { PATH: process.env['PATH'] ?? '', CSEARCHINDEX: join(folder, 'index') };
  const pairs = await measurePairs(
    count,
    () => costOf(() => discardDocuments(corpus, cutting)),
    () => costOf(() => runToNowhere(tool.command(tree), { env })),
  );
  const cpu = (cost: Cost): number => cost.cpuSeconds;
  const note = `${name} ${tool.does}, out of a checked-out tree`;
  return comparedCase({ ...said, note }, 'peer', compare(pairs, cpu, cpu));
}

async function checkedOut({ path, commit }: CommitOnDisk, tree: string): Promise<string> {
  if (existsSync(tree)) return tree;
  await run(['git', 'clone', '--quiet', '--no-checkout', '--shared', path, tree]);
  await run(['git', '-C', tree, 'checkout', '--quiet', '--detach', commit]);
  return tree;
}
