import { existsSync, readFileSync } from 'node:fs';

export type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

/** What a suite came to, of each test that failed which one it was and why, and how long its files took. */
export type Result = {
  readonly counts: Counts;
  readonly failures: readonly string[];
  readonly files?: readonly TestFile[] | undefined;
};

export type TestFile = { readonly name: string; readonly ms: number };

export const NO_COUNTS: Counts = { passed: 0, failed: 0, skipped: 0 };

/** Lines of a failure that are said again at the end; all of it stands where it happened. */
const LINES_AGAIN = 12;

export function addCounts(one: Counts, other: Counts): Counts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

export function addResults(one: Result, other: Result): Result {
  return {
    counts: addCounts(one.counts, other.counts),
    failures: [...one.failures, ...other.failures],
    files: [...(one.files ?? []), ...(other.files ?? [])],
  };
}

type JestReport = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** In ms since 1970. */
    readonly startTime: number;
    readonly endTime: number;
    /** Of the file, when it could not be loaded. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
      /** In ms, without what its file sets up before it. */
      readonly duration?: number | null;
    }[];
  }[];
};

/** Reads the report of jest, which ended with this exit code. Without a report, or with one that contradicts it, it failed. */
export function resultOf(reportFile: string, status: number | undefined): Result {
  if (!existsSync(reportFile)) return aFailure(`jest ended with ${String(status)} and without a report`);
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as JestReport;
  const counts = {
    passed: report.numPassedTests,
    // A file that cannot even be loaded reports no tests of its own.
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  const files = report.testResults.map(file => ({ name: shortName(file.name), ms: file.endTime - file.startTime }));
  if (counts.failed > 0) return { counts, failures: report.testResults.flatMap(failuresOf), files };
  if (status === 0 && counts.passed > 0) return { counts, failures: [], files };
  const why = `jest ended with ${String(status)} and reports ${counts.passed} tests passed, none failed`;
  return addResults({ counts, failures: [] }, aFailure(why));
}

const TESTS_SHOWN = 5;
const FILES_SHOWN = 20;

/** The tests that took longest, slowest first: where a suite that takes too long is to be cut. */
export function slowestTests(reportFile: string): readonly string[] {
  if (!existsSync(reportFile)) return [];
  const { testResults } = JSON.parse(readFileSync(reportFile, 'utf8')) as JestReport;
  return testResults
    .flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ fullName, duration }) => ({
        what: `${shortName(name)}: ${fullName}`,
        ms: duration ?? 0,
      })),
    )
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, TESTS_SHOWN)
    .map(({ what, ms }) => `${seconds(ms)}  ${what}`);
}

/** The files that took longest, slowest first, with what they set up before their tests. */
export function slowestFiles(files: readonly TestFile[]): readonly string[] {
  return files
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, FILES_SHOWN)
    .map(({ name, ms }) => `${seconds(ms)}  ${name}`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(7)} s`;
}

export const aPass: Result = { counts: { ...NO_COUNTS, passed: 1 }, failures: [] };

export function aFailure(why: string): Result {
  return { counts: { ...NO_COUNTS, failed: 1 }, failures: [why] };
}

function failuresOf({ name, status, message, assertionResults }: JestReport['testResults'][number]): readonly string[] {
  const failed = assertionResults.filter(test => test.status === 'failed');
  if (failed.length === 0) return status === 'failed' ? [failure(name, '', [message])] : [];
  return failed.map(test => failure(name, test.fullName, test.failureMessages ?? []));
}

function failure(file: string, test: string, messages: readonly string[]): string {
  const said = messages
    .join('\n')
    .split('\n')
    .filter(line => line.trim() !== '' && !/^\s+at /.test(line));
  return [`${shortName(file)}: ${test}`, ...said.slice(0, LINES_AGAIN)].join('\n    ');
}

function shortName(file: string): string {
  return file.replace(/^.*\/test\//, 'test/');
}
