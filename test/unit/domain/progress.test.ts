import { describe, expect, it } from '@jest/globals';
import { expectedEnd, progressSummary, steadyEta, sumOfParts } from '../../../src/domain/progress.ts';

describe('progress', () => {
  it.each([
    [{ done: 0, total: 0, perSecond: 0 }, 'starting'],
    [{ done: 41, total: 100, perSecond: 3100 }, '41% 3.1k/s'],
    [{ done: 999, total: 1000, perSecond: 12.4 }, '99% 12/s'],
    [{ done: 7, total: 7, perSecond: 2_500_000 }, '100% 2.5M/s'],
    [{ done: 12, total: 7, perSecond: 1 }, '100% 1/s'],
  ])('%j reads as %j', (counted, summary) => {
    expect(progressSummary(counted)).toBe(summary);
  });

  it.each([
    ['nothing while no part counted', [{ done: 0, total: 0, perSecond: 0 }], 4, { done: 0, total: 0, perSecond: 0 }],
    ['the sum when all parts did', [{ done: 4, total: 9, perSecond: 1 }, { done: 11, total: 11, perSecond: 2 }], 2, { done: 15, total: 20, perSecond: 3 }],
    ['parts to come as large as the others', [{ done: 4, total: 9, perSecond: 1 }, { done: 11, total: 11, perSecond: 2 }], 6, { done: 15, total: 60, perSecond: 3 }],
    ['a part that did not count yet as one to come', [{ done: 5, total: 10, perSecond: 1 }, { done: 0, total: 0, perSecond: 0 }], 2, { done: 5, total: 20, perSecond: 1 }],
  ])('of several workers is %s', (_row, parts, count, sum) => {
    expect(sumOfParts(parts, count)).toEqual(sum);
  }); // prettier-ignore

  it('expects the end where the rate says', () => {
    const now = new Date('2026-11-21T00:00:00Z');
    expect(expectedEnd({ done: 40, total: 100, perSecond: 2 }, now)?.toISOString()).toBe('2026-11-21T00:00:30.000Z');
    expect(expectedEnd({ done: 40, total: 100, perSecond: 0 }, now)).toBeUndefined();
  });

  it.each([
    ['a minute', '2026-11-20T12:00:00Z', '2026-11-21T00:10:59Z', '2026-11-21T00:11:01Z'],
    ['a tenth of what is left', '2026-11-21T00:08:00Z', '2026-11-21T00:10:13Z', '2026-11-21T00:10:14Z'],
  ])('moves the estimate shown only when it is off by %s', (_by, at, near, far) => {
    const [shown, now] = ['2026-11-21T00:10:00Z', new Date(at)];
    expect(steadyEta(shown, new Date(near), now)).toBe(shown);
    expect(steadyEta(shown, new Date(far), now)).toBe(far);
    expect(steadyEta(shown, undefined, now)).toBeUndefined();
  });
});
