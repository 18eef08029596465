import { describe, expect, it } from '@jest/globals';
import { firstCharacters } from '../../../src/domain/bounded-text.ts';

describe('the first characters of a text', () => {
  it.each([
    ['is all of a short one', 'kurz', 253, 'kurz'],
    ['counts a character outside of the basic plane as one', `${'a'.repeat(252)}😀b`, 253, `${'a'.repeat(252)}😀`],
    ['never ends within one', '😀😀😀', 2, '😀😀'],
    ['is empty for none', '😀', 0, ''],
  ])('%s', (_of, text, most, first) => {
    expect(firstCharacters(text, most)).toBe(first);
    // As the API server stores it.
    expect(Buffer.from(firstCharacters(text, most)).toString()).toBe(first);
  });
});
