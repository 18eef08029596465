import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { likenessOf } from '../../../src/traffic/likeness.ts';
import { scored } from '../../support/objects/an-answer.ts';

const abc = scored({ a: 3, b: 2, c: 1 });

describe('how alike two pages are', () => {
  it.each([
    ['equal ones', abc, { overlapAt10: 1, rankBiasedOverlap: 1, kendallTau: 1 }],
    ['two that share nothing', scored({ x: 3, y: 2, z: 1 }), { overlapAt10: 0, rankBiasedOverlap: 0, kendallTau: 1 }],
    ['the same the other way round', scored({ c: 3, b: 2, a: 1 }), { overlapAt10: 1, kendallTau: -1 }],
    ['a page that lacks one', scored({ a: 3, b: 2 }), { overlapAt10: 2 / 3, kendallTau: 1 }],
    ['the same in an order that ties explain', scored({ b: 2, a: 2, c: 1 }), { kendallTau: 1 }],
  ])('is told of %s', (_, other, expected) => {
    expect(likenessOf(abc, other)).toMatchObject(expected);
  });

  it('weighs the first ranks most', () => {
    const swapped = (one: string, other: string) => {
      const ids = ['a', 'b', 'c', 'd', 'e', 'f'].map(id => (id === one ? other : id === other ? one : id));
      return likenessOf(scored({ a: 6, b: 5, c: 4, d: 3, e: 2, f: 1 }), ids.map((id, at) => ({ id, score: 6 - at })));
    }; // prettier-ignore
    expect(swapped('a', 'b').rankBiasedOverlap).toBeLessThan(swapped('e', 'f').rankBiasedOverlap);
  });

  it('is the same from both sides, and whole for a page and itself', () => {
    const page = fc
      .uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 15 })
      .map(ids => ids.map((id, at) => ({ id: `d${id}`, score: 30 - at })));
    const bothWays = (one: ReturnType<typeof scored>, other: ReturnType<typeof scored>): void => {
      const [there, back, itself] = [likenessOf(one, other), likenessOf(other, one), likenessOf(one, one)];
      for (const [each, value] of Object.entries(there))
        expect(value).toBeCloseTo(back[each as keyof typeof back], 9);
      for (const value of Object.values(itself)) expect(value).toBeCloseTo(1, 9);
    }; // prettier-ignore
    fc.assert(fc.property(page, page, bothWays));
  });
});
