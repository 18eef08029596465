import { describe, expect, it } from '@jest/globals';
import { copyJob } from '../../../../src/runs/steps/copy-job.ts';
import { aCopyRequest, aFilledCopy, aMadeCopy, copied, original } from '../../../support/objects/a-copy.ts';
import { aJob, asRequest } from '../../../support/objects/a-run.ts';
import { aRunRecord } from '../../../support/objects/a-record.ts';
import { saidBy, undoOf, verdictOf, type Row } from '../../../support/objects/a-verdict.ts';

const made = aMadeCopy();
const filled = aFilledCopy();

describe('copy-job', () => {
  it('has a worker copy what serves into the candidate', () => {
    expect(verdictOf(copyJob, made)).toMatch(/^act: create-job\/run-[0-9a-f]{10}$/);
    expect(saidBy(copyJob.look(made))).toMatchObject([
      {
        assignment: {
          ...{ run: 'run-uid', kind: 'Heavy', step: 'copy-job', attempt: 0, image: 'reindeer:1', token: 5 },
          work: { program: 'copy', alias: 'orders', from: original, index: copied, number: 2, partitions: 1 },
        },
      },
    ]);
  });

  it.each<Row>([
    ['is done when the record says that all was copied', filled, 'done'],
    ['is done when it does and the Job vanished', { ...filled, jobs: [] }, 'done'],
    ['waits for a Job at work', { ...made, jobs: [aJob()] }, 'wait: Running'],
    ['waits for the Job to end even if the record is there', { ...filled, jobs: [aJob()] }, 'wait: Running'],
    [
      'fails when the Job ended well and the record says nothing of it',
      { ...made, jobs: [aJob({ state: 'succeeded' })] },
      'fail: VerificationFailed',
    ],
    [
      'fails with what the worker said',
      { ...made, jobs: [aJob({ state: 'failed', said: { exitCode: 77, text: '' } })] },
      'fail: AuthenticationFailed',
    ],
    ['is done while a later Job cuts over', { ...filled, jobs: [...filled.jobs, aJob({ round: 1 })] }, 'done'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(copyJob, o)).toBe(verdict);
  });

  it('leaves Jobs to be deleted', () => {
    expect(undoOf(copyJob, { ...made, jobs: [aJob()] })).toEqual(['forget-run/job-0-uid', 'delete-job/job-0']);
    expect(undoOf(copyJob, made)).toEqual([]);
  });

  it('tells how many documents are copied, and keeps that while it is not read', () => {
    const run = aRunRecord({ unit: 'Documents', done: 3, total: 7, perSecond: 1.2 });
    const told = copyJob.tell?.of({ ...made, run, jobs: [aJob()] }, { is: 'wait' });
    expect(told).toMatchObject({ unit: 'Documents', done: 3, total: 7, perSecond: 1 });
    const progress = { unit: 'Documents', done: 3, total: 7, perSecond: 1, summary: '' } as const;
    expect(copyJob.tell?.of(asRequest(made, aCopyRequest({ progress })), { is: 'wait' })).toBe(progress);
  });
});
