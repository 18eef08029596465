import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Answer, AnsweredHit } from '../../../src/traffic/answer.ts';
import { compareAnswers, type Difference } from '../../../src/traffic/compare.ts';
import { anAnswer, scored } from '../../support/objects/an-answer.ts';

const sorted = (...values: readonly (readonly [string, number])[]): readonly AnsweredHit[] =>
  values.map(([id, value]) => ({ id, score: null, sort: [value] }));
const terms = (bound: number, count: number): Pick<Answer, 'aggregations'> => ({
  aggregations: { t: { doc_count_error_upper_bound: bound, buckets: [{ key: 'a', doc_count: count }] } },
});

function differences(one: Answer, other: Answer, pageSize = 3): readonly Difference[] | string {
  const compared = compareAnswers(one, other, pageSize);
  return compared.is === 'skipped' ? compared.why : compared.differences;
}

describe('two answers', () => {
  const full = anAnswer(scored({ a: 9, b: 5, c: 1 }), { total: 9 });
  const rows: readonly (readonly [string, Answer, Answer, readonly Difference[]])[] = [
    ['are the same when they are equal', full, full, []],
    ['differ by the class of their status', full, anAnswer([], { status: 503, total: 9 }), ['status']],
    ['are the same when both were refused', anAnswer([], { status: 400 }), anAnswer([], { status: 404 }), []],
    ['differ by their totals', full, { ...full, total: 8 }, ['total']],
    ['are the same when one says at least fewer', full, { ...full, total: 4, totalIsExact: false }, []],
    ['differ when one says at least more', { ...full, total: 10, totalIsExact: false }, full, ['total']],
    ['are the same when neither knows its total', { ...full, totalIsExact: false }, { ...full, total: 1, totalIsExact: false }, []],
    ['are the same when another of the hits like the last one ends a full page', full, anAnswer(scored({ a: 9, b: 5, d: 1.009 }), { total: 9 }), []],
    ['differ when a better hit is on one of them only', full, anAnswer(scored({ a: 9, d: 5, c: 1 }), { total: 9 }), ['members']],
    ['differ when a hit at the end of a page that is not full is on one of them only', anAnswer(scored({ a: 2 })), anAnswer(scored({ b: 2 })), ['members']],
    ['are the same when all of a full page is tied', anAnswer(scored({ a: 1, b: 1, c: 1 })), anAnswer(scored({ d: 1, e: 1, f: 1 })), []],
    ['are the same in another order', full, anAnswer(scored({ b: 5, a: 9, c: 1 }), { total: 9 }), []],
    ['are the same when hits that sort alike end a full page', anAnswer(sorted(['a', 1], ['b', 2], ['c', 2])), anAnswer(sorted(['a', 1], ['d', 2], ['e', 2])), []],
    ['differ by what they are sorted by', anAnswer(sorted(['a', 1], ['b', 2], ['c', 3])), anAnswer(sorted(['a', 1], ['b', 2], ['c', 4])), ['sort']],
    ['differ by an aggregation', { ...full, aggregations: { s: { value: 3 } } }, { ...full, aggregations: { s: { value: 4 } } }, ['aggregations']],
    ['differ by an exact count of terms', { ...full, ...terms(0, 3) }, { ...full, ...terms(0, 4) }, ['aggregations']],
    ['are the same when the engine says that a count of terms may be wrong', { ...full, ...terms(0, 3) }, { ...full, ...terms(2, 4) }, []],
  ]; // prettier-ignore
  it.each(rows)('%s', (_, one, other, expected) => {
    expect([differences(one, other), differences(other, one)]).toEqual([expected, expected]);
  });

  it('are not compared when one of them is not whole', () => {
    expect(differences(full, { ...full, timedOut: true, total: 3 })).toBe('it timed out');
    expect(differences({ ...full, failedShards: 2 }, full)).toBe('2 shards did not answer');
  });

  it('say how many of the hits that count both pages hold', () => {
    const other = anAnswer(scored({ a: 9, d: 5, c: 1 }), { total: 9 });
    expect(compareAnswers(full, other, 3)).toMatchObject({ members: { bound: 4, shared: 2 } });
  });
});

describe('the first page of the same documents', () => {
  type Documents = readonly { readonly id: string; readonly score: number }[];
  const documents = fc
    .array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 60 })
    .map(scores => scores.map((score, at): Documents[number] => ({ id: `d${at}`, score })));
  const seed = fc.integer({ min: 1, max: 1_000_000 });

  /** Equal scores in an order of its own, as in another index. */
  const page = (found: Documents, order: number, size: number, given: Partial<Answer> = {}): Answer => {
    const chance = (id: string): number => Math.sin(order * (Number(id.slice(1)) + 1));
    const ranked = found.toSorted((one, other) => other.score - one.score || chance(one.id) - chance(other.id));
    return anAnswer(ranked.slice(0, size), { total: found.length, ...given });
  };

  it('is the same whatever the order of equal scores', () => {
    const agree = (found: Documents, one: number, other: number, size: number): void =>
      expect(differences(page(found, one, size), page(found, other, size), size)).toEqual([]);
    fc.assert(fc.property(documents, seed, seed, fc.integer({ min: 1, max: 20 }), agree));
  });

  it('differs as soon as one is lost, and by its members when one of those that count is, total or not', () => {
    const size = 10;
    const lose = (found: Documents, which: number, order: number): void => {
      const lost = found[which % found.length];
      const left = found.filter(each => each !== lost);
      expect(differences(page(found, order, size), page(left, order, size), size)).toContain('total');
      const last = page(found, order, size).hits.at(-1);
      const counts = found.length < size || (lost?.score ?? 0) > (last?.score ?? 0);
      const uncounted = { total: 0, totalIsExact: false };
      const compared = differences(page(found, order, size, uncounted), page(left, order + 1, size, uncounted), size);
      expect(compared.includes('members')).toBe(counts);
    };
    fc.assert(fc.property(documents, fc.nat(), seed, lose));
  });
});
