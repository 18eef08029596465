import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { GitCredentials } from '../../src/domain/git-credentials.ts';
import { diffTrees, listTree, objectSizes, readBlobs, type TreeChange } from '../../src/git/objects.ts';
import { resolveRef } from '../../src/git/remote.ts';
import { openRemote, type RemoteSource, type Repository } from '../../src/git/repository.ts';
import { aGitServer, type TestGitServer } from '../support/real/a-git-server.ts';
import type { Changes } from '../support/real/a-repository.ts';
import { aVersion } from '../support/real/an-indexed-version.ts';
import { connectProxy, type ConnectProxy } from '../support/real/connect-proxy.ts';
import { fakeEngine } from '../support/fakes/fake-engine.ts';

describe('a Git remote over HTTPS', () => {
  let server: TestGitServer;
  let folder: string;
  let anonymous: GitCredentials;
  beforeAll(async () => {
    server = await aGitServer();
    anonymous = { ca: server.ca };
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'reindeer-fetch-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  describe('is asked for a ref and', () => {
    it('knows HEAD, branches, tags (peeled) and commits', async () => {
      const repository = await server.repository('refs');
      const first = await repository.commit({ 'a.txt': 'a\n' });
      await repository.git('-c', 'user.name=T', '-c', 'user.email=t@example.org', 'tag', '-a', '-m', 't', 'v1', first);
      const second = await repository.commit({ 'a.txt': 'b\n' });
      const ask = (ref: string) => resolveRef(repository.url, ref, asking());
      expect(await ask('')).toEqual({ is: 'found', commit: second, refName: 'refs/heads/main' });
      expect(await ask('main')).toEqual({ is: 'found', commit: second, refName: 'refs/heads/main' });
      expect(await ask('refs/heads/main')).toEqual({ is: 'found', commit: second, refName: 'refs/heads/main' });
      expect(await ask('v1')).toEqual({ is: 'found', commit: first, refName: 'refs/tags/v1' });
      expect(await ask(first)).toEqual({ is: 'found', commit: first, refName: '' });
      await repository.git('branch', 'v1', second);
      expect(await ask('v1')).toMatchObject({ is: 'RefAmbiguous' });
      expect(await ask('nothing')).toMatchObject({ is: 'RefNotFound' });
    });

    it('says of a repository without a commit that it is empty', async () => {
      const repository = await server.repository('empty');
      expect(await resolveRef(repository.url, '', asking())).toMatchObject({ is: 'EmptyRepository' });
      expect(await resolveRef(repository.url, 'main', asking())).toMatchObject({ is: 'EmptyRepository' });
    });

    it('says of a HEAD that names no branch that the ref is not there', async () => {
      const repository = await server.repository('unborn');
      await repository.commit({ 'a.txt': 'a\n' }, 'other');
      expect(await resolveRef(repository.url, '', asking())).toMatchObject({ is: 'RefNotFound' });
    });
  });

  describe('lets in', () => {
    it.each<[string, () => GitCredentials]>([
      ['a user name and password', () => ({ username: server.username, password: server.password })],
      ['a token', () => ({ token: server.token })],
      ['a token with a user name', () => ({ username: 'anybody', token: server.token })],
    ])('%s', async (_, credentials) => {
      const repository = await server.repository('private/in');
      const commit = await repository.commit({ 'a.txt': 'a\n' });
      const given = { ...credentials(), ca: server.ca };
      expect(await resolveRef(repository.url, 'main', asking(given))).toMatchObject({ commit });
      const fetched = await openRemote({ ...source(repository.url, commit), credentials: given });
      expect(await contents(fetched, commit)).toEqual({ 'a.txt': 'a\n' });
      expect(secretFilesBelow(folder)).toEqual(['password']);
      repository.remove();
    });
  });

  describe('that refuses is named', () => {
    it.each<[string, string, string, () => GitCredentials]>([
      ['AuthenticationFailed without credentials', 'AuthenticationFailed', 'private/out', () => anonymous],
      [
        'AuthenticationFailed with a wrong token',
        'AuthenticationFailed',
        'private/out',
        () => ({ token: 'wr0ng-canary', ca: server.ca }),
      ],
      ['UnknownCA without its CA', 'UnknownCA', 'refs', () => ({})],
      ['RepositoryNotFound without that repository', 'RepositoryNotFound', 'nowhere', () => anonymous],
    ])('%s', async (_, reason, name, credentials) => {
      const error: unknown = await resolveRef(`${server.url}/${name}.git`, 'main', asking(credentials())).catch(
        (e: unknown) => e,
      );
      expect(error).toMatchObject({ name: 'TerminalError', reason });
      expect(String(error)).not.toMatch(/canary/);
    });

    it('RemoteUnreachable when nobody listens', async () => {
      const gone = resolveRef('https://127.0.0.1:1/a.git', '', asking());
      await expect(gone).rejects.toMatchObject({ name: 'RetryableError', reason: 'RemoteUnreachable' });
    });
  });

  describe('whose addresses were looked at', () => {
    const named = (url: string) => url.replace('//127.0.0.1:', '//git.example.test:');

    it('is asked and fetched there, whatever its name leads to by then', async () => {
      const repository = await server.repository('pinned');
      const commit = await repository.commit({ 'a.txt': 'a\n' });
      const pinned = { credentials: anonymous, addresses: ['127.0.0.1'] };
      expect(await resolveRef(named(repository.url), 'main', pinned)).toMatchObject({ commit });
      const fetched = await openRemote({ ...source(named(repository.url), commit), ...pinned });
      expect(await contents(fetched, commit)).toEqual({ 'a.txt': 'a\n' });
    });

    it('is asked nowhere else: a name that leads here by now is not followed', async () => {
      const repository = await server.repository('rebound');
      await repository.commit({ 'a.txt': 'a\n' });
      const here = repository.url.replace('//127.0.0.1:', '//localhost:');
      const elsewhere = resolveRef(here, 'main', { credentials: anonymous, addresses: ['127.0.0.2'] });
      await expect(elsewhere).rejects.toMatchObject({ reason: 'RemoteUnreachable' });
    });
  });

  describe('behind a proxy', () => {
    let proxy: ConnectProxy;
    beforeAll(async () => {
      proxy = await connectProxy();
    });
    afterEach(() => {
      for (const name of ['HTTPS_PROXY', 'NO_PROXY']) Reflect.deleteProperty(process.env, name);
    });
    afterAll(() => proxy.close());

    const named = (url: string) => url.replace('//127.0.0.1:', '//git.example.test:');

    it('is asked and fetched through it, by a name that only the proxy knows', async () => {
      const repository = await server.repository('proxied');
      const commit = await repository.commit({ 'a.txt': 'a\n' });
      process.env['HTTPS_PROXY'] = proxy.url;
      expect(await resolveRef(named(repository.url), 'main', asking())).toMatchObject({ commit });
      const fetched = await openRemote(source(named(repository.url), commit));
      expect(await contents(fetched, commit)).toEqual({ 'a.txt': 'a\n' });
      expect(new Set(proxy.asked)).toEqual(new Set([`git.example.test:${new URL(repository.url).port}`]));
      expect(proxy.asked.length).toBeGreaterThanOrEqual(2);
    });

    it('is asked directly where NO_PROXY names it', async () => {
      const repository = await server.repository('direct');
      const commit = await repository.commit({ 'a.txt': 'a\n' });
      process.env['HTTPS_PROXY'] = proxy.url;
      process.env['NO_PROXY'] = '127.0.0.0/8';
      const before = proxy.asked.length;
      expect(await resolveRef(repository.url, 'main', asking())).toMatchObject({ commit });
      expect(proxy.asked.length).toBe(before);
    });

    it('is RemoteUnreachable when the proxy does not let it through', async () => {
      process.env['HTTPS_PROXY'] = proxy.url;
      const refused = resolveRef('https://forbidden.example.test/a.git', 'main', asking());
      await expect(refused).rejects.toMatchObject({ name: 'RetryableError', reason: 'RemoteUnreachable' });
    });
  });

  describe('is fetched', () => {
    const large = 'x'.repeat(5000);

    it('without what is larger than the limit, which then is missing and not asked for again', async () => {
      const repository = await server.repository('large');
      const commit = await repository.commit({ 'large.txt': large, 'small.txt': 'small\n' });
      const fetched = await openRemote(source(repository.url, commit));
      expect(fetched.missingBlob).toBe('too-large');
      await fetched.bring(['unused']);
      expect(await contents(fetched, commit)).toEqual({ 'large.txt': undefined, 'small.txt': 'small\n' });
    });

    it('without any content, which is then brought by name in one request', async () => {
      const repository = await server.repository('blobless');
      const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i}.txt`, `content ${i}\n`]));
      const commit = await repository.commit(files);
      const fetched = await openRemote({ ...source(repository.url, commit), blobs: 'none' });
      await fetched.bringTrees();
      const oids = await oidsOf(fetched, commit);
      expect(await sizes(fetched, oids)).toEqual(oids.map(() => undefined));
      await fetched.bring(oids);
      expect(await contents(fetched, commit)).toEqual(files);
    });

    it('at a commit that no branch points to any more, as long as the server keeps it', async () => {
      const repository = await server.repository('rewritten');
      const old = await repository.commit({ 'a.txt': 'old\n' });
      const commit = await repository.rewrite({ 'a.txt': 'new\n' });
      const before = await openRemote(withoutBlobs(repository.url, commit));
      expect(await before.bringDifference(old)).toBe(true);
      await repository.git('gc', '--quiet', '--prune=now');
      const after = await openRemote(withoutBlobs(repository.url, commit));
      expect(await after.bringDifference(old)).toBe(false);
      await after.bringTrees();
      expect(await contents(after, commit)).toEqual({ 'a.txt': undefined });
    });

    it('by what differs: only the trees above a change come, also those of folders that came or went', async () => {
      const repository = await server.repository('difference');
      const old = await repository.commit({ 'a/b/c.txt': 'c\n', 'd/e/f.txt': 'f\n', 'g/h/i/j.txt': 'j\n' });
      const commit = await repository.commit({ 'a/b/c.txt': 'new\n', 'd/e/f.txt': null, 'k/l/m.txt': 'm\n' });
      const fetched = await openRemote(withoutBlobs(repository.url, commit));
      expect(await fetched.bringDifference(old)).toBe(true);
      const paths: string[] = [];
      for await (const changes of diffTrees(fetched.store, old, commit)) paths.push(...changes.map(pathOf));
      expect(paths).toEqual(['M a/b/c.txt', 'D d/e/f.txt', 'A k/l/m.txt']);
      const here = await repository.git('rev-parse', `${commit}:a/b`, `${old}:d/e`, `${commit}:g`);
      expect((await sizes(fetched, here.split('\n'))).map(size => size !== undefined)).toEqual([true, true, false]);
    });

    it('as a whole where a change lies below so many folders that a request for each would take minutes', async () => {
      const repository = await server.repository('deep');
      const path = `${'d/'.repeat(1000)}a.txt`;
      const old = await repository.commit({ [path]: 'a\n' });
      const commit = await repository.commit({ [path]: 'b\n' });
      const fetched = await openRemote(withoutBlobs(repository.url, commit));
      expect(await fetched.bringDifference(old)).toBe(false);
      await fetched.bringTrees();
      await fetched.bring(await oidsOf(fetched, commit));
      expect(await contents(fetched, commit)).toEqual({ [path]: 'b\n' });
    });

    it('by what differs when that is nothing but the commit', async () => {
      const repository = await server.repository('same');
      const old = await repository.commit({ 'a/b.txt': 'b\n' });
      const commit = await repository.commit({});
      const fetched = await openRemote(withoutBlobs(repository.url, commit));
      expect(await fetched.bringDifference(old)).toBe(true);
      for await (const changes of diffTrees(fetched.store, old, commit)) expect(changes).toEqual([]);
    });

    it('not at all when the commit does not exist', async () => {
      const repository = await server.repository('gone');
      await repository.commit({ 'a.txt': 'a\n' });
      const missing = openRemote(source(repository.url, 'b'.repeat(40)));
      await expect(missing).rejects.toMatchObject({ name: 'TerminalError', reason: 'RefNotFound' });
      const light = await openRemote(withoutBlobs(repository.url, 'b'.repeat(40)));
      await expect(light.bringTrees()).rejects.toMatchObject({ name: 'TerminalError', reason: 'RefNotFound' });
    });

    it.each<[string, boolean, readonly (readonly [string, string])[]]>([
      [
        'leaves nothing out',
        // All of it comes at once then.
        true,
        [
          ['uploadpack.allowFilter', 'false'],
          ['uploadpack.allowAnySHA1InWant', 'false'],
        ],
      ],
      ['leaves no trees out', false, [['uploadpackfilter.tree.allow', 'false']]],
    ])('from a server that %s', async (what, isEnough, configuration) => {
      const repository = await server.repository(what.replaceAll(' ', '-'));
      const old = await repository.commit({ 'a.txt': 'a\n' });
      const commit = await repository.commit({ 'a.txt': 'b\n' });
      for (const [key, value] of configuration) await repository.git('config', key, value);
      const fetched = await openRemote(withoutBlobs(repository.url, commit));
      expect(await fetched.bringDifference(old)).toBe(isEnough);
      await fetched.bringTrees();
      await fetched.bring(await oidsOf(fetched, commit));
      expect(await contents(fetched, commit)).toEqual({ 'a.txt': 'b\n' });
    });

    it('from a server that is a shallow clone itself', async () => {
      const origin = await server.repository('origin');
      const old = await origin.commit({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
      const commit = await origin.commit({ 'a.txt': 'c\n' });
      const shallow = await server.repository('shallow');
      await shallow.git('fetch', '--quiet', '--depth=1', `file://${origin.path}`, '+refs/heads/main:refs/heads/main');
      const fetched = await openRemote(withoutBlobs(shallow.url, commit));
      expect(await fetched.bringDifference(old)).toBe(false);
      await fetched.bringTrees();
      await fetched.bring(await oidsOf(fetched, commit));
      expect(await contents(fetched, commit)).toEqual({ 'a.txt': 'c\n', 'b.txt': 'b\n' });
    });
  });

  it('is indexed like a folder, commit by commit, whatever is fetched for it', async () => {
    const repository = await server.repository('chain');
    const engine = fakeEngine();
    const remote = await aVersion(engine, 't', 'chain');
    const selection = { maxFileBytes: 1000 };
    const chain: readonly Changes[] = [
      { 'a.txt': 'a\n', 'large.txt': 'x\n'.repeat(2000), '.gitattributes': 'gen/* linguist-generated\n' },
      { 'b/c.txt': 'c\n', 'gen/d.txt': 'd\n', 'large.txt': 'y\n'.repeat(2000) },
      { 'a.txt': null, 'b/c.txt': 'changed\n', 'large.txt': 'small now\n' },
      { '.gitattributes': null, 'b/e.txt': 'z\n'.repeat(2000) },
    ];
    for (const changes of chain) {
      const commit = await repository.commit(changes);
      const workFolder = mkdtempSync(join(folder, 'work-'));
      const openRepository = (blobs: RemoteSource['blobs']) =>
        openRemote({ ...source(repository.url, commit), blobs, folder: workFolder });
      const end = await remote.run(repository.path, commit, {
        input: { mode: 'incremental', selection },
        ports: { openRepository },
      });
      expect(end.result).toMatchObject({ outcome: 'succeeded', errors: [] });
      const local = await aVersion(engine, 't', 'chain');
      await local.run(repository.path, commit, { input: { selection } });
      expect(await remote.dump()).toEqual(await local.dump());
    }
  });

  const withoutBlobs = (url: string, commit: string): RemoteSource => ({
    ...source(url, commit),
    blobs: 'none',
    folder: mkdtempSync(join(folder, 'light-')),
  });
  const asking = (credentials = anonymous) => ({ credentials, addresses: [] });
  const source = (url: string, commit: string): RemoteSource => ({
    url,
    commit,
    refName: 'refs/heads/main',
    ...asking(),
    blobs: { belowBytes: 1000 },
    folder,
  });
});

