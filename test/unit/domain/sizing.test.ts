import { describe, expect, it } from '@jest/globals';
import { shardsFor } from '../../../src/domain/sizing.ts';

describe('shards', () => {
  it.each([
    ['an empty index gets one', 0, 0, 1],
    ['one per 5 million documents, plus one', 5_000_000, 0, 2],
    ['just below that', 4_999_999, 0, 1],
    ['one per 10 GiB where documents are large', 1000, 35 * 1024 ** 3, 4],
    ['never more than an index may have', 10 ** 12, 0, 1024],
  ])('%s', (_name, documents, bytes, shards) => {
    expect(shardsFor({ documents, bytes })).toBe(shards);
  });
});
