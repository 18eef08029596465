import { describe, expect, it } from '@jest/globals';
import { goldenAnswers, type QueryAnswers } from '../../../../src/runs/golden-queries.ts';
import type { Observed } from '../../../../src/runs/observed.ts';
import { checks, documentCounts, verify } from '../../../../src/runs/steps/verify.ts';
import { aVersionRecord } from '../../../support/objects/a-record.ts';
import { answered, asRequest, aSettledRun } from '../../../support/objects/a-run.ts';
import { aReindexRequest } from '../../../support/objects/an-object.ts';
import { verdictOf, type Row } from '../../../support/objects/a-verdict.ts';

const settled = aSettledRun();

describe('verify', () => {
  const counted = (files: number, chunks: number): Observed => answered(settled, documentCounts, { files, chunks });
  /** Verified at this commit by what the status says, and not counted at this look. */
  const written = (commit: string, result = 'Pass', queries: readonly string[] = []): Observed => {
    const to = { name: 'kibana-v2', number: 2, indices: ['kibana-v2'], commit: commit.padEnd(40, '0') };
    const verification = ['files', 'chunks', ...queries].map(name => ({ name, result, message: '' }));
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

  /** The same run of a request with two golden queries. */
  const querying = (o: Observed, found?: ReadonlyMap<string, QueryAnswers>): Observed => {
    const queries = ['one', 'two'].map(name => ({ name, body: { match_all: {} } }));
    const request = { ...aReindexRequest({ spec: { verify: { queries } } }), status: o.request.status };
    return answered(asRequest(o, request), goldenAnswers, found);
  };
  const reply = {
    tookMs: 1,
    timedOut: false,
    total: 1,
    totalIsExact: true,
    hits: [],
    aggregations: {},
    failedShards: 0,
  };
  const found = (given: Partial<typeof reply> = {}): QueryAnswers => ({
    candidate: { is: 'answered', fastestMs: 1, reply: { ...reply, ...given } },
  });
  const both = (two: QueryAnswers): ReadonlyMap<string, QueryAnswers> => new Map([['one', found()], ['two', two]]); // prettier-ignore
  const refused: QueryAnswers = { candidate: { is: 'refused', message: 'no such field' } };

  const approvedUnclear = (o: Observed): Observed =>
    asRequest(o, { ...o.request, spec: { ...o.request.spec, approved: ['Unclear'] } });

  it.each<Row>([
    ['asks the queries once the counts are known', querying(settled), `ask: ${goldenAnswers.name}`],
    ['waits until what they came to is written down', querying(settled, both(found())), 'wait: Running'],
    ['is not done while only the counts are', querying(written('c2')), `ask: ${documentCounts.name}`],
    ['is done once all is written down', querying(written('c2', 'Pass', ['query/one', 'query/two'])), 'done'],
    ['fails when one finds too little', querying(settled, both(found({ total: 0 }))), 'fail: VerificationFailed'],
    ['fails when the engine refuses one', querying(settled, both(refused)), 'fail: QueryRejected'],
    ['waits for one that is unclear', querying(settled, both(found({ timedOut: true }))), 'wait: Unclear'],
    ['goes on asking when there was no time for all', querying(settled, new Map([['one', found()]])), 'wait: Running'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(verify, o)).toBe(verdict);
  });

  it.each<Row>([
    ['is written down', querying(settled, both(found({ timedOut: true }))), 'wait: Running'],
    ['still fails', querying(settled, both(found({ total: 0 }))), 'fail: VerificationFailed'],
    ['is asked, however', querying(settled, new Map([['one', found({ timedOut: true })]])), 'wait: Running'],
  ])('what is unclear and approved %s', (_row, o, verdict) => {
    expect(verdictOf(verify, approvedUnclear(o))).toBe(verdict);
  }); // prettier-ignore

  it('is done with what is unclear once that is approved and written down, and asks it no more', () => {
    const unclear = [{ name: 'query/two', result: 'Unclear', message: '' }] as const;
    const o = querying(written('c2', 'Pass', ['query/one']));
    const { status } = o.request;
    const told = asRequest(o, { ...o.request, status: { ...status, verification: [...(status.verification ?? []), ...unclear] } });
    expect(verdictOf(verify, told)).toBe(`ask: ${documentCounts.name}`);
    expect(verdictOf(verify, approvedUnclear(told))).toBe('done');
  }); // prettier-ignore

  it('asks what is unclear again after 15 seconds', () => {
    expect(verify.look(querying(settled, both(found({ failedShards: 1 }))))).toMatchObject({ againInMs: 15_000 });
  });

  it('names the query that the engine refuses', () => {
    expect(verify.look(querying(settled, both(refused)))).toMatchObject({ message: 'query two: no such field' });
  });

  it('tells every check, and keeps what passed before', () => {
    const o = written('c2', 'Pass', ['query/one']);
    const told = verify.tell?.of(querying(answered(o, documentCounts, { files: 3, chunks: 5 }), new Map([['two', found()]])), { is: 'wait' });
    expect((told as readonly { name: string }[]).map(({ name }) => name)).toEqual(['files', 'chunks', 'query/one', 'query/two']);
    expect(verify.tell?.of(o, undefined)).toBeUndefined();
  }); // prettier-ignore

  it('shows both figures of each check', () => {
    const record = aVersionRecord({ files: 3, chunks: 5 });
    const [files, chunks] = checks(record, { files: 3, chunks: 4 });
    expect(files).toMatchObject({ name: 'files', result: 'Pass' });
    expect(chunks).toMatchObject({ name: 'chunks', result: 'Fail' });
    expect(chunks?.message).toMatch(/5 by .* 4 in the index/);
  });
});
