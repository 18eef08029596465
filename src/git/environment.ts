import { mkdir, writeFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { TerminalError } from '../domain/errors.ts';
import type { GitCredentials } from '../domain/git-credentials.ts';
import type { GitRemote } from '../domain/git-url.ts';
import { proxyFor } from '../runtime/proxy.ts';
import { needsPassphrase } from './ssh-key.ts';

export type GitEnvironment = Readonly<Record<string, string>>;

/** What a token is sent with where no user name is given; hosts look at the token alone. */
const tokenUser = 'x-access-token';

/** Names that may pass from our own environment: where programs are. A proxy is told by configuration, host by host. */
const inherited = ['PATH'] as const;

/**
 * Configuration that every call of Git gets and no file can change. Hooks, helpers, monitors and redirects are off; a
 * stalled transfer ends after a minute; memory stays bounded on any repository.
 */
const configuration: Readonly<Record<string, string>> = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  // Nothing is checked out: names that other systems take for `.git` are names.
  'core.protectHFS': 'false',
  'core.protectNTFS': 'false',
  'core.attributesFile': '/dev/null',
  'core.deltaBaseCacheLimit': '16m',
  // A blob above this is streamed from the wire to the disk and never held: a zip bomb costs no memory.
  'core.bigFileThreshold': '16m',
  'core.packedGitLimit': '64m',
  'core.packedGitWindowSize': '16m',
  'credential.helper': '',
  'http.followRedirects': 'false',
  'http.lowSpeedLimit': '1000',
  'http.lowSpeedTime': '60',
  'protocol.version': '2',
  'pack.threads': '1',
  // A pack stays a pack: never a file per object.
  'fetch.unpackLimit': '1',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'advice.detachedHead': 'false',
  'init.defaultBranch': 'main',
  // Whose repository it is has no meaning here: nothing in it is executed.
  'safe.directory': '*',
};

/** Environment for Git that never leaves this machine: object stores that are read in place. `folder` is empty and ours. */
export async function localGitEnvironment(folder: string): Promise<GitEnvironment> {
  const home = join(folder, 'home');
  await mkdir(home, { recursive: true, mode: 0o700 });
  return { ...bareEnvironment(home), GIT_ALLOW_PROTOCOL: '' };
}

/** A remote, how it is asked, and where: `addresses` are the only ones it is looked for at; none = wherever its name leads. */
export type RemoteAccess = {
  readonly remote: GitRemote;
  readonly credentials: GitCredentials;
  readonly addresses: readonly string[];
};

/**
 * Environment for Git that speaks to one remote, built from nothing. Secrets go into files below `folder` (which the
 * caller makes, keeps private and removes) and are named, never held, by the environment: not in argv, URL or
 * configuration. Throws TerminalError for ssh without
 * known_hosts (HostKeyMissing) or with a key behind a passphrase (InvalidSecret).
 */
export async function remoteGitEnvironment(access: RemoteAccess, folder: string): Promise<GitEnvironment> {
  const local = await localGitEnvironment(folder);
  const { remote, credentials, addresses } = access;
  const environment = { ...local, GIT_ALLOW_PROTOCOL: 'https:ssh' };
  if (remote.protocol === 'ssh') return { ...environment, ...(await sshAccess(access, folder)) };
  const whole = { ...environment, ...(await httpsAccess(credentials, folder)) };
  const proxy = proxyFor(remote.host, process.env);
  // A proxy looks the name up itself: nothing could be pinned, and host-rule.ts lets listed hosts through only.
  if (proxy !== undefined) return withConfiguration(whole, { 'http.proxy': proxy });
  return addresses.length === 0
    ? whole
    : withConfiguration(whole, { 'http.curloptResolve': pinned(remote, addresses) });
}

/** What curl takes in place of asking for the name: HOST:PORT:ADDRESS,ADDRESS (Git 2.37 and newer hands it on). */
function pinned({ host, port }: GitRemote, addresses: readonly string[]): string {
  return `${host}:${port}:${addresses.map(address => (isIPv6(address) ? `[${address}]` : address)).join(',')}`;
}

