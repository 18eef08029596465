import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addResults, resultOf, slowestFiles, slowestTests } from '../result.ts';

type Test = {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
  readonly duration?: number;
};

describe('the result of a suite', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'reindeer-result-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const report = (tests: readonly Test[], { message = '', errors = 0 } = {}): string => {
    const file = join(folder, 'report.json');
    const count = (status: string): number => tests.filter(test => test.status === status).length;
    const counts = {
      numPassedTests: count('passed'),
      numFailedTests: count('failed'),
      numPendingTests: 0,
      numTodoTests: 0,
    };
    const status = message === '' && count('failed') === 0 ? 'passed' : 'failed';
    const times = { name: '/some/where/test/unit/a.test.ts', startTime: 1000, endTime: 3500 };
    const testResults = [{ ...times, status, message, assertionResults: tests }];
    writeFileSync(file, JSON.stringify({ ...counts, numRuntimeErrorTestSuites: errors, testResults }));
    return file;
  };
  const took = { name: 'test/unit/a.test.ts', ms: 2500 };
  const good: Test = { fullName: 'a thing works', status: 'passed', failureMessages: [] };
  const bad: Test = {
    fullName: 'a thing lasts',
    status: 'failed',
    failureMessages: ['Error: it broke\n\n  Expected: 1\n    at somewhere (a.ts:1:1)'],
  };

  it('counts what passed', () => {
    expect(resultOf(report([good, good]), 0)).toEqual({
      counts: { passed: 2, failed: 0, skipped: 0 },
      failures: [],
      files: [took],
    });
  });

  it('says of each failed test which one it was and why, without the stack', () => {
    expect(resultOf(report([good, bad]), 1)).toEqual({
      counts: { passed: 1, failed: 1, skipped: 0 },
      failures: ['test/unit/a.test.ts: a thing lasts\n    Error: it broke\n      Expected: 1'],
      files: [took],
    });
  });

  it('names the twenty files that took longest, of all suites together', () => {
    const one = resultOf(report([good]), 0);
    const fast = Array.from({ length: 20 }, (_, at) => ({ name: `test/unit/${at}.test.ts`, ms: at }));
    const { files = [] } = addResults({ ...one, files: fast }, one);
    expect(slowestFiles(files)).toHaveLength(20);
    expect(slowestFiles(files)[0]).toBe('    2.5 s  test/unit/a.test.ts');
    expect(slowestFiles(files)[1]).toBe('    0.0 s  test/unit/19.test.ts');
  });

  it('names the tests that took longest, slowest first', () => {
    const tests = [10, 2500, 40, 90, 30, 20].map((duration, at) => ({ ...good, fullName: `test ${at}`, duration }));
    const slowest = slowestTests(report(tests));
    expect(slowest).toHaveLength(5);
    expect(slowest[0]).toBe('    2.5 s  test/unit/a.test.ts: test 1');
    expect(slowest[4]).toContain('test 5');
  });

  it('says why a file could not be loaded', () => {
    const { counts, failures } = resultOf(report([], { message: 'no such module', errors: 1 }), 1);
    expect(counts.failed).toBe(1);
    expect(failures).toEqual(['test/unit/a.test.ts: \n    no such module']);
  });

  it.each([
    ['jest says that it failed', [good], 1],
    ['nothing ran', [], 0],
    ['jest was killed', [good], undefined],
  ] as const)('is a failure when %s, although no test failed', (_when, tests, status) => {
    const { counts, failures } = resultOf(report(tests), status);
    expect(counts.failed).toBe(1);
    expect(failures).toEqual([
      `jest ended with ${String(status)} and reports ${tests.length} tests passed, none failed`,
    ]);
  });

  it('is a failure without a report', () => {
    expect(resultOf(join(folder, 'absent.json'), undefined).counts.failed).toBe(1);
  });
});
