import { describe, expect, it } from '@jest/globals';
import type { SearchReply } from '../../../src/engine/port.ts';
import type { Query, QueryAnswer } from '../../../src/runs/golden-queries.ts';
import { queryCheck } from '../../../src/runs/query-check.ts';
import { scored } from '../../support/objects/an-answer.ts';

const query = (given: Partial<Query> = {}): Query => ({
  name: 'q',
  body: { match_all: {} },
  minHits: 1,
  k: 3,
  ...given,
});

/** Of documents by their ids, each with another score; as many matched. */
function answer(ids: string, given: Partial<SearchReply> = {}, fastestMs = 4): QueryAnswer {
  const hits = scored(Object.fromEntries(Array.from(ids).map((id, at) => [id, 90 - 10 * at]))).map(hit => ({ ...hit, index: '', source: {} }));
  const whole = { tookMs: 4, timedOut: false, failedShards: 0, totalIsExact: true, aggregations: {} };
  return { is: 'answered', fastestMs, reply: { ...whole, total: hits.length, hits, ...given } };
} // prettier-ignore

const refused: QueryAnswer = { is: 'refused', message: 'no such field' };

type Row = readonly [string, Partial<Query>, QueryAnswer | undefined, QueryAnswer | undefined, string];

describe('a golden query', () => {
  it.each<Row>([
    ['that finds enough', { minHits: 2 }, answer('abc'), undefined, 'Pass: q: 3 hits, at least 2 expected'],
    ['that finds too little', { minHits: 4 }, answer('abc'), undefined, 'Fail: q: 3 hits, at least 4 expected'],
    ['that need not find anything', { minHits: 0 }, answer(''), undefined, 'Pass: q: 0 hits, at least 0 expected'],
    ['that was not asked', {}, undefined, undefined, 'Unclear: q: not asked yet'],
    ['that is refused', {}, refused, undefined, 'Fail: q: no such field'],
    ['that timed out', {}, answer('a', { timedOut: true }), undefined, 'Unclear: q: the answer is not whole, it timed out'],
    ['that some shards did not answer', {}, answer('a', { failedShards: 2 }), undefined, 'Unclear: q: the answer is not whole, 2 shards did not answer'],
    ['that agrees', { overlapPercent: 90 }, answer('abc'), answer('abd'), 'Pass: q: 3 hits, at least 1 expected; 4 of 4 first hits of both sides agree with v1, 100 %, at least 90 % expected'],
    ['that agrees too little', { overlapPercent: 90 }, answer('abc'), answer('axc'), 'Fail: q: 3 hits, at least 1 expected; 2 of 4 first hits of both sides agree with v1, 50 %, at least 90 % expected'],
    ['that agrees in nothing that counts, for all is tied', { overlapPercent: 100, k: 1 }, answer('a'), answer('b'), 'Pass: q: 1 hits, at least 1 expected; 0 of 0 first hits of both sides agree with v1, 100 %, at least 100 % expected'],
    ['that the live version was not asked', { overlapPercent: 0 }, answer('abc'), undefined, 'Unclear: q: 3 hits, at least 1 expected; v1 was not asked'],
    ['that the live version refuses', { overlapPercent: 0 }, answer('abc'), refused, 'Unclear: q: 3 hits, at least 1 expected; v1 refuses it: no such field'],
    ['that the live version has no time for', { overlapPercent: 0 }, answer('abc'), answer('a', { timedOut: true }), 'Unclear: q: 3 hits, at least 1 expected; the answer of v1 is not whole, it timed out'],
    ['that is fast enough', { maxLatencyPercent: 150 }, answer('a', {}, 30), answer('a', {}, 20), 'Pass: q: 1 hits, at least 1 expected; 30 ms, v1 20 ms, at most 150 % expected'],
    ['that is too slow', { maxLatencyPercent: 150 }, answer('a', {}, 31), answer('a', {}, 20), 'Fail: q: 1 hits, at least 1 expected; 31 ms, v1 20 ms, at most 150 % expected'],
    ['whose times are too short to be told apart', { maxLatencyPercent: 100 }, answer('a', {}, 9), answer('a', {}, 1), 'Pass: q: 1 hits, at least 1 expected; 9 ms, v1 1 ms, at most 100 % expected'],
    ['that fails before it is unclear', { minHits: 4, overlapPercent: 0 }, answer('abc'), undefined, 'Fail: q: 3 hits, at least 4 expected; v1 was not asked'],
  ])('%s', (_, given, candidate, live, expected) => {
    const check = queryCheck(query(given), { ...(candidate && { candidate }), ...(live && { live }) }, 'v1');
    expect(check.name).toBe('query/q');
    expect(`${check.result}: ${check.message}`).toBe(expected);
  }); // prettier-ignore

  it('of a first build has nothing to compare with, and passes', () => {
    const { result, message } = queryCheck(query({ overlapPercent: 100 }), { candidate: answer('abc') }, '');
    expect(`${result}: ${message}`).toBe('Pass: q: 3 hits, at least 1 expected; no version is live to compare with');
  });
});
