import { describe, expect, it } from '@jest/globals';
import { guardSelection } from '../../../../../src/workers/index/plan/guard.ts';
import { createSelector, isLfsPointer, type Judged } from '../../../../../src/workers/index/tree/selection.ts';

const judge = (path: string, mode = '100644', globs: { include?: string[]; exclude?: string[] } = {}): Judged =>
  createSelector({ ...globs, maxFileBytes: 1000 }, () => false)(path, mode);

describe('a file without globs is', () => {
  it.each<[string, Judged]>([
    ['src/a.ts', 'read'],
    ['.github/workflows/ci.yml', 'read'],
    ['package-lock.json', 'lock-file'],
    ['web/yarn.lock', 'lock-file'],
    ['go.sum', 'lock-file'],
    ['.env', 'secret-like'],
    ['deploy/.env.production', 'secret-like'],
    ['.env.example', 'read'],
    ['tls/server.key', 'secret-like'],
    ['tls/ca.pem', 'secret-like'],
    ['id_rsa', 'secret-like'],
    ['id_rsa.pub', 'read'],
    ['.npmrc', 'secret-like'],
    ['key.ts', 'read'],
    ['x'.repeat(12_288), 'read'],
    ['x'.repeat(12_289), 'excluded'],
  ])('%s: %s', (path, judged) => {
    expect(judge(path)).toBe(judged);
  });

  it.each<[string, Judged]>([
    ['100755', 'read'],
    ['120000', 'symlink'],
    ['160000', 'submodule'],
  ])('of mode %s: %s', (mode, judged) => {
    expect(judge('a', mode)).toBe(judged);
  });

  it('skipped for what the attributes say', () => {
    const select = createSelector({ maxFileBytes: 1000 }, () => false);
    expect(select('a', '100644', { generated: true, vendored: true })).toBe('generated');
    expect(select('a', '100644', { generated: false, vendored: true })).toBe('vendored');
    expect(select('a', '100644', { generated: false, vendored: false })).toBe('read');
  });
});

describe('globs', () => {
  it.each<[string, object, string, Judged]>([
    ['include alone decides', { include: ['src/**'] }, 'src/a/b.ts', 'read'],
    ['include leaves out the rest', { include: ['src/**'] }, 'docs/a.md', 'excluded'],
    ['a star stays within a folder', { include: ['src/*.ts'] }, 'src/a/b.ts', 'excluded'],
    ['a leading dot is nothing special', { include: ['**/*.yml'] }, '.github/ci.yml', 'read'],
    ['two stars also mean no folder', { include: ['**/*.ts'] }, 'a.ts', 'read'],
    ['exclude wins over include', { include: ['**'], exclude: ['**/*.snap'] }, 'a/b.snap', 'excluded'],
    ['case counts', { include: ['SRC/**'] }, 'src/a.ts', 'excluded'],
    ['braces name several', { include: ['**/*.{ts,js}'] }, 'a/b.js', 'read'],
    ['parentheses are one of several', { include: ['app/(auth)/**'] }, 'app/auth/a.ts', 'read'],
    ['parentheses as they stand are escaped', { include: ['app/\\(auth\\)/**'] }, 'app/(auth)/a.ts', 'read'],
    ['a bracket is one of its characters', { include: ['app/[slug]/**'] }, 'app/s/a.ts', 'read'],
    ['a bracket as it stands is escaped', { include: ['app/\\[slug\\]/**'] }, 'app/[slug]/a.ts', 'read'],
    ['an at sign alone is only a character', { include: ['app/@modal/**'] }, 'app/@modal/a.ts', 'read'],
    ['braces around one name are only characters', { include: ['app/{a}/**'] }, 'app/{a}/b.ts', 'read'],
    ['an exclamation mark is only a character', { exclude: ['!a'] }, 'b', 'read'],
    ['excluded files are not even skipped', { exclude: ['**/*.lock'] }, 'yarn.lock', 'excluded'],
  ])('%s', (_, globs, path, judged) => {
    expect(judge(path, '100644', globs)).toBe(judged);
  });
});

describe('content', () => {
  it('is an LFS pointer by its first line and its size', () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12345\n';
    expect(isLfsPointer(Buffer.from(pointer))).toBe(true);
    expect(isLfsPointer(Buffer.from(pointer + 'x'.repeat(1024)))).toBe(false);
    expect(isLfsPointer(Buffer.from('version 1\n'))).toBe(false);
  });
});

describe('a selection is refused', () => {
  it.each<[string, 'full' | 'incremental', [number, number, number], boolean]>([
    ['that leaves nothing of a tree', 'full', [10, 0, 0], true],
    ['but not for an empty tree', 'full', [0, 5, 0], false],
    ['that would leave less than half', 'incremental', [10, 10, 4], true],
    ['but not at half', 'incremental', [10, 10, 5], false],
    ['but not when everything was renamed', 'incremental', [10, 10, 10], false],
    ['but not in a full run', 'full', [10, 10, 1], false],
  ])('%s', (_, mode, [inTree, before, after], refused) => {
    const guard = () => guardSelection({ mode }, { inTree, before, after });
    if (refused) expect(guard).toThrow(expect.objectContaining({ reason: 'NothingSelected' }));
    else expect(guard).not.toThrow();
  });
});
