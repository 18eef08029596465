import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '../../bed/certificates.ts';
import { createRepositories } from '../../bed/git-server.ts';
import { answers } from '../../bed/https-probe.ts';
import { aRepository, type TestRepository } from './a-repository.ts';
import { eventually } from '../checks/eventually.ts';

/** The bed's Git server, on loopback and alone: HTTPS with a CA of its own, public and private repositories. */
export type TestGitServer = {
  readonly url: string;
  readonly ca: string;
  readonly username: string;
  readonly password: string;
  readonly token: string;
  /** Makes a repository that is served at `{url}/{name}.git`; below `private/` only with credentials. */
  repository(name: string): Promise<TestRepository & { readonly url: string }>;
  stop(): Promise<void>;
};

const deadlineMs = 20_000;

export async function aGitServer(): Promise<TestGitServer> {
  const home = mkdtempSync(join(tmpdir(), 'reindeer-git-'));
  const authority = await createAuthority(join(home, 'ca'));
  const port = await freePort();
  const secrets = { password: 'p4ssw0rd-canary', token: 't0ken-canary' };
  const identity = await authority.server('git', ['IP:127.0.0.1', 'DNS:git.example.test']);
  const config = createRepositories(home, { address: '127.0.0.1', port, ...identity }, secrets);
  const configFile = join(home, 'server.json');
  writeFileSync(configFile, JSON.stringify(config));
  const main = join(import.meta.dirname, '..', '..', 'bed', 'git', 'main.ts');
  const server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, configFile], {
    stdio: 'ignore',
  });
  const url = `https://127.0.0.1:${port}`;
  const isUp = async () => {
    const trouble = await answers(`${url}/healthz`, 200, { caFile: authority.caFile }).catch(String);
    return trouble === undefined;
  };
  await eventually('the Git server answers', deadlineMs, isUp);
  return {
    url,
    ca: readFileSync(authority.caFile, 'utf8'),
    username: config.username,
    ...secrets,
    repository: async name => {
      const at = join(config.reposDir, `${name}.git`);
      mkdirSync(at, { recursive: true });
      return { ...(await aRepository({ at })), url: `${url}/${name}.git` };
    },
    stop: async () => {
      server.kill();
      if (server.exitCode === null) await once(server, 'exit');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A port of loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
