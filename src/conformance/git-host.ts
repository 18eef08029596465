import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

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
const longestHeadBytes = 64 * 1024;

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

/** Lets `git http-backend`, a CGI program, answer. Read-only: a push needs a user, and there is none. */
async function answer(request: IncomingMessage, response: ServerResponse, repositories: string): Promise<void> {
  const backend = spawn('git', ['http-backend'], {
    env: cgiEnvironment(request, repositories),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  response.on('close', () => backend.kill());
  backend.stdin.on('error', () => undefined);
  request.pipe(backend.stdin);
  let head = Buffer.alloc(0);
  for await (const piece of backend.stdout as AsyncIterable<Buffer>) {
    if (response.headersSent) {
      if (!response.write(piece)) await once(response, 'drain');
      continue;
    }
    head = Buffer.concat([head, piece]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0 && head.length > longestHeadBytes) throw new Error('git http-backend sent no end of headers');
    if (end < 0) continue;
    sendHead(response, head.subarray(0, end).toString('latin1'));
    response.write(head.subarray(end + 4));
  }
  if (!response.headersSent) response.writeHead(500);
  response.end();
}

function sendHead(response: ServerResponse, head: string): void {
  let status = 200;
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
}

function cgiEnvironment(request: IncomingMessage, repositories: string): Record<string, string> {
  const { pathname, search } = new URL(request.url ?? '/', 'https://host');
  const header = (name: string): string => String(request.headers[name] ?? '');
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: repositories,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_PROJECT_ROOT: repositories,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: header('git-protocol'),
    GATEWAY_INTERFACE: 'CGI/1.1',
    REQUEST_METHOD: request.method ?? 'GET',
    PATH_INFO: decodeURIComponent(pathname),
    QUERY_STRING: search.slice(1),
    CONTENT_TYPE: header('content-type'),
    REMOTE_ADDR: request.socket.remoteAddress ?? '',
    ...(header('content-length') !== '' && { CONTENT_LENGTH: header('content-length') }),
    ...(header('content-encoding') !== '' && { HTTP_CONTENT_ENCODING: header('content-encoding') }),
  };
}
