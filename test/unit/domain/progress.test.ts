import { describe, expect, it } from '@jest/globals';
import { expectedEnd, progressSummary, steadyEta } from '../../../src/domain/progress.ts';

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

  it('expects the end where the rate says', () => {
    const now = new Date('2026-11-21T00:00:00Z');
    expect(expectedEnd({ done: 40, total: 100, perSecond: 2 }, now)?.toISOString()).toBe('2026-11-21T00:00:30.000Z');
    expect(expectedEnd({ done: 40, total: 100, perSecond: 0 }, now)).toBeUndefined();
  });

  it('moves the estimate shown only when it is a minute off', () => {
    const shown = '2026-11-21T00:10:00Z';
    expect(steadyEta(shown, new Date('2026-11-21T00:10:59Z'))).toBe(shown);
    expect(steadyEta(shown, new Date('2026-11-21T00:11:01Z'))).toBe('2026-11-21T00:11:01Z');
    expect(steadyEta(shown, undefined)).toBeUndefined();
  });
});
