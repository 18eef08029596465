import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answerWithGit } from './git-backend.ts';

const run = promisify(execFile);

/** A Git host on this machine alone, over HTTPS with a certificate of its own. */
export type GitHost = {
  readonly url: string;
  readonly host: string;
  /** Folder with `ca.crt`, laid out as a Git Secret. */
  readonly secretDir: string;
  close(): Promise<void>;
};

const address = '127.0.0.1';

/** Serves the bare repositories in a folder. Needs `openssl` and `git` on PATH; says so when one is missing. */
export async function openGitHost(folder: string, repositories: string): Promise<GitHost> {
  const secretDir = join(folder, 'git-secret');
  await mkdir(secretDir, { recursive: true });
  const [key, cert] = [join(folder, 'host.key'), join(secretDir, 'ca.crt')];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=reindeer conformance'],
    ...['-addext', `subjectAltName=IP:${address},DNS:localhost`],
  ]).catch((error: unknown) => {
    throw new Error('openssl is needed to serve the test repository over HTTPS, and could not be run', {
      cause: error,
    });
  });
  const server = createServer({ key: await readFile(key), cert: await readFile(cert) }, (request, response) => {
    answer(request, response, repositories).catch(() => response.destroy());
  });
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on an address, not on a pipe
  return {
    url: `https://${address}:${port}`,
    host: address,
    secretDir,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Read-only: a push needs a user, and there is none. */
async function answer(request: IncomingMessage, response: ServerResponse, repositories: string): Promise<void> {
  const { pathname, search } = new URL(request.url ?? '/', 'https://host');
  await answerWithGit(request, response, {
    path: decodeURIComponent(pathname),
    query: search.slice(1),
    environment: { HOME: repositories, GIT_PROJECT_ROOT: repositories },
    stderr: 'ignore',
    onError: () => undefined, // the worker meets a cut answer, and its case says so
  });
}
