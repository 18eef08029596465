import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { credentialsFrom, type GitCredentials } from '../../../src/domain/git-credentials.ts';
import { parseRemote, type GitRemote } from '../../../src/domain/git-url.ts';
import { readCredentials } from '../../../src/git/credentials.ts';
import {
  localGitEnvironment,
  remoteGitEnvironment,
  withConfiguration,
  type GitEnvironment,
  type RemoteAccess,
} from '../../../src/git/environment.ts';
import { runGit } from '../../../src/git/process.ts';

function remote(url: string): GitRemote {
  const parsed = parseRemote(url);
  if (parsed === undefined) throw new Error(`${url} is no remote`);
  return parsed;
}

function asking(to: GitRemote, credentials: GitCredentials = {}, addresses: readonly string[] = []): RemoteAccess {
  return { remote: to, credentials, addresses };
}

/** What ssh itself makes of the command, which Git has a shell run. */
function settingsOfSsh({ GIT_SSH_COMMAND = '' }: GitEnvironment): readonly string[] {
  const printed = execFileSync('sh', ['-c', `${GIT_SSH_COMMAND} -T -G git@host.example`], { encoding: 'utf8' });
  // The name of the key is printed as it was given; it is read when the key is.
  return printed.replaceAll('%%', '%').split('\n');
}

const sshCredentials = { sshPrivateKey: 'canary', knownHosts: 'h' };
const https = remote('https://host.example/a.git');
const ssh = remote('git@host.example:a.git');

describe('the environment of Git', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "reindeer it's 5%-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('holds nothing of ours but where programs and proxies are', async () => {
    process.env['REINDEER_CANARY'] = 'canary';
    const environment = await localGitEnvironment(folder);
    Reflect.deleteProperty(process.env, 'REINDEER_CANARY');
    expect(Object.keys(environment).filter(name => !name.startsWith('GIT_'))).toEqual(
      expect.arrayContaining(['PATH', 'LC_ALL', 'HOME', 'XDG_CONFIG_HOME']),
    );
    expect(environment).not.toHaveProperty('REINDEER_CANARY');
    expect(environment).toMatchObject({ GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1', GIT_ALLOW_PROTOCOL: '' });
  });

  it.each<[string, string]>([
    ['a repository of this machine', 'file:///'],
    ['a helper that is a command', 'ext::sh -c id'],
    ['plain HTTP', 'http://127.0.0.1:1/a'],
  ])('does not let Git use %s', async (_, url) => {
    const environment = await remoteGitEnvironment(asking(https), folder);
    await expect(runGit({ args: ['ls-remote', '--', url], environment })).rejects.toMatchObject({
      stderr: expect.stringMatching(/transport '\w+' not allowed/),
    });
  });

  it.each<[string, object, string, string]>([
    ['a user name and password', { username: 'u', password: 'canary' }, 'u', 'canary'],
    ['a token', { token: 'canary' }, 'x-access-token', 'canary'],
    ['a token with a user name', { username: 'u', token: 'canary' }, 'u', 'canary'],
  ])('answers with %s out of files that only their owner reads', async (_, credentials, username, password) => {
    const environment = await remoteGitEnvironment(asking(https, credentials), folder);
    expect(JSON.stringify(environment)).not.toContain('canary');
    const { GIT_ASKPASS = '' } = environment;
    expect(statSync(GIT_ASKPASS).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'password')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'username'), 'utf8')).toBe(username);
    // The way in which Git asks.
    const protocol = 'protocol=https\nhost=host.example\n\n';
    const filled = await runGit({ args: ['credential', 'fill'], environment, input: protocol });
    expect(filled.toString()).toContain(`username=${username}\npassword=${password}\n`);
  });

  it('asks nobody without credentials', async () => {
    const environment = await remoteGitEnvironment(asking(https), folder);
    const asked = runGit({ args: ['credential', 'fill'], environment, input: 'protocol=https\nhost=h\n\n' });
    await expect(asked).rejects.toThrow();
  });

  it('refuses ssh without known hosts', async () => {
    const refused = remoteGitEnvironment(asking(ssh, { sshPrivateKey: 'key' }), folder);
    await expect(refused).rejects.toMatchObject({ name: 'TerminalError', reason: 'HostKeyMissing' });
  });

  it('gives ssh its key and known hosts by name and trusts nothing else', async () => {
    const environment = await remoteGitEnvironment(asking(ssh, sshCredentials), folder);
    expect(settingsOfSsh(environment)).toEqual(
      expect.arrayContaining([
        `identityfile ${folder}/identity`,
        `userknownhostsfile ${folder}/known_hosts`,
        'globalknownhostsfile /dev/null',
        'stricthostkeychecking true',
        'hostname host.example',
      ]),
    );
    expect(JSON.stringify(environment)).not.toContain('canary');
    expect(readFileSync(join(folder, 'identity'), 'utf8')).toBe('canary\n');
  });

  it('is pinned to the addresses that were looked at, over https', async () => {
    const environment = await remoteGitEnvironment(asking(https, {}, ['192.0.2.7', '2001:db8::7']), folder);
    const listed = await runGit({ args: ['config', '--get-all', 'http.curloptResolve'], environment });
    expect(listed.toString()).toBe('host.example:443:192.0.2.7,[2001:db8::7]\n');
  });

  it.each([
    ['git@host.example:a.git', 'host.example'],
    ['ssh://git@host.example:2222/a.git', '[host.example]:2222'],
  ])('is pinned to the first address over ssh, and holds %s to the key of %s', async (url, keyOf) => {
    const access = asking(remote(url), sshCredentials, ['192.0.2.7', '192.0.2.8']);
    const settings = settingsOfSsh(await remoteGitEnvironment(access, folder));
    expect(settings).toEqual(expect.arrayContaining(['hostname 192.0.2.7', `hostkeyalias ${keyOf}`]));
  });

  it('takes more configuration for one call', async () => {
    const environment = withConfiguration(await localGitEnvironment(folder), { 'remote.origin.url': 'https://h/a' });
    const listed = await runGit({ args: ['config', '--list'], environment });
    expect(listed.toString()).toMatch(/core\.hookspath=\/dev\/null[^]*remote\.origin\.url=https:\/\/h\/a/);
  });
});

describe('the values of a Secret', () => {
  it('lose the line ends that editors leave', () => {
    const values: Record<string, string> = {
      token: 't\n',
      'ssh-privatekey': 'k\n',
      known_hosts: 'h\n',
      password: '\n',
    };
    expect(credentialsFrom(key => values[key])).toEqual({ token: 't', sshPrivateKey: 'k', knownHosts: 'h' });
  });

  it('are none for no folder and for an empty one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reindeer-empty-'));
    expect([await readCredentials(''), await readCredentials(folder)]).toEqual([{}, {}]);
    rmSync(folder, { recursive: true });
  });
});