function pathOf({ status, path }: TreeChange): string {
  return `${status} ${path.toString()}`;
}

async function oidsOf({ store }: Repository, commit: string): Promise<readonly string[]> {
  const oids: string[] = [];
  for await (const entries of listTree(store, commit)) oids.push(...entries.map(entry => entry.oid));
  return oids;
}

async function sizes({ store }: Repository, oids: readonly string[]): Promise<readonly (number | undefined)[]> {
  const found: (number | undefined)[] = [];
  for await (const { sizeBytes } of objectSizes(store, oids)) found.push(sizeBytes);
  return found;
}

/** Text of every file, undefined where it is not in the store. */
async function contents({ store }: Repository, commit: string): Promise<Readonly<Record<string, string | undefined>>> {
  const paths: string[] = [];
  const oids: string[] = [];
  for await (const entries of listTree(store, commit)) {
    paths.push(...entries.map(entry => entry.path.toString()));
    oids.push(...entries.map(entry => entry.oid));
  }
  const found: [string, string | undefined][] = [];
  for await (const { bytes } of readBlobs(store, oids)) found.push([paths[found.length] ?? '', bytes?.toString()]);
  return Object.fromEntries(found);
}

/** Files in which a secret of the test server stands: the one that the askpass helper reads, and no configuration. */
function secretFilesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter(entry => entry.isFile() && readFileSync(join(entry.parentPath, entry.name), 'latin1').includes('-canary'))
    .map(entry => entry.name);
}
