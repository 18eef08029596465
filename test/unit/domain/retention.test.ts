import { describe, expect, it } from '@jest/globals';
import { nextExpiry, versionsToDelete } from '../../../src/domain/retention.ts';

const now = new Date('2026-11-21T12:00:00Z');
const hour = 3_600_000;
const retired = [3, 5, 4].map(number => ({ number, retiredAt: new Date(now.getTime() - (6 - number) * hour) }));

describe('retention', () => {
  it.each([
    ['keeps the newest', { versions: 2 }, [3]],
    ['keeps none', { versions: 0 }, [5, 4, 3]],
    ['keeps all that fit', { versions: 10 }, []],
    ['drops what is too old among the kept', { versions: 3, forMs: 2 * hour }, [4, 3]],
    ['joins both limits', { versions: 1, forMs: 10 * hour }, [4, 3]],
  ])('%s', (_name, retain, numbers) => {
    expect(versionsToDelete(retired, retain, now)).toEqual(numbers);
  });

  it('keeps what served last, whatever its number: a rollback leaves a higher one', () => {
    const left = { number: 9, retiredAt: new Date(now.getTime() - 5 * hour) };
    expect(versionsToDelete([left, ...retired], { versions: 3 }, now)).toEqual([9]);
  });

  it('says when the next one expires', () => {
    expect(nextExpiry(retired, { versions: 3, forMs: 4 * hour })).toEqual(new Date(now.getTime() + hour));
    expect(nextExpiry(retired, { versions: 3 })).toBeUndefined();
  });
});
