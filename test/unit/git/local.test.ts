import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { locate, openLocal, resolveLocalRef } from '../../../src/git/local.ts';
import { readBlobs } from '../../../src/git/objects.ts';
import { aRepository, type TestRepository } from '../../support/real/a-repository.ts';

let folder: string;
let origin: TestRepository;
let commit: string;
const at = (...names: readonly string[]): string => join(folder, ...names);
const work = (): string => mkdtempSync(at('work-'));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reindeer-local-'));
  origin = await aRepository();
  commit = await origin.commit({ 'a.txt': 'a\n' });
});
afterAll(() => {
  origin.remove();
  rmSync(folder, { recursive: true });
});

describe('a path', () => {
  it('of a bare repository, of a work tree, of its .git and of a link to it is a repository', async () => {
    await origin.git('clone', '--quiet', origin.path, at('tree'));
    symlinkSync(at('tree'), at('link'));
    for (const path of [origin.path, at('tree'), at('tree', '.git'), at('link')])
      expect(await locate(path, work())).toEqual({ is: 'repository' });
  });

  it('inside a repository is told with the repository and the folder, also through a link', async () => {
    mkdirSync(at('tree', 'node_modules', 'leftpad'), { recursive: true });
    symlinkSync(at('tree', 'node_modules', 'leftpad'), at('linked'));
    const inside = { is: 'inside', repository: at('tree'), folder: 'node_modules/leftpad' };
    expect(await locate(at('tree', 'node_modules', 'leftpad'), work())).toEqual(inside);
    expect(await locate(at('linked'), work())).toEqual(inside);
    expect(await locate(join(origin.path, 'objects'), work())).toMatchObject({ is: 'inside', repository: origin.path });
    await expect(resolveLocalRef(at('linked'), '', work())).rejects.toMatchObject({ reason: 'RepositoryNotFound' });
  });

  it('of a folder without a repository is said to be none', async () => {
    mkdirSync(at('plain'));
    await expect(locate(at('plain'), work())).rejects.toThrow(/plain is not a Git repository$/);
  });

  it.each<[string, string, RegExp]>([
    ['a newer format', '[core]\n\trepositoryformatversion = 99\n', /Git cannot read the repository .*version.*99/],
    ['a reference store that it does not know', '[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefstorage = odd\n', /Git cannot read .*refstorage/],
    ['a broken configuration', '[core\n', /Git cannot read .*bad config line 1/],
  ])('of a repository with %s is told in the words of Git', async (what, config, words) => {
    const path = at(what);
    cpSync(origin.path, path, { recursive: true });
    writeFileSync(join(path, 'config'), config);
    await expect(locate(path, work())).rejects.toMatchObject({ reason: 'RepositoryNotFound', message: expect.stringMatching(words) });
  }); // prettier-ignore
});

describe('a repository that borrows its objects', () => {
  it('is read over as many links as Git itself follows', async () => {
    let before = origin.path;
    for (let link = 1; link <= 6; link += 1) {
      const path = at(`borrower-${link}`);
      await origin.git('init', '--quiet', '--bare', path);
      mkdirSync(join(path, 'objects', 'info'), { recursive: true });
      appendFileSync(join(path, 'objects', 'info', 'alternates'), `${join(before, 'objects')}\n`);
      before = path;
    }
    await origin.git('-C', before, 'update-ref', 'refs/heads/main', commit);
    const repository = await openLocal({ path: before, commit, folder: work() });
    const texts: (string | undefined)[] = [];
    for await (const { bytes } of readBlobs(repository.store, [`${commit}:a.txt`])) texts.push(bytes?.toString());
    expect(texts).toEqual(['a\n']);
  });
});

describe('a ref that leads to no commit', () => {
  it.each<[string, string]>([
    ['blob', 'a-blob'],
    ['tree', 'a-tree'],
    ['tree', 'a-tree-with-a-message'],
  ])('is told as the %s that it names', async (type, tag) => {
    await origin.git('tag', '--force', 'a-blob', `${commit}:a.txt`);
    await origin.git('tag', '--force', 'a-tree', `${commit}^{tree}`);
    const identity = ['-c', 'user.name=T', '-c', 'user.email=t@example.org'];
    await origin.git(...identity, 'tag', '--force', '-a', '-m', 'm', 'a-tree-with-a-message', `${commit}^{tree}`);
    expect(await resolveLocalRef(origin.path, tag, work())).toMatchObject({
      is: 'RefNotFound',
      message: `refs/tags/${tag} of ${origin.path} names a ${type}, not a commit`,
    });
  });

  it('because it is a commit cut short is told with the whole one', async () => {
    const message = expect.stringContaining(`all of its digits: ${commit}`);
    expect(await resolveLocalRef(origin.path, commit.slice(0, 8), work())).toMatchObject({
      is: 'RefNotFound',
      message,
    });
  });
});