/** The same environment with more configuration, for one call. */
export function withConfiguration(environment: GitEnvironment, more: Readonly<Record<string, string>>): GitEnvironment {
  const first = Number(environment['GIT_CONFIG_COUNT'] ?? '0');
  const entries = Object.entries(more);
  return {
    ...environment,
    ...Object.fromEntries(numbered(entries, first)),
    GIT_CONFIG_COUNT: String(first + entries.length),
  };
}

function numbered(entries: readonly (readonly [string, string])[], first: number): (readonly [string, string])[] {
  return entries.flatMap(([key, value], i) => [
    [`GIT_CONFIG_KEY_${first + i}`, key] as const,
    [`GIT_CONFIG_VALUE_${first + i}`, value] as const,
  ]);
}

function bareEnvironment(home: string): GitEnvironment {
  const own = inherited.flatMap(name => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const entries = numbered(Object.entries(configuration), 0);
  return {
    ...Object.fromEntries(own),
    ...Object.fromEntries(entries),
    GIT_CONFIG_COUNT: String(Object.keys(configuration).length),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
    // Read from its own words: the answers that we sort are in English only.
    LC_ALL: 'C',
    HOME: home,
    XDG_CONFIG_HOME: home,
  };
}

async function httpsAccess(credentials: GitCredentials, folder: string): Promise<GitEnvironment> {
  const { token, username = tokenUser, password = token, ca } = credentials;
  const environment: Record<string, string> = {};
  if (ca !== undefined) environment['GIT_SSL_CAINFO'] = await privateFile(folder, 'ca.crt', ca);
  if (password !== undefined) {
    await privateFile(folder, 'username', username);
    await privateFile(folder, 'password', password);
    environment['GIT_ASKPASS'] = await privateFile(folder, 'askpass', askpass, 0o700);
  } else {
    // Without this Git looks for a program that asks a human.
    environment['GIT_ASKPASS'] = '/bin/false';
  }
  return environment;
}

/** Git asks "Username for ..." and "Password for ..." and reads one line. */
const askpass = `#!/bin/sh
case "$1" in
  Username*) cat "\${0%/*}/username" ;;
  *) cat "\${0%/*}/password" ;;
esac
`;

async function sshAccess({ remote, credentials, addresses }: RemoteAccess, folder: string): Promise<GitEnvironment> {
  const { sshPrivateKey, knownHosts } = credentials;
  if (knownHosts === undefined) {
    throw new TerminalError(
      'HostKeyMissing',
      'an ssh remote needs known_hosts beside ssh-privatekey: no host is trusted on first use',
    );
  }
  if (sshPrivateKey !== undefined && needsPassphrase(sshPrivateKey)) {
    throw new TerminalError('InvalidSecret', 'ssh-privatekey is behind a passphrase: give the key without one');
  }
  const hosts = await privateFile(folder, 'known_hosts', knownHosts);
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${sshPath(hosts)}`,
    'GlobalKnownHostsFile=/dev/null',
    'UpdateHostKeys=no',
    'IdentityAgent=none',
    'IdentitiesOnly=yes',
    'ConnectTimeout=15',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=4',
    ...pinnedOptions(remote, addresses[0]),
  ];
  const key =
    sshPrivateKey === undefined
      ? // Not those that the user of this process may have.
        ['IdentityFile=none']
      : [`IdentityFile=${sshPath(await privateFile(folder, 'identity', endedLine(sshPrivateKey)))}`];
  const words = ['ssh', '-F', '/dev/null', ...[...key, ...options].flatMap(option => ['-o', option])];
  return { GIT_SSH_COMMAND: words.map(shellWord).join(' '), GIT_SSH_VARIANT: 'ssh' };
}

/** The address in place of the name, whose key in known_hosts still counts: there a port other than 22 is a part of it. */
function pinnedOptions({ host, port }: GitRemote, address: string | undefined): readonly string[] {
  if (address === undefined) return [];
  return [`HostName=${address}`, `HostKeyAlias=${port === 22 ? host : `[${host}]:${port}`}`];
}

/** OpenSSH refuses a key without its last line end. */
function endedLine(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** A path in an option: ssh splits the value at spaces, reads quotes, and takes % for the start of a variable. */
function sshPath(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
}

/** Git hands GIT_SSH_COMMAND to a shell. */
function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

async function privateFile(folder: string, name: string, content: string, mode = 0o600): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content, { mode });
  return path;
}
