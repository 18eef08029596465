import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withSource } from '../../src/cli/source.ts';
import { resolveRef, type ResolvedRef } from '../../src/git/remote.ts';
import { resolveLocalRef } from '../../src/git/local.ts';
import { openRemote } from '../../src/git/repository.ts';
import { run } from '../bed/command.ts';
import { aGitServer, type TestGitServer } from '../support/real/a-git-server.ts';
import { aRepository, type TestRepository } from '../support/real/a-repository.ts';
import { aVersion } from '../support/real/an-indexed-version.ts';
import { fakeEngine } from '../support/fakes/fake-engine.ts';

/** Commits by name; what a ref should lead to is one of them, or a reason. */
type Commits = { readonly first: string; readonly second: string };
const found = (commit: keyof Commits, refName: string) => ({ commit, refName });

const table: readonly (readonly [string, string, ReturnType<typeof found> | string])[] = [
  ['HEAD where none is given', '', found('second', 'refs/heads/main')],
  ['HEAD by its name, whatever branch has it', 'HEAD', found('second', 'refs/heads/main')],
  ['a branch of that name by its whole one', 'refs/heads/HEAD', found('first', 'refs/heads/HEAD')],
  ['a tag of a scoped package', '@scope/pkg@1.0.0', found('first', 'refs/tags/@scope/pkg@1.0.0')],
  ['a branch', 'main', found('second', 'refs/heads/main')],
  ['a branch by its whole name', 'refs/heads/main', found('second', 'refs/heads/main')],
  ['a branch with slashes', 'feature/a/b', found('first', 'refs/heads/feature/a/b')],
  ['a tag', 'light', found('first', 'refs/tags/light')],
  ['a tag with a message, as the commit that it means', 'v1', found('first', 'refs/tags/v1')],
  ['a tag of a tag', 'v1-again', found('first', 'refs/tags/v1-again')],
  ['a tag by its whole name', 'refs/tags/v1', found('first', 'refs/tags/v1')],
  ['a commit', 'FIRST', found('first', '')],
  ['a branch and a tag of the same name: neither', 'both', 'RefAmbiguous'],
  ['of those the branch, when it is written out', 'refs/heads/both', found('second', 'refs/heads/both')],
  ['of those the tag, when it is written out', 'refs/tags/both', found('first', 'refs/tags/both')],
  ['nothing for a name that is not there', 'nothing', 'RefNotFound'],
  ['nothing for the end of a name', 'a/b', 'RefNotFound'],
  ['nothing for a commit cut short', 'SHORT', 'RefNotFound'],
];

