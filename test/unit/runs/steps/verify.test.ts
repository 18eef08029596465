import { describe, expect, it } from '@jest/globals';
import { checks, documentCounts, verify } from '../../../../src/runs/steps/verify.ts';
import { aVersionRecord } from '../../../support/objects/a-record.ts';
import { answered, aSettledRun } from '../../../support/objects/a-run.ts';
import { verdictOf, type Row } from '../../../support/objects/a-verdict.ts';

const settled = aSettledRun();

describe('verify', () => {
  const counted = (files: number, chunks: number): ReturnType<typeof aSettledRun> =>
    answered(settled, documentCounts, { files, chunks });
  /** Verified at this commit by what the status says, and not counted at this look. */
  const written = (commit: string, result = 'Pass'): ReturnType<typeof aSettledRun> => {
    const to = { name: 'kibana-v2', number: 2, indices: ['kibana-v2'], commit: commit.padEnd(40, '0') };
    const verification = [{ name: 'files', result, message: '' }];
    const request = { ...settled.request, status: { ...settled.request.status, to, verification } };
    return answered({ ...settled, request: request as typeof settled.request }, documentCounts, undefined); // as far as it is read
  };

  it.each<Row>([
    ['waits until what was counted is written down', settled, 'wait: Running'],
    ['is done once it is, and counts no more', written('c2'), 'done'],
    ['counts again when the candidate was brought further since', written('c1'), `ask: ${documentCounts.name}`],
    ['counts again when what was written failed', written('c2', 'Fail'), `ask: ${documentCounts.name}`],
    ['asks for the count', answered(settled, documentCounts, undefined), `ask: ${documentCounts.name}`],
    ['fails when files are missing', counted(2, 5), 'fail: VerificationFailed'],
    ['fails when chunks are too many', counted(3, 6), 'fail: VerificationFailed'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(verify, o)).toBe(verdict);
  });

  it('shows both figures of each check', () => {
    const record = aVersionRecord({ files: 3, chunks: 5 });
    const [files, chunks] = checks(record, { files: 3, chunks: 4 });
    expect(files).toMatchObject({ name: 'files', result: 'Pass' });
    expect(chunks).toMatchObject({ name: 'chunks', result: 'Fail' });
    expect(chunks?.message).toMatch(/5 by .* 4 in the index/);
  });
});
