import { describe, expect, it } from '@jest/globals';
import { Rate } from '../../../../src/workers/run/rate.ts';

/** The rate after so many seconds of work, of which each does as many units as is said. */
function after(seconds: number, unitsIn: (second: number) => number, before = 0): number {
  const rate = new Rate();
  let done = before;
  rate.begin(0, done);
  let last = 0;
  for (let second = 0; second < seconds; second += 1) {
    done += unitsIn(second);
    last = rate.at((second + 1) * 1000, done);
  }
  return last;
}

describe('the rate of a run', () => {
  it('is nothing before any time has passed, and counts nothing that was done before', () => {
    const rate = new Rate();
    rate.begin(5000, 100);
    expect(rate.at(5000, 100)).toBe(0);
    expect(after(5, () => 3, 100)).toBe(3);
  });

  it('does not fall to nothing in a pause of seconds', () => {
    expect(after(120, second => (second >= 110 ? 0 : 10))).toBeCloseTo(50 / 6, 1);
  });

  it('follows what has changed for half of the time', () => {
    expect(after(120, second => (second < 60 ? 100 : 10))).toBeCloseTo(10, 1);
  });

  it('follows a change within ten minutes, however long the run has gone on', () => {
    expect(after(36_000, second => (second < 35_400 ? 100 : 10))).toBeCloseTo(10, 1);
  });
});
