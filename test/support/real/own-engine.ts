import { createHash } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, type Identity } from '../../bed/certificates.ts';
import { component } from '../../bed/components.ts';
import { DISTRIBUTIONS } from '../../bed/distributions.ts';
import type { DistributionName, EngineType } from '../../bed/distributions.ts';
import { askHealth, configureEngine } from '../../bed/engine.ts';
import type { ProcessSpec } from '../../bed/processes.ts';
import { loopbackSite } from '../../bed/site.ts';
import type { EngineLocation } from '../../bed/state.ts';
import { eventually } from '../checks/eventually.ts';

/** An engine of a test's own, on loopback, which it may kill and halt; it ends with the process that made it. */
export type OwnEngine = EngineLocation & {
  readonly type: EngineType;
  readonly port: number;
  /** Where its only node keeps indices, each in a folder by its uuid. */
  readonly indicesFolder: string;
  /** A certificate for 127.0.0.1, for proxies, and the authority that it is by: the engine's own, where it has one. */
  readonly identity: Identity;
  readonly authorityFile: string;
  /** SIGKILL; answers when it is gone. */
  kill(): Promise<void>;
  /** Starts a killed engine with its data; answers when it answers. */
  start(): Promise<void>;
  /** Kills it, and starts it with nothing in it: another cluster at the same place, with the same users. */
  recreate(): Promise<void>;
  /**
   * Makes a user, a superuser if no roles are named, or gives it another password; the engine looks every 5 s. Throws of
   * one without users, as does the next.
   */
  putUser(name: string, password: string, roles?: readonly string[]): void;
  /** What its `roles.yml` holds; the engine looks every 5 s. */
  putRoles(yaml: string): void;
  /** SIGSTOP and SIGCONT. */
  halt(): void;
  resume(): void;
  stop(): Promise<void>;
};

/** 10 to 20 s on a quiet machine. */
const startsWithinMs = 240_000;

export async function ownEngine(distribution: DistributionName = 'elasticsearch'): Promise<OwnEngine> {
  const home = mkdtempSync(join(tmpdir(), 'reindeer-engine-'));
  // The engine's own user must get through.
  chmodSync(home, 0o711);
  const authority = await createAuthority(join(home, 'certificates'));
  const identity = await authority.server('server', ['IP:127.0.0.1', 'DNS:localhost']);
  const site = await loopbackSite(1);
  const parts = { home, site, authority, server: identity };
  const configured = await configureEngine(parts, distribution, await component(distribution));
  const { type, nodes, url, username, password, caFile } = configured;
  const [spec] = nodes;
  const port = site.ports.engine[0];
  if (spec === undefined || port === undefined) throw new Error('the engine has no node');
  const location = { url, username, password, caFile };
  const log = join(home, 'log');
  const users = new Map<string, FileUser>();
  const folder = join(home, DISTRIBUTIONS[distribution].program, spec.name);
  const config = join(folder, 'config');
  const indicesFolder = join(folder, 'data', ...(type === 'OpenSearch' ? ['nodes', '0'] : []), 'indices');
  const requireUsers = (): void => {
    if (username === '') throw new Error(`the ${type} of the tests has no users`);
  };
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (child === undefined || hasEnded(child)) return;
    const ended = once(child, 'exit');
    signalGroup(child, 'SIGKILL');
    await ended;
  };
  const engine: OwnEngine = {
    ...{ ...location, type, port, indicesFolder, identity, authorityFile: authority.caFile, kill },
    start: async () => {
      const started = startNode(spec, log);
      child = started;
      const answersNow = async (): Promise<boolean> => {
        if (hasEnded(started)) throw new Error(`the engine ended:\n${readFileSync(log, 'utf8').slice(-4000)}`);
        const health = await askHealth(location).catch(() => undefined);
        // Red: it answers, and some of its shards are not back yet.
        return health?.status === 200 && !health.body.includes('"status":"red"');
      };
      await eventually('the engine answers', startsWithinMs, answersNow, () => readFileSync(log, 'utf8').slice(-2000));
    },
    recreate: async () => {
      await kill();
      const data = join(folder, 'data');
      // The folder itself belongs to the engine's own user.
      for (const each of readdirSync(data)) rmSync(join(data, each), { recursive: true });
      await engine.start();
    },
    putUser: (name, given, roles = ['superuser']) => {
      requireUsers();
      users.set(name, { password: given, roles });
      writeUsers(config, users);
    },
    putRoles: yaml => {
      requireUsers();
      writeFileSync(join(config, 'roles.yml'), yaml);
    },
    halt: () => child && signalGroup(child, 'SIGSTOP'),
    resume: () => child && signalGroup(child, 'SIGCONT'),
    stop: async () => {
      await kill();
      rmSync(home, { recursive: true, force: true });
    },
  };
  await engine.start();
  return engine;
}

/** In a process group of its own, because the engine is a launcher and a server; both die with this process. */
export function startNode({ command, env }: ProcessSpec, log: string): ChildProcess {
  const output = openSync(log, 'a');
  const [first = '', ...rest] = command;
  const program = first === 'setpriv' ? rest : command;
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...program], {
    detached: true,
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', ...env },
    // The server ends when its launcher does, because this pipe between them closes.
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  return child;
}

type FileUser = { readonly password: string; readonly roles: readonly string[] };

/** The file realm: the one that this distribution can keep users of its own in. */
function writeUsers(config: string, users: ReadonlyMap<string, FileUser>): void {
  const hash = (password: string): string => createHash('sha1').update(password).digest('base64');
  const lines = [...users].map(([name, { password }]) => `${name}:{SHA}${hash(password)}\n`);
  const roles = new Set([...users.values()].flatMap(user => user.roles));
  const having = (role: string): string =>
    [...users].flatMap(([name, user]) => (user.roles.includes(role) ? [name] : [])).join(',');
  writeFileSync(join(config, 'users'), lines.join(''));
  writeFileSync(join(config, 'users_roles'), [...roles].map(role => `${role}:${having(role)}\n`).join(''));
}

export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

export function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, signal);
}
