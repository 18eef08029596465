import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BedLevel } from './bed/state.ts';

/** The suites in the order in which they run, with the level of the bed that each needs, if any. */
export const SUITES = {
  unit: undefined,
  stories: undefined,
  contract: 0,
  apiserver: 0,
  cluster: 1,
  faults: 1,
} as const satisfies Record<string, BedLevel | undefined>;

export type SuiteName = keyof typeof SUITES;

export type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

export const NO_COUNTS: Counts = { passed: 0, failed: 0, skipped: 0 };

/** A suite that takes longer hangs, and counts as failed. */
const SUITE_LIMIT_MS = 25 * 60_000;

const checkout = join(import.meta.dirname, '..');

export function addCounts(one: Counts, other: Counts): Counts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

/** Test files of a suite. */
export function testFiles(suite: SuiteName): readonly string[] {
  const folder = join(checkout, 'test', suite);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.test.ts'));
}

/** Runs a suite with jest, whose own report goes to the terminal. A suite without tests is a failure. */
export async function runSuite(suite: SuiteName, signal: AbortSignal): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-test-'));
  const report = join(folder, 'report.json');
  try {
    const status = await runJest(suite, report, signal);
    return countsOf(report, status);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * One file of the faults has the bed to itself, the others bring their own parts: beside each other, because most of their
 * time is waiting for somebody to notice something.
 */
function workersOf(suite: SuiteName): string {
  return suite === 'faults' ? '--maxWorkers=2' : '--runInBand';
}

type JestReport = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
};

function countsOf(reportFile: string, status: number | undefined): Counts {
  if (!existsSync(reportFile)) return { ...NO_COUNTS, failed: 1 };
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as JestReport;
  const counts = {
    passed: report.numPassedTests,
    // A file that cannot even be loaded reports no tests of its own.
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  const claimsSuccess = counts.failed === 0;
  return claimsSuccess && (status !== 0 || counts.passed === 0) ? { ...counts, failed: 1 } : counts;
}

async function runJest(suite: SuiteName, report: string, signal: AbortSignal): Promise<number | undefined> {
  const args = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(checkout, 'node_modules', 'jest', 'bin', 'jest.js'),
    `--testPathPatterns=/test/${suite}/`,
    '--json',
    `--outputFile=${report}`,
    // A bed is shared by all files of a suite; without one they may run beside each other.
    ...(SUITES[suite] === undefined ? [] : [workersOf(suite), '--testTimeout=60000']),
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
