import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareTree } from '../../../../../src/workers/index/plan/compare.ts';
import { bucketOf, isInPartition, withinPartition } from '../../../../../src/workers/index/tree/partition.ts';
import { filePathOf, pathBytes } from '../../../../../src/workers/index/tree/paths.ts';
import { createSelector } from '../../../../../src/workers/index/tree/selection.ts';

const filePaths = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .filter(bytes => !bytes.includes(0) && !bytes.includes(0x2f))
  .map(bytes => filePathOf(Buffer.from(bytes)));
const all = (count: number) => Array.from({ length: count }, (_, index) => ({ index, count }));

describe('the bucket of a path', () => {
  it('is the first byte of the hash of the bytes that Git has', () => {
    const first = createHash('sha256')
      .update(Buffer.from([0x63, 0xe9]))
      .digest('hex')
      .slice(0, 2);
    expect(bucketOf(filePathOf(Buffer.from([0x63, 0xe9])))).toBe(first);
  });

  it.each([1, 2, 3, 7, 256])('lies in exactly one of %i partitions', count => {
    const owners = (filePath: string) => all(count).filter(partition => isInPartition(filePath, partition));
    fc.assert(fc.property(filePaths, filePath => owners(filePath).length === 1));
  });

  it.each([1, 2, 3, 7, 256])('is found by the query of that one of %i partitions', count => {
    const isAsked = (filePath: string, partition: { index: number; count: number }): boolean => {
      const query = JSON.stringify(withinPartition({ match_all: {} }, partition));
      return query.includes(`"${bucketOf(filePath)}"`);
    };
    const agree = (filePath: string) =>
      all(count).every(partition => isAsked(filePath, partition) === isInPartition(filePath, partition));
    fc.assert(fc.property(filePaths, agree));
  });
});

describe('the comparison within a partition', () => {
  const expectation = { branch: '', repoUrl: '', maxFileBytes: 1000, selectionChanged: false };
  const select = createSelector({ maxFileBytes: 1000 }, () => false);

  it('puts each file of a tree exactly once over all partitions, and says of the others that they are elsewhere', async () => {
    const differ = async (filePaths: readonly string[], count: number): Promise<void> => {
      const tree = filePaths.map(filePath => ({ mode: '100644', oid: 'o', path: pathBytes(filePath) }));
      const sorted = tree.toSorted((one, other) => Buffer.compare(one.path, other.path));
      const put: string[] = [];
      for (const partition of all(count)) {
        let looked = 0;
        for await (const batch of compareTree(pages([sorted]), pages([]), { select, partition }, expectation)) {
          looked += batch.length;
          for (const difference of batch) if (difference.is === 'change') put.push(difference.change.filePath);
        }
        expect(looked).toBe(filePaths.length);
      }
      expect(put.sort()).toEqual([...filePaths].sort());
    };
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(filePaths, { maxLength: 30 }), fc.constantFrom(1, 2, 3, 7, 256), differ),
      { numRuns: 40 },
    );
  });
});

async function* pages<T>(of: readonly (readonly T[])[]): AsyncGenerator<readonly T[]> {
  yield* of;
}
