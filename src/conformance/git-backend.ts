import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request for `git http-backend`, and what of its environment the host decides. */
export type GitCall = {
  /** Of the repository and what is wanted of it, decoded. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Where the repositories are, who asks, which configuration holds. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stderr: 'inherit' | 'ignore';
  /** The program could not be run; the answer is cut off. */
  readonly onError: (error: Error) => void;
};

const longestHeadBytes = 64 * 1024;

/** Lets `git http-backend`, a CGI program, answer one request. Rejects when its answer has no end of headers. */
export async function answerWithGit(request: IncomingMessage, response: ServerResponse, call: GitCall): Promise<void> {
  const backend = spawn('git', ['http-backend'], {
    env: environmentOf(request, call),
    stdio: ['pipe', 'pipe', call.stderr],
  });
  backend.on('error', error => {
    call.onError(error);
    response.destroy();
  });
  response.on('close', () => backend.kill());
  // A client that goes away, or a backend that has read enough, ends the pipe: neither is a fault of this server.
  backend.stdin.on('error', () => undefined);
  request.pipe(backend.stdin);
  let head = Buffer.alloc(0);
  for await (const piece of backend.stdout as AsyncIterable<Buffer>) {
    if (response.headersSent) {
      if (!response.write(piece)) await once(response, 'drain');
      continue;
    }
    head = Buffer.concat([head, piece]);
    const rest = sendHead(response, head);
    if (rest === undefined && head.length > longestHeadBytes)
      throw new Error('git http-backend sent no end of headers');
    if (rest !== undefined && rest.length > 0) response.write(rest);
  }
  if (!response.headersSent) response.writeHead(500);
  response.end();
}

function environmentOf(request: IncomingMessage, { path, query, environment }: GitCall): Record<string, string> {
  const header = (name: string): string => String(request.headers[name] ?? '');
  return {
    PATH: process.env['PATH'] ?? '',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: header('git-protocol'),
    GATEWAY_INTERFACE: 'CGI/1.1',
    REQUEST_METHOD: request.method ?? 'GET',
    PATH_INFO: path,
    QUERY_STRING: query,
    CONTENT_TYPE: header('content-type'),
    REMOTE_ADDR: request.socket.remoteAddress ?? '',
    ...(request.headers['content-length'] !== undefined && { CONTENT_LENGTH: header('content-length') }),
    ...(request.headers['content-encoding'] !== undefined && { HTTP_CONTENT_ENCODING: header('content-encoding') }),
    ...environment,
  };
}

/** Sends status and headers as soon as they are complete, and answers what followed them. */
function sendHead(response: ServerResponse, received: Buffer): Buffer | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  let status = 200;
  for (const line of received.subarray(0, end).toString('latin1').split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
  return received.subarray(end + 4);
}
