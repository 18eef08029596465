import { describe, expect, it } from '@jest/globals';
import { newestCommit } from '../../../../src/runs/newest-commit.ts';
import type { ObservedJob } from '../../../../src/runs/observed.ts';
import { indexJob } from '../../../../src/runs/steps/index-job.ts';
import { answered, aCreatedRun, aFilledRun, aJob, c2, declaring } from '../../../support/objects/a-run.ts';
import { madeBy, undoOf, verdictOf, type Row } from '../../../support/objects/a-verdict.ts';

const created = aCreatedRun();

const filled = aFilledRun();

function said(exitCode: number, reason?: string): Partial<ObservedJob> {
  const result = reason === undefined ? {} : { result: { reason, errors: ['no space left'] } as never }; // as far as it is read
  return { state: 'failed', failure: 'PodFailurePolicy', said: { exitCode, text: 'last words', ...result } };
}

describe('index-job', () => {
  const jobName = /^act: create-job\/run-[0-9a-f]{10}$/;

  it('makes the Job of the first round at the newest commit', () => {
    expect(verdictOf(indexJob, created)).toMatch(jobName);
    const annotations = { 'reindeer.dev/run-commit': c2, 'reindeer.dev/run-round': '0' };
    expect(madeBy(indexJob.look(created))).toMatchObject({ metadata: { annotations } });
  });

  it('makes the same Job again when it vanished', () => {
    expect(verdictOf(indexJob, created)).toBe(verdictOf(indexJob, { ...created, now: new Date() }));
  });

  it("gives the Job the pod that the IndexedRepo declares, and the chart's where it declares none", () => {
    const resources = { limits: { memory: '8Gi' } };
    const declared = declaring(created, { spec: { heavy: { resources, nodeSelector: { pool: 'build' } } } });
    const pod = (o: typeof created): unknown => {
      const verdict = indexJob.look(o);
      return JSON.stringify(verdict);
    };
    expect(pod(declared)).toContain('"memory":"8Gi"');
    expect(pod(declared)).toContain('"pool":"build"');
    expect(pod(created)).toContain('"memory":"2Gi"');
  });

  it.each<Row>([
    ['is done when the record holds a verified commit', filled, 'done'],
    ['is done when the record does and the Job vanished', { ...filled, jobs: [] }, 'done'],
    ['asks for the newest commit', answered(created, newestCommit, undefined), `ask: ${newestCommit.name}`],
    ['waits for a Job at work', { ...created, jobs: [aJob()] }, 'wait: Running'],
    ['waits until a deleted Job is gone', { ...created, jobs: [aJob({ deleting: true })] }, 'wait: Running'],
    ['waits for the Job to end even if the record is there', { ...filled, jobs: [aJob()] }, 'wait: Running'],
    [
      'fails when the Job ended well and the record holds no commit',
      { ...created, jobs: [aJob({ state: 'succeeded' })] },
      'fail: VerificationFailed',
    ],
    [
      'fails when the Job took too long',
      { ...created, jobs: [aJob({ state: 'failed', failure: 'DeadlineExceeded' })] },
      'fail: DeadlineExceeded',
    ],
    [
      'fails when the Job failed and nobody said why',
      { ...created, jobs: [aJob({ state: 'failed' })] },
      'fail: WorkerFailed',
    ],
    ['fails with what the worker said', { ...created, jobs: [aJob(said(1, 'DiskFull'))] }, 'fail: DiskFull'],
    [
      'fails with the exit code when what it said is no reason',
      { ...created, jobs: [aJob(said(66, 'Oops'))] },
      'fail: RefNotFound',
    ],
    ['fails with exit code 77', { ...created, jobs: [aJob(said(77))] }, 'fail: AuthenticationFailed'],
    ['fails with exit code 79', { ...created, jobs: [aJob(said(79))] }, 'fail: VerificationFailed'],
    ['fails with exit code 80', { ...created, jobs: [aJob(said(80))] }, 'fail: LockLost'],
    ['fails with any other exit code', { ...created, jobs: [aJob(said(137))] }, 'fail: WorkerFailed'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(indexJob, o)).toBe(verdict);
  });

  it('leaves Jobs to be deleted, those that are not yet', () => {
    const jobs = [aJob({ round: 0, state: 'failed' }), aJob({ round: 1 }), aJob({ round: 2, deleting: true })];
    expect(undoOf(indexJob, { ...created, jobs })).toEqual([
      ...['forget-run/job-0-uid', 'delete-job/job-0'],
      ...['forget-run/job-1-uid', 'delete-job/job-1'],
    ]);
    expect(undoOf(indexJob, { ...created, jobs, engine: undefined })).toEqual(['delete-job/job-0', 'delete-job/job-1']);
  });
});
