import { describe, expect, it } from '@jest/globals';
import { hasSettled } from '../../../src/traffic/settling.ts';

describe('latency', () => {
  it.each<[string, readonly number[], boolean]>([
    ['is not judged by less than three windows', [10, 10], false],
    ['has settled once it is no faster twice in a row', [90, 40, 40, 40], true],
    ['has not settled while it falls', [90, 60, 40, 25], false],
    ['has not settled at its first pause', [90, 40, 40], false],
    ['has settled when what it gains is noise', [90, 50, 46, 42], true],
    ['has settled when it falls by a millisecond', [4, 3, 2], true],
    ['has settled when it only rises: that is no cold index', [5, 9, 20], true],
  ])('%s', (_, windows, expected) => {
    expect(hasSettled(windows)).toBe(expected);
  });
});
