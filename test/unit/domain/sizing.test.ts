import { describe, expect, it } from '@jest/globals';
import { hasOutgrown, partitionsFor, shardsFor } from '../../../src/domain/sizing.ts';

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

describe('an index has outgrown its shards', () => {
  const gib = 1024 ** 3;
  it.each([
    ['with twice the documents in each of them', 20_000_000, 0, 2, true],
    ['not just below that', 19_999_999, 0, 2, false],
    ['with twice the bytes in each of them', 1000, 60 * gib, 3, true],
    ['not just below that, in bytes', 1000, 60 * gib - 1, 3, false],
    ['not when it may have no more', 10 ** 12, 10 ** 15, 1024, false],
    ['not when it is empty', 0, 0, 1, false],
  ])('%s', (_name, documents, bytes, shards, expected) => {
    expect(hasOutgrown({ documents, bytes }, shards)).toBe(expected);
    // What is built then has more of them, and not outgrown them: it is never due again for the same documents.
    const made = shardsFor({ documents, bytes });
    if (expected) expect(made).toBeGreaterThan(shards);
    expect(hasOutgrown({ documents, bytes }, made)).toBe(false);
  });
});

describe('partitions where nobody says how many', () => {
  it.each([
    ['a repository that nothing is known of gets one', 0, 0, 1],
    ['one of ordinary size gets one', 80_000, 2 * 1024 ** 3, 1],
    ['one for each 500,000 files', 500_001, 0, 2],
    ['one for each 8 GiB of text', 1000, 17 * 1024 ** 3, 3],
    ['a giant gets sixteen at most', 10 ** 9, 10 ** 15, 16],
  ])('%s', (_name, files, bytes, partitions) => {
    expect(partitionsFor({ files, bytes })).toBe(partitions);
  });
});