describe('a ref', () => {
  let server: TestGitServer;
  let repository: Awaited<ReturnType<TestGitServer['repository']>>;
  let commits: Commits;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reindeer-refs-'));
    server = await aGitServer();
    repository = await server.repository('refs');
    const first = await repository.commit({ 'a.txt': 'a\n' });
    const second = await repository.commit({ 'a.txt': 'b\n' });
    commits = { first, second };
    const git = (...args: readonly string[]) =>
      repository.git('-c', 'user.name=T', '-c', 'user.email=t@e.org', ...args);
    await git('branch', 'feature/a/b', first);
    await git('update-ref', 'refs/heads/HEAD', first);
    await git('tag', '@scope/pkg@1.0.0', first);
    await git('tag', 'blob', `${first}:a.txt`);
    await git('branch', 'both', second);
    await git('tag', 'both', first);
    await git('tag', 'light', first);
    await git('tag', '-a', '-m', 'one', 'v1', first);
    await git('tag', '-a', '-m', 'two', 'v1-again', 'v1');
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const refOf = (ref: string): string =>
    ref === 'FIRST' ? commits.first : ref === 'SHORT' ? commits.first.slice(0, 12) : ref;
  const places: readonly (readonly [string, (ref: string) => Promise<ResolvedRef>])[] = [
    ['over HTTPS', ref => resolveRef(repository.url, ref, { credentials: { ca: server.ca }, addresses: [] })],
    ['in a folder', ref => resolveLocalRef(repository.path, ref, folder)],
  ];

  describe.each(places)('%s', (_, resolve) => {
    it.each(table)('means %s', async (_what, ref, expected) => {
      const answer = await resolve(refOf(ref));
      if (typeof expected === 'string') expect(answer).toMatchObject({ is: expected });
      else expect(answer).toEqual({ is: 'found', commit: commits[expected.commit], refName: expected.refName });
    });

    it('that is a commit cut short is told how one is named', async () => {
      expect(await resolve(commits.first.slice(0, 12))).toMatchObject({
        message: expect.stringMatching(/all of its digits/),
      });
    });

    it('that is ambiguous is told with what to write instead', async () => {
      expect(await resolve('both')).toMatchObject({
        message: expect.stringMatching(/refs\/heads\/both or refs\/tags\/both/),
      });
    });
  });

  it('that names a blob is told as that when it was fetched', async () => {
    const asked = { credentials: { ca: server.ca }, addresses: [] };
    const resolved = await resolveRef(repository.url, 'blob', asked);
    if (resolved.is !== 'found') throw new Error('a remote does not say what a tag names');
    const blobs = { belowBytes: 1000 };
    const opened = openRemote({
      url: repository.url,
      ...asked,
      ...resolved,
      blobs,
      folder: mkdtempSync(join(folder, 'blob-')),
    });
    await expect(opened).rejects.toMatchObject({
      reason: 'RefNotFound',
      message: expect.stringMatching(/blob names a blob, not a commit/),
    });
  });

  it.each(['repository.url', 'repository.path'])(
    'that is ambiguous ends `reindeer index` of %s with the reason',
    async place => {
      const { signal } = new AbortController();
      const at = place === 'repository.url' ? repository.url : repository.path;
      const request = { repository: at, branch: 'both', credentials: { ca: server.ca }, signal };
      const refused = withSource(request, () => Promise.resolve());
      await expect(refused).rejects.toMatchObject({ name: 'TerminalError', reason: 'RefAmbiguous' });
    },
  );
});

describe('a folder that holds less than all of a history', () => {
  let origin: TestRepository;
  let folder: string;
  let commits: readonly string[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reindeer-clones-'));
    origin = await aRepository();
    commits = [await origin.commit({ 'a.txt': 'a\n', 'b.txt': 'b\n' }), await origin.commit({ 'a.txt': 'c\n' })];
    await origin.git('config', 'uploadpack.allowFilter', 'true');
  });
  afterAll(() => {
    origin.remove();
    rmSync(folder, { recursive: true });
  });
  const clone = async (name: string, ...flags: readonly string[]): Promise<string> => {
    await run(['git', 'clone', '--quiet', '--bare', ...flags, `file://${origin.path}`, join(folder, name)]);
    return join(folder, name);
  };

  it('because it is shallow is indexed as the whole is', async () => {
    const [first = '', second = ''] = commits;
    const version = await aVersion(fakeEngine(), 't', 'cut');
    await version.run(origin.path, first);
    const end = await version.run(await clone('shallow', '--depth=1'), second, { input: { mode: 'incremental' } });
    expect(end.result).toMatchObject({ outcome: 'succeeded', base: first });
    const whole = await aVersion(fakeEngine(), 't', 'cut');
    await whole.run(origin.path, second);
    expect(await version.dump()).toEqual(await whole.dump());
  });

  it('because it is a partial clone says which content is missing, and fetches nothing by itself', async () => {
    const [, second = ''] = commits;
    const version = await aVersion(fakeEngine(), 't', 'cut');
    const end = await version.run(await clone('partial', '--filter=blob:none'), second);
    expect(end.result).toMatchObject({
      outcome: 'failed',
      errors: [expect.stringMatching(/lacks the content of a\.txt/)],
    });
    expect(await version.dump()).toEqual([]);
    expect(await version.record()).toMatchObject({ commit: null });
  });
});
