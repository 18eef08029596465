import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mergePatch } from '../../../src/objects/merge-patch.ts';

/** RFC 7386, section 2, as written there. */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result = new Map<string, unknown>(
    typeof target === 'object' && target !== null && !Array.isArray(target) ? Object.entries(target) : [],
  );
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) result.delete(field);
    else result.set(field, merged(result.get(field), value));
  }
  return Object.fromEntries(result);
}

const json = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value')),
})).object as fc.Arbitrary<object>;

describe('a merge patch', () => {
  it('turns the one into the other, whatever they are', () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        const patch = mergePatch(before, after);
        expect(patch === undefined ? before : merged(before, patch)).toEqual(after);
      }),
    );
  });

  it('is nothing at all for what is equal', () => {
    fc.assert(fc.property(json, value => expect(mergePatch(value, structuredClone(value))).toBeUndefined()));
  });

  it('names only what changed and nulls what is gone', () => {
    expect(mergePatch({ a: { b: 1, c: 2 }, d: [1], e: 'x' }, { a: { b: 1, c: 3 }, d: [1] })).toEqual({
      a: { c: 3 },
      e: null,
    });
  });
});
