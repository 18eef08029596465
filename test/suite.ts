import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BedLevel } from './bed/state.ts';
import { addResults, resultOf, type Result } from './result.ts';

/** The suites, with the level of the bed that each needs, if any. */
export const SUITES = {
  unit: undefined,
  stories: undefined,
  contract: 0,
  apiserver: 0,
  cluster: 1,
  faults: 0,
} as const satisfies Record<string, BedLevel | undefined>;

export type SuiteName = keyof typeof SUITES;

/**
 * The order in which they run. Suites of one group run beside each other: one of them is alone with the bed, the other
 * brings its own parts, and much of what they do is waiting for somebody to notice something.
 */
export const GROUPS: readonly (readonly SuiteName[])[] = [
  ['unit'],
  ['stories'],
  ['contract', 'apiserver'],
  ['cluster', 'faults'],
];

/** Processes for the files of a suite. Files of one suite have their own namespaces, prefixes or parts. */
const WORKERS: Readonly<Record<SuiteName, string>> = {
  unit: '100%',
  stories: '100%',
  contract: '2',
  apiserver: '1',
  cluster: '2',
  faults: '2',
};

/**
 * Folder of a suite's files that need the bed to themselves. They run first, one after another: they wait more than they
 * work, which suits the other suite of their group.
 */
const ALONE = 'alone';

/** A suite that takes longer hangs, and counts as failed. */
const SUITE_LIMIT_MS = 25 * 60_000;

const checkout = join(import.meta.dirname, '..');

/** Test files of a suite. */
export function testFiles(suite: SuiteName): readonly string[] {
  const folder = join(checkout, 'test', suite);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.test.ts'));
}

/** Runs a suite with jest, whose own report goes to the terminal. A suite without tests is a failure. */
export async function runSuite(suite: SuiteName, signal: AbortSignal): Promise<Result> {
  const together = [`--testPathPatterns=/test/${suite}/`, `--maxWorkers=${WORKERS[suite]}`];
  if (!existsSync(join(checkout, 'test', suite, ALONE))) return runFiles(together, signal);
  const alone = [`--testPathPatterns=/test/${suite}/${ALONE}/`, '--runInBand'];
  const first = await runFiles(alone, signal);
  return addResults(first, await runFiles([...together, `--testPathIgnorePatterns=/${ALONE}/`], signal));
}

async function runFiles(which: readonly string[], signal: AbortSignal): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-test-'));
  const report = join(folder, 'report.json');
  try {
    return resultOf(report, await runJest(which, report, signal));
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
  const limit = AbortSignal.any([signal, AbortSignal.timeout(SUITE_LIMIT_MS)]);
  return new Promise(resolve => {
    // The report on standard output would only repeat the file.
    const jest = spawn(process.execPath, args, { cwd: checkout, stdio: ['ignore', 'ignore', 'inherit'] });
    limit.addEventListener('abort', () => jest.kill('SIGKILL'), { once: true });
    jest.on('error', () => resolve(undefined));
    jest.on('exit', code => resolve(code ?? undefined));
  });
}
