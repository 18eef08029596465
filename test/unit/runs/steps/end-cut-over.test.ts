import { describe, expect, it } from '@jest/globals';
import { endCutOver } from '../../../../src/runs/steps/end-cut-over.ts';
import type { CopyResult } from '../../../../src/work/contract.ts';
import { aCopyRequest, aRecordedCopy } from '../../../support/objects/a-copy.ts';
import { aJob, asRequest } from '../../../support/objects/a-run.ts';
import { verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { at } from '../../../support/objects/an-object.ts';

const switchedAt = (seconds: number, job: Parameters<typeof aRecordedCopy>[0] = {}) =>
  asRequest(aRecordedCopy(job), aCopyRequest({ switched: at(seconds) }));

const result: CopyResult = {
  ...{ v: 1, program: 'cut-over', outcome: 'succeeded', reason: '', index: 'orders-v2', blockedMs: 812 },
  documents: { read: 1, written: 1, deleted: 0, refused: 0 },
  ...{ bulkRetries: 0, ms: 1, token: 1, errors: [] },
};

describe('end-cut-over', () => {
  it.each<Row>([
    ['waits for the worker that has switched', switchedAt(0), 'wait: Running'],
    ['waits for it where the switch was not told yet', aRecordedCopy({}), 'wait: Running'],
    ['ends a Job that does not end', switchedAt(-60), 'act: delete-job/job-1'],
    ['is done while that Job goes', switchedAt(-60, { deleting: true }), 'done'],
    ['is done once it ended', aRecordedCopy(), 'done'],
    ['is done without a Job', { ...aRecordedCopy(), jobs: [aJob({ state: 'succeeded' })] }, 'done'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(endCutOver, o)).toBe(verdict);
  });

  it('tells how long writers were refused, and keeps that when the Job is gone', () => {
    const ended = aRecordedCopy({ state: 'succeeded', said: { exitCode: 0, text: '', result } });
    expect(endCutOver.tell?.of(ended, undefined)).toBe(812);
    const gone = { ...asRequest(ended, aCopyRequest({ blockedMillis: 812 })), jobs: [] };
    expect(endCutOver.tell?.of(gone, undefined)).toBe(812);
    expect(endCutOver.tell?.of(aRecordedCopy(), undefined)).toBeUndefined();
  });
});
