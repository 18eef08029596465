import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  copiedVersion,
  isExternalVersion,
  readCopiedVersion,
  type CopiedVersion,
} from '../../../src/domain/copied-version.ts';

/** Any number of a part, its bounds and those of its neighbours more often than others. */
const upTo = (bits: number): fc.Arbitrary<number> =>
  fc.oneof(fc.constantFrom(0, 1, 2 ** bits - 2, 2 ** bits - 1), fc.integer({ min: 0, max: 2 ** bits - 1 }));
const versions: fc.Arbitrary<CopiedVersion> = fc.record({ run: upTo(12), term: upTo(14), seqNo: upTo(36) });

describe('the version of a copied document', () => {
  it('can be read back, and stays below what engines wrap at', () => {
    fc.assert(
      fc.property(versions, parts => {
        const version = copiedVersion(parts);
        expect(readCopiedVersion(version)).toEqual(parts);
        expect(version >= 0n && version < 2n ** 62n).toBe(true);
      }),
    );
  });

  it('is in the order of filling, primary and operation', () => {
    const order = ({ run, term, seqNo }: CopiedVersion, other: CopiedVersion): number =>
      run - other.run || term - other.term || seqNo - other.seqNo;
    fc.assert(
      fc.property(versions, versions, (one, other) => {
        const [low, high] = [copiedVersion(one), copiedVersion(other)];
        expect(Math.sign(order(one, other))).toBe(low < high ? -1 : low > high ? 1 : 0);
      }),
    );
  });

  it.each([
    ['run', { run: 2 ** 12, term: 1, seqNo: 1 }],
    ['term', { run: 1, term: 2 ** 14, seqNo: 1 }],
    ['seqNo', { run: 1, term: 1, seqNo: 2 ** 36 }],
    ['seqNo', { run: 1, term: 1, seqNo: -1 }],
    ['term', { run: 1, term: 1.5, seqNo: 1 }],
  ])('has no room for a %s out of bounds', (name, parts) => {
    const why = { name: 'TerminalError', reason: 'VersionSpaceExhausted', message: expect.stringContaining(name) };
    expect(() => copiedVersion(parts)).toThrow(expect.objectContaining(why));
  });
});

describe('a version that an application gave', () => {
  const copied = copiedVersion({ run: 1, term: 1, seqNo: 0 });
  it.each([
    ['is none that counts the operations of a document', 1n, 0, false, false],
    ['is none that counts all operations of a shard', 43n, 42, false, false],
    ['is one above those', 44n, 42, false, true],
    ['is a time, in an index that was copied too', 1_700_000_000_000n, 42, true, true],
    ['is none that a copy gave', copied, 42, true, false],
    ['is none that is counted on from what a copy gave', copied + 5n, 42, true, false],
    ['is one like those where nothing was copied', copied, 42, false, true],
  ])('%s', (_what, version, seqNo, wasCopied, isOne) => {
    expect(isExternalVersion(version, { seqNo, wasCopied })).toBe(isOne);
  });
});
