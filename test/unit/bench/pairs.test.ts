import { describe, expect, it } from '@jest/globals';
import {
  bootstrapInterval,
  compare,
  compareGroups,
  geometricMean,
  measurePairs,
} from '../../../bench/harness/pairs.ts';

describe('measuring two sides by turns', () => {
  it('takes them A B B A and drops the first pair', async () => {
    const order: string[] = [];
    let count = 0;
    const side = (name: string) => async () => {
      order.push(name);
      return (count += 1);
    };
    const pairs = await measurePairs(3, side('A'), side('B'));
    expect(order.join(' ')).toBe('A B B A A B B A');
    expect(pairs).toEqual([
      { ours: 4, other: 3 },
      { ours: 5, other: 6 },
      { ours: 8, other: 7 },
    ]);
  });
});

describe('what pairs say', () => {
  it('is the geometric mean of their ratios: twice and half is the same', () => {
    const pairs = [
      { ours: 2, other: 1 },
      { ours: 1, other: 2 },
    ];
    const same = (value: number): number => value;
    expect(compare(pairs, same, same).ratio).toBeCloseTo(1);
    expect(geometricMean([2, 0.5, 1])).toBeCloseTo(1);
  });

  it('has an interval that is a point when all agree, and holds the mean when they do not', () => {
    const point = bootstrapInterval([3, 3, 3]);
    expect(point.low).toBeCloseTo(3);
    expect(point.high).toBeCloseTo(3);
    const wide = bootstrapInterval([1, 2, 4, 8]);
    expect(wide.low).toBeGreaterThanOrEqual(1);
    expect(wide.low).toBeLessThan(geometricMean([1, 2, 4, 8]));
    expect(wide.high).toBeGreaterThan(geometricMean([1, 2, 4, 8]));
    expect(wide.high).toBeLessThanOrEqual(8);
  });

  it('is the same each time it is asked', () => {
    expect(bootstrapInterval([1, 2, 4, 8])).toEqual(bootstrapInterval([1, 2, 4, 8]));
    expect(compareGroups([1, 2], [3, 4])).toEqual(compareGroups([1, 2], [3, 4]));
  });
});
