import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exitCodes } from '../../src/api/exit-codes.ts';
import { withSource } from '../../src/cli/source.ts';
import type { GitCredentials } from '../../src/domain/git-credentials.ts';
import { resolveRef } from '../../src/git/remote.ts';
import { openRemote } from '../../src/git/repository.ts';
import { aVersion } from '../support/real/an-indexed-version.ts';
import { anSshServer, sshd, type TestSshServer } from '../support/real/an-ssh-server.ts';
import { fakeEngine } from '../support/fakes/fake-engine.ts';

const onSshd = sshd === undefined ? describe.skip : describe;

onSshd(`a Git remote over SSH${sshd === undefined ? ' (no sshd here: install openssh-server)' : ''}`, () => {
  let server: TestSshServer;
  let repository: Awaited<ReturnType<TestSshServer['repository']>>;
  let first: string;
  let folder: string;
  beforeAll(async () => {
    server = await anSshServer();
    repository = await server.repository('read');
    first = await repository.commit({ 'a.txt': 'a\n', 'b/c.txt': 'c\n' });
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "reindeer it's 100% "));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const good = (): GitCredentials => ({ sshPrivateKey: server.keys.good, knownHosts: server.knownHosts });
  const ask = (credentials: GitCredentials, url = repository.url) =>
    resolveRef(url, 'main', { credentials, addresses: [] });

  it('is asked for a ref, at its name or at the address that was looked at, and knows its branches', async () => {
    expect(await ask(good())).toEqual({ is: 'found', commit: first, refName: 'refs/heads/main' });
    const named = repository.url.replace('127.0.0.1', 'git.example.org');
    const credentials = { ...good(), knownHosts: server.knownHosts.replace('127.0.0.1', 'git.example.org') };
    expect(await resolveRef(named, 'main', { credentials, addresses: ['127.0.0.1'] })).toMatchObject({ commit: first });
  });

  it('is indexed, and brought up to date, as a folder is', async () => {
    const version = await aVersion(fakeEngine(), 't', 'ssh');
    const commits = [first, await repository.commit({ 'b/c.txt': 'changed\n', 'b/d.txt': 'd\n' })];
    for (const commit of commits) {
      const how = { url: repository.url, credentials: good(), addresses: [], commit, refName: 'refs/heads/main' };
      const end = await version.run(repository.path, commit, {
        input: { mode: 'incremental' },
        ports: {
          openRepository: blobs => openRemote({ ...how, blobs, folder: mkdtempSync(join(folder, 'run-')) }),
        },
      });
      expect(end.result).toMatchObject({ outcome: 'succeeded', errors: [] });
    }
    const local = await aVersion(fakeEngine(), 't', 'ssh');
    await local.run(repository.path, commits[1] ?? '');
    expect(await version.dump()).toEqual(await local.dump());
    expect(new Set(server.commands().map(command => command.split(' ')[0]))).toEqual(new Set(['git-upload-pack']));
  });

  const refused: readonly (readonly [string, string, () => GitCredentials])[] = [
    ['a key that nobody knows', 'AuthenticationFailed', () => ({ ...good(), sshPrivateKey: server.keys.unknown })],
    ['no key, whatever keys this user may have', 'AuthenticationFailed', () => ({ knownHosts: server.knownHosts })],
    ['a key behind a passphrase', 'InvalidSecret', () => ({ ...good(), sshPrivateKey: server.keys.locked })],
    ['what is no key', 'InvalidSecret', () => ({ ...good(), sshPrivateKey: 'canary of a key\n' })],
    ['no known_hosts', 'HostKeyMissing', () => ({ sshPrivateKey: server.keys.good })],
    [
      'known_hosts of other hosts',
      'HostKeyMissing',
      () => ({ ...good(), knownHosts: 'other.example.org ssh-ed25519 AAAA\n' }),
    ],
    ['another key for this host', 'HostKeyMismatch', () => ({ ...good(), knownHosts: server.keyOfAnotherHost })],
  ];

  describe.each(refused)('with %s', (_, reason, credentials) => {
    it(`is not asked by the operator: ${reason}`, async () => {
      const error: unknown = await ask(credentials()).catch((e: unknown) => e);
      expect(error).toMatchObject({ name: 'TerminalError', reason });
      expect(String(error)).not.toMatch(/canary|PRIVATE KEY/);
    });

    it(`is not read by a worker: ${reason}`, async () => {
      const version = await aVersion(fakeEngine(), 't', 'refused');
      const how = { url: repository.url, credentials: credentials(), addresses: [], refName: 'refs/heads/main' };
      const end = await version.run(repository.path, first, {
        ports: { openRepository: blobs => openRemote({ ...how, commit: first, blobs, folder }) },
      });
      const exitCode = reason === 'AuthenticationFailed' ? exitCodes.denied : exitCodes.badConfiguration;
      expect(end).toMatchObject({ exitCode, result: { outcome: 'failed', reason } });
      expect(await version.dump()).toEqual([]);
    });
  });

  it('with a user that is not let in refuses', async () => {
    const wrong = ask(good(), repository.url.replace(`${server.user}@`, 'nobody-of-that-name@'));
    await expect(wrong).rejects.toMatchObject({ name: 'TerminalError', reason: 'AuthenticationFailed' });
  });

  it('without that repository says so', async () => {
    const missing = ask(good(), repository.url.replace('read.git', 'nothing.git'));
    await expect(missing).rejects.toMatchObject({ name: 'TerminalError', reason: 'RepositoryNotFound' });
  });

  it('is a source of `reindeer index`', async () => {
    const { signal } = new AbortController();
    const request = { repository: repository.url, branch: 'main', credentials: good(), signal };
    const commit = await withSource(request, source => Promise.resolve(source.commit));
    expect(commit).toBe(await repository.git('rev-parse', 'main'));
  });
});
