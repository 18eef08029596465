import { describe, expect, it } from '@jest/globals';
import { asContract, asContract1, asContract2, readWorkerTask } from '../../../src/work/contract.ts';
import { aRunJob } from '../../support/objects/a-run-job.ts';

const others = {
  REINDEER_SETTINGS_INDEX: 'reindeer-settings',
  REINDEER_JOB_UID: 'job-uid',
  REINDEER_POD_UID: 'pod-uid',
  SEARCH_ENDPOINT: 'https://engine:9200',
};

describe('the environment of a worker', () => {
  it.each([
    ['a heavy run', aRunJob()],
    ['a light run that goes on beside a heavy one', aRunJob({ kind: 'Light', work: { duringReindex: 'Continue' } })],
    ['one part of a version', aRunJob({ work: { mode: 'full', base: '', partitions: 7 } })],
  ])('says the same of %s in contract 1 and in contract 2', (_what, job) => {
    const read = readWorkerTask({ ...others, ...asContract1(job) });
    expect(readWorkerTask({ ...others, ...asContract2(job) })).toEqual(read);
    expect(read.env).toMatchObject({ REINDEER_COMMIT: job.work.commit, REINDEER_PARTITIONS: job.work.partitions });
  });

  const from = { alias: 'orders', from: 'orders-2024', index: 'orders-v2', number: 2, partitions: 1 } as const;
  const move = {
    alias: 'orders',
    expected: [{ index: 'orders-2024', properties: { is_write_index: true } }],
    next: [],
  };
  it.each([
    { program: 'copy', ...from } as const,
    {
      ...({ program: 'cut-over', ...from } as const),
      ...{ blockMs: 30_000, attempts: 10, moves: [move] },
      serving: { settings: { 'index.hidden': null }, dynamic: 'true' } as const,
    },
  ])('says the work of $program in contract 2 alone', work => {
    const { run, kind, step, attempt, token, deadlineSeconds } = aRunJob();
    const job = { run, kind, step, attempt, token, deadlineSeconds, work };
    const env = asContract(job);
    expect(env['REINDEER_CONTRACT']).toBe('2');
    expect(readWorkerTask({ ...others, ...env })).toMatchObject({
      ...{ program: work.program, assigned: job },
      env: { SEARCH_ENDPOINT: 'https://engine:9200', REINDEER_BULK_CONCURRENCY: 2 },
    });
  });

  const told = (changes: object): Record<string, string> => {
    const { REINDEER_ASSIGNMENT = '', ...rest } = asContract2(aRunJob());
    const assignment = { ...(JSON.parse(REINDEER_ASSIGNMENT) as object), ...changes };
    return { ...others, ...rest, REINDEER_ASSIGNMENT: JSON.stringify(assignment) };
  };
  const { work } = aRunJob();

  it.each<readonly [string, Record<string, string>, RegExp]>([
    ['no assignment', { ...others, REINDEER_CONTRACT: '2' }, /REINDEER_ASSIGNMENT/],
    ['something else than JSON', { ...told({}), REINDEER_ASSIGNMENT: '{' }, /must be JSON/],
    ['work of a program that it does not know', told({ work: { ...work, program: 'sing' } }), /program/],
    ['a field that it does not know', told({ work: { ...work, transform: 'x' } }), /transform/],
    ['a commit that is none', told({ work: { ...work, commit: 'main' } }), /commit/],
    ['another contract', { ...others, ...asContract1(aRunJob()), REINDEER_CONTRACT: '3' }, /REINDEER_CONTRACT/],
  ])('is refused with %s', (_what, env, why) => {
    expect(() => readWorkerTask(env)).toThrow(why);
  });
});
