import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { directoryFields, filePathOf, isEncodedPath, pathBytes } from '../../../../../src/workers/index/tree/paths.ts';

const bytes = fc
  .oneof(
    fc.uint8Array({ minLength: 1, maxLength: 30 }).map(array => Buffer.from(array)),
    fc.string({ unit: 'binary', minLength: 1 }).map(text => Buffer.from(text)),
    fc.stringMatching(/^[a%25F/]{1,12}$/).map(text => Buffer.from(text)),
  )
  .filter(path => path.length > 0);

describe('the path of a document', () => {
  it('finds back to the bytes that Git has, whatever they are', () => {
    fc.assert(fc.property(bytes, path => pathBytes(filePathOf(path)).equals(path)));
  });

  it('is never the same for two different ones', () => {
    fc.assert(fc.property(bytes, bytes, (one, other) => one.equals(other) || filePathOf(one) !== filePathOf(other)));
  });

  it.each<[string, Buffer, string, boolean]>([
    ['plain', Buffer.from('src/a.ts'), 'src/a.ts', false],
    ['UTF-8', Buffer.from('ü/\u{1f600}.md'), 'ü/\u{1f600}.md', false],
    ['a percent sign', Buffer.from('100%.txt'), '100%.txt', false],
    ['latin-1', Buffer.from('caf\xe9', 'latin1'), 'caf%E9', true],
    ['what looks encoded', Buffer.from('caf%E9'), 'caf%25E9', true],
    ['what looks like a percent sign', Buffer.from('a%25'), 'a%2525', true],
  ])('%s', (_, path, filePath, isEncoded) => {
    expect(filePathOf(path)).toBe(filePath);
    expect(isEncodedPath(filePath)).toBe(isEncoded);
  });

  it('says where the file lies', () => {
    expect(directoryFields('a/b/c.ts')).toEqual({
      directoryPath: 'a/b',
      directoryName: 'b',
      directoryDepth: 2,
      directoryPrefixes: ['a', 'a/b'],
    });
    expect(directoryFields('c.ts')).toEqual({
      directoryPath: '',
      directoryName: '',
      directoryDepth: 0,
      directoryPrefixes: [],
    });
  });

  it('says so for filters of the first 64 folders, and for as many characters of them as fit', () => {
    const prefixes = (folders: readonly string[]): readonly string[] =>
      directoryFields([...folders, 'c.ts'].join('/'))['directoryPrefixes'] as readonly string[];
    const short = Array.from({ length: 65 }, (_, at) => `${at}`);
    expect(prefixes(short)).toHaveLength(64);
    expect(prefixes(short).at(-1)).toBe(short.slice(0, 64).join('/'));
    expect(directoryFields([...short, 'c.ts'].join('/'))).toMatchObject({ directoryDepth: 65, directoryName: '64' });
    const half = 8 * 1024;
    expect(prefixes(['x'.repeat(2 * half), 'y'])).toEqual(['x'.repeat(2 * half)]);
    expect(prefixes(['x'.repeat(2 * half + 1), 'y'])).toEqual([]);
    expect(prefixes(['x'.repeat(half), 'y', 'z'])).toHaveLength(1);
    expect(prefixes(['x'.repeat(half - 1), 'y', 'z'])).toHaveLength(2);
  });
});
