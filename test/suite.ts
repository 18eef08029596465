import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BedLevel, BedState } from './bed/state.ts';
import { NO_COUNTS, addResults, resultOf, slowestTests, type Result } from './result.ts';

export type Suite = {
  /** Level of the bed that it needs, if any. */
  readonly level?: BedLevel;
  /** It starts parts of a bed by itself, whatever bed is up: what builds them must be on this machine. */
  readonly hasOwnParts?: true;
  /** It asks for a bed of this provider. */
  readonly provider?: BedState['provider'];
  /** It runs on OpenSearch too, when that is asked for. */
  readonly onOpenSearch?: true;
  /** It runs only when it is named. */
  readonly isOptIn?: true;
  /** Files of another suite that it runs too, below test/. */
  readonly also?: readonly string[];
  /** Processes for its files, which have their own namespaces, prefixes or parts; with one they follow each other. */
  readonly workers: string;
};

const suites = {
  unit: { workers: '100%' },
  stories: { workers: '100%' },
  contract: { level: 0, onOpenSearch: true, workers: '2' },
  opensearch: { workers: '1' },
  apiserver: { level: 0, hasOwnParts: true, workers: '1' },
  cluster: { level: 1, onOpenSearch: true, workers: '2' },
  faults: { level: 0, hasOwnParts: true, onOpenSearch: true, workers: '1' },
  docs: { level: 1, hasOwnParts: true, isOptIn: true, workers: '1' },
  kind: {
    level: 1,
    provider: 'kind',
    isOptIn: true,
    also: ['cluster/node.test.ts', 'cluster/lifecycle.test.ts'],
    workers: '1',
  },
} as const satisfies Record<string, Suite>;

export type SuiteName = keyof typeof suites;

export const SUITES: Readonly<Record<SuiteName, Suite>> = suites;

/** All names, in the order in which they run. */
export const SUITE_NAMES: readonly SuiteName[] = [
  'unit',
  'stories',
  'opensearch',
  'contract',
  'apiserver',
  'cluster',
  'faults',
  'docs',
  'kind',
];

/**
 * The order in which they run. Suites of one group run beside each other: one of them is alone with the bed, the other
 * brings its own parts, and much of what they do is waiting for somebody to notice something.
 */
export const GROUPS: readonly (readonly SuiteName[])[] = [
  ['unit'],
  ['stories', 'opensearch'],
  ['contract', 'apiserver'],
  ['cluster', 'faults'],
  ['docs'],
  ['kind'],
];

/**
 * Folder of a suite's files that need the bed to themselves. They run first, one after another: they wait more than they
 * work, which suits the other suite of their group.
 */
const ALONE = 'alone';

/** What takes longer hangs, and counts as failed: a file that has the bed to itself, or all the others of a suite. */
const SUITE_LIMIT_MS = 25 * 60_000;

/**
 * Files of suites that start programs get a fresh process when the one before has grown: a fork copies the page tables of
 * its parent, and a `git` costs 8 ms from a small process, 50 ms from one of 300 MB and 110 ms from one of 800 MB.
 */
const FRESH_ABOVE = '300MB';

const checkout = join(import.meta.dirname, '..');

/** Folder of a suite's files that are for `npm run soak` alone, which names them. */
const SOAK = 'soak';

/** Test files of a suite, below test/. */
export function testFiles(suite: SuiteName): readonly string[] {
  const folder = join(checkout, 'test', suite);
  const own = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  const isOwn = (file: string): boolean => file.endsWith('.test.ts') && !file.startsWith(join(SOAK, '/'));
  const tests = own.filter(isOwn).map(file => join(suite, file));
  return [...tests.sort(), ...(SUITES[suite].also ?? [])];
}

/** Whether a test file ends parts of the bed, which it can do only where they are processes of this machine. */
export function endsParts(file: string): boolean {
  return readFileSync(join(checkout, 'test', file), 'utf8').includes("/bed/parts.ts'");
}

/** Runs test files of a suite with jest, whose own report goes to the terminal. */
export async function runSuite(suite: SuiteName, files: readonly string[], signal: AbortSignal): Promise<Result> {
  const { level, workers } = SUITES[suite];
  const isAlone = (file: string): boolean => workers === '1' || file.startsWith(join(suite, ALONE, '/'));
  const fresh = [`--workerIdleMemoryLimit=${FRESH_ABOVE}`];
  let result: Result = { counts: NO_COUNTS, failures: [] };
  for (const file of files.filter(isAlone))
    result = addResults(result, await runFiles(suite, [file], ['--maxWorkers=1', ...fresh], signal));
  const options = [`--maxWorkers=${workers}`, ...(level === undefined ? [] : fresh)];
  const together = files.filter(file => !isAlone(file));
  return addResults(result, await runFiles(suite, together, options, signal));
}

async function runFiles(
  suite: SuiteName,
  files: readonly string[],
  processes: readonly string[],
  signal: AbortSignal,
): Promise<Result> {
  if (files.length === 0) return { counts: NO_COUNTS, failures: [] };
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-test-'));
  const report = join(folder, 'report.json');
  const paths = files.map(file => join(checkout, 'test', file));
  try {
    const status = await runJest([...processes, '--runTestsByPath', ...paths], report, signal);
    console.log([`slowest of ${suite}:`, ...slowestTests(report)].join('\n'));
    return resultOf(report, status);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function runJest(options: readonly string[], report: string, signal: AbortSignal): Promise<number | undefined> {
  const args = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(checkout, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--json',
    `--outputFile=${report}`,
    ...options,
  ];
  // Between two files of a suite nothing listens.
  if (signal.aborted) return undefined;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(SUITE_LIMIT_MS)]);
  return new Promise(resolve => {
    // The report on standard output would only repeat the file.
    const jest = spawn(process.execPath, args, {
      cwd: checkout,
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
    });
    // With its workers, and with what the tests in them started: they would go on, and slow down what comes next.
    const end = (): boolean => jest.pid !== undefined && process.kill(-jest.pid, 'SIGKILL');
    limit.addEventListener('abort', end, { once: true });
    jest.on('error', () => resolve(undefined));
    jest.on('exit', code => {
      limit.removeEventListener('abort', end);
      resolve(code ?? undefined);
    });
  });
}
