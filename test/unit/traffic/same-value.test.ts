import { describe, expect, it } from '@jest/globals';
import { sameValue } from '../../../src/traffic/same-value.ts';

describe('two values of answers', () => {
  it.each<[string, unknown, unknown, boolean]>([
    ['equal texts', 'a', 'a', true],
    ['other texts', 'a', 'b', false],
    ['floats that differ in their last digits', 1000.0001, 1000.0002, true],
    ['floats that differ', 1000, 1000.1, false],
    ['a number and nothing', 0, null, false],
    ['lists of other lengths', [1], [1, 2], false],
    ['a field that one lacks', { a: 1 }, { a: 1, b: 1 }, false],
    ['the text of a float beside it', { value: 1, value_as_string: '1.0' }, { value: 1, value_as_string: '1.00' }, true],
    ['buckets in another order', { buckets: [{ key: 1 }, { key: 2 }] }, { buckets: [{ key: 2 }, { key: 1 }] }, false],
    ['hits inside of a bucket', { hits: { hits: [{ _id: 'a' }] } }, { hits: { hits: [{ _id: 'b' }] } }, true],
  ])('%s', (_, one, other, expected) => {
    expect([sameValue(one, other), sameValue(other, one)]).toEqual([expected, expected]);
  }); // prettier-ignore
});
