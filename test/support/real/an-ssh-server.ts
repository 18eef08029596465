import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { run } from '../../bed/command.ts';
import { pathOf } from '../../bed/tools.ts';
import { freePort } from './a-git-server.ts';
import { aRepository, type TestRepository } from './a-repository.ts';
import { eventually } from '../checks/eventually.ts';

/** OpenSSH's own server on loopback, for one user and for reading repositories only. */
export type TestSshServer = {
  readonly user: string;
  readonly port: number;
  /** A line for known_hosts, true and false. */
  readonly knownHosts: string;
  readonly keyOfAnotherHost: string;
  /** The private key that is let in, the same one behind a passphrase, and one that nobody knows. */
  readonly keys: { readonly good: string; readonly locked: string; readonly unknown: string };
  repository(name: string): Promise<TestRepository & { readonly url: string }>;
  /** Whatever the forced command was asked for, one per line. */
  commands(): readonly string[];
  stop(): Promise<void>;
};

const deadlineMs = 20_000;

/** Where Debian's openssh-server puts it; undefined where it is not installed. */
export const sshd = pathOf('sshd');

export async function anSshServer(): Promise<TestSshServer> {
  const home = mkdtempSync(join(tmpdir(), 'reindeer-sshd-'));
  const user = userInfo().username;
  const port = await freePort();
  const [host, other, good, unknown] = await Promise.all(
    ['host', 'other', 'good', 'unknown'].map(name => makeKey(home, name)),
  );
  await run(['cp', join(home, 'good'), join(home, 'locked')]);
  await run(['ssh-keygen', '-q', '-p', '-P', '', '-N', 'a-passphrase', '-f', join(home, 'locked')]);
  writeFileSync(join(home, 'config'), configuration(home, { user, port }));
  writeFileSync(join(home, 'authorized_keys'), `restrict ${good?.publicKey ?? ''}`, { mode: 0o600 });
  writeForcedCommand(home);
  const server = spawn(sshd ?? 'sshd', ['-D', '-e', '-f', join(home, 'config')], { stdio: 'ignore' });
  await eventually('sshd answers', deadlineMs, () => accepts(port));
  const known = (key: string | undefined): string => `[127.0.0.1]:${port} ${key ?? ''}`;
  return {
    user,
    port,
    knownHosts: known(host?.publicKey),
    keyOfAnotherHost: known(other?.publicKey),
    keys: {
      good: good?.privateKey ?? '',
      locked: readFileSync(join(home, 'locked'), 'utf8'),
      unknown: unknown?.privateKey ?? '',
    },
    repository: async name => {
      const at = join(home, 'repositories', `${name}.git`);
      mkdirSync(at, { recursive: true });
      return { ...(await aRepository({ at })), url: `ssh://${user}@127.0.0.1:${port}${at}` };
    },
    commands: () => readFileSync(join(home, 'commands'), 'utf8').split('\n').slice(0, -1),
    stop: async () => {
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function makeKey(home: string, name: string) {
  const file = join(home, name);
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  return { privateKey: readFileSync(file, 'utf8'), publicKey: readFileSync(`${file}.pub`, 'utf8') };
}

/** Keys only, one user only, one command only. */
function configuration(home: string, { user, port }: { readonly user: string; readonly port: number }): string {
  // As root it wants a folder that the package's service would make.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  return [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(home, 'host')}`,
    `AuthorizedKeysFile ${join(home, 'authorized_keys')}`,
    `AllowUsers ${user}`,
    `ForceCommand ${join(home, 'read-only')}`,
    'AcceptEnv GIT_PROTOCOL',
    'AuthenticationMethods publickey',
    'PermitRootLogin prohibit-password',
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    '',
  ].join('\n');
}

/** Lets `git-upload-pack` of one repository run and nothing else. */
function writeForcedCommand(home: string): void {
  const gitConfig = join(home, 'gitconfig');
  writeFileSync(
    gitConfig,
    '[safe]\n\tdirectory = *\n[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n',
  );
  const command = join(home, 'read-only');
  writeFileSync(
    command,
    `#!/bin/sh
echo "$SSH_ORIGINAL_COMMAND" >> ${join(home, 'commands')}
case "$SSH_ORIGINAL_COMMAND" in
  "git-upload-pack '"*) GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=${gitConfig} exec git-shell -c "$SSH_ORIGINAL_COMMAND" ;;
esac
echo "only git-upload-pack is allowed here" >&2
exit 1
`,
  );
  chmodSync(command, 0o755);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
