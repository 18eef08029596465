import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { remoteError } from '../../../src/git/failure.ts';
import { openLocal } from '../../../src/git/local.ts';
import { diffTrees, listTree } from '../../../src/git/objects.ts';
import { GitOutputTooLargeError, runGit } from '../../../src/git/process.ts';
import type { Repository } from '../../../src/git/repository.ts';
import { viewTree } from '../../../src/workers/index/tree/tree-view.ts';
import { aRepository, type TestRepository } from '../../support/real/a-repository.ts';
import { rawObjects } from '../../support/real/raw-tree.ts';

describe('a repository that does not fit', () => {
  let repository: TestRepository;
  let folder: string;
  beforeEach(async () => {
    repository = await aRepository();
    folder = mkdtempSync(join(tmpdir(), 'reindeer-large-'));
  });
  afterEach(() => {
    repository.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (commit: string): Promise<Repository> => openLocal({ path: repository.path, commit, folder });

  const all = async (batches: AsyncIterable<readonly unknown[]>): Promise<number> => {
    let count = 0;
    for await (const batch of batches) count += batch.length;
    return count;
  };

  /** A tree of ten entries that are all the tree before, seven levels deep: a few hundred bytes, ten million paths. */
  function aTreeBomb(): string {
    const git = (input: string, ...args: readonly string[]): string =>
      execFileSync('git', ['-C', repository.path, ...args], { input, encoding: 'utf8' }).trim();
    const names = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
    let entry = `100644 blob ${git('x', 'hash-object', '-w', '--stdin')}`;
    for (let level = 0; level < 7; level += 1) {
      const tree = git(names.map(name => `${entry}\t${name}\n`).join(''), 'mktree');
      entry = `040000 tree ${tree}`;
    }
    const author = ['-c', 'user.name=T', '-c', 'user.email=t@example.org'];
    return git('', ...author, 'commit-tree', '-m', 'bomb', entry.slice(-40));
  }

  it('is refused at the first path too many, whatever its bytes are', async () => {
    const small = await repository.commit({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
    const bomb = aTreeBomb();
    const { store } = await open(bomb);
    const refused = { name: 'TerminalError', reason: 'RepositoryTooLarge', message: expect.stringContaining('100000') };
    await expect(all(listTree(store, bomb, 100_000))).rejects.toMatchObject(refused);
    expect(await all(listTree(store, small, 2))).toBe(2);
  });

  it('is refused when its folders lie too deep in each other', async () => {
    const raw = rawObjects(repository);
    const blob = raw.blob('a\n');
    const shallow = await repository.commit({ 'a.txt': 'a\n' });
    const deep = raw.commit(raw.deepTree(60_000, blob));
    const { store } = await open(deep);
    const refused = {
      name: 'TerminalError',
      reason: 'RepositoryTooLarge',
      message: expect.stringContaining('too deep'),
    };
    await expect(all(listTree(store, deep))).rejects.toMatchObject(refused);
    await expect(all(diffTrees(store, shallow, deep))).rejects.toMatchObject(refused);
  });

  it('does not have its configuration read when that is no configuration', async () => {
    const rule = '*.gen linguist-generated\n';
    const padding = `# ${'x'.repeat(1024 * 1024)}\n`;
    const commit = await repository.commit({
      '.gitattributes': `${rule}${padding}`,
      '.indexerignore': `*.txt\n${padding}`,
      'lib/.gitattributes': rule,
      'a.gen': 'a\n',
      'a.txt': 'a\n',
      'lib/a.gen': 'a\n',
    });
    const view = await viewTree(await open(commit), commit, { maxFileBytes: 1000 });
    const judged: Record<string, string> = {};
    for await (const entries of view.entries())
      for (const { path, mode, attributes } of entries)
        judged[path.toString()] = view.select(path.toString(), mode, attributes);
    expect(judged).toMatchObject({ 'a.gen': 'read', 'a.txt': 'read', 'lib/a.gen': 'generated' });
  });

  it('by its refs is named so, with its host', async () => {
    await repository.commit({ 'a.txt': 'a\n' });
    const { store } = await open(await repository.git('rev-parse', 'main'));
    const listed = runGit({
      args: ['cat-file', '-p', 'HEAD'],
      environment: store.environment,
      gitDir: repository.path,
    });
    expect((await listed).length).toBeGreaterThan(10);
    const cut = runGit({
      args: ['cat-file', '-p', 'HEAD'],
      environment: store.environment,
      gitDir: repository.path,
      maxOutputBytes: 10,
    });
    await expect(cut).rejects.toBeInstanceOf(GitOutputTooLargeError);
    expect(remoteError(new GitOutputTooLargeError('more than 10 bytes'), 'git.example.org')).toMatchObject({
      name: 'TerminalError',
      reason: 'RepositoryTooLarge',
      message: expect.stringContaining('git.example.org'),
    });
  });
});
