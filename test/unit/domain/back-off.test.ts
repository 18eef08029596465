import { describe, expect, it } from '@jest/globals';
import { backOffMs, withJitter } from '../../../src/domain/back-off.ts';

describe('back-off', () => {
  it.each([
    [0, 500],
    [1, 500],
    [2, 1_000],
    [4, 4_000],
    [5, 5_000],
    [5_000, 5_000],
  ])('after %d failures is %d ms', (failures, ms) => {
    expect(backOffMs(failures, { firstMs: 500, longestMs: 5_000 })).toBe(ms);
  });

  it('keeps between half of it and all of it', () => {
    expect([0, 0.5, 1].map(random => withJitter(1_000, () => random))).toEqual([500, 750, 1_000]);
  });
});
