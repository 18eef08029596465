import { describe, expect, it } from '@jest/globals';
import { durationMs } from '../../../src/api/duration.ts';

describe('a duration in milliseconds', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['24h', 86_400_000],
    ['1h30m15s', 5_415_000],
  ])('%s', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each(['', '1', '1d', '-1m', '1m1h', '1.5h', 'PT1H', ' 1m'])('"%s" is none', text => {
    expect(() => durationMs(text)).toThrow(RangeError);
  });
});
