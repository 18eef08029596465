import { X509Certificate } from 'node:crypto';
import { ClusterConnectionPool, Transport, errors as transportErrors } from '@elastic/transport';
import type { ConnectionOptions, DiagnosticResult } from '@elastic/transport';
import { RetryableError, TerminalError } from '../domain/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import { EngineConnection } from './connection.ts';
import { BlockedError, errorOfFailure, errorOfStatus, failureOf, outOfTime } from './errors.ts';

/** How to reach one search engine. */
export type ConnectOptions = {
  /** One or more of `http(s)://host:port[/prefix]`, without user info. */
  readonly endpoints: readonly string[];
  readonly username?: string;
  readonly password?: string;
  /** As the engine gave it out, encoded. In the place of user and password. */
  readonly apiKey?: string;
  /** Text of one or more PEM certificates; absent = what this machine trusts. */
  readonly caPem?: string;
  /** Asked right before each request; while it says no, none leaves this machine. Absent: all do. */
  readonly mayAsk?: () => boolean;
  readonly clock: Clock;
};

export type HttpRequest = {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly json?: object;
  /** Sent byte by byte as it is. */
  readonly ndjson?: Uint8Array;
  /** True when doing it twice is the same as doing it once: only then is it tried again here after a lost reply. */
  readonly idempotent: boolean;
  /** The caller slows down by itself: it is told of a refusal (429) at once. */
  readonly isPaced?: true;
  /** Statuses of 400 and above that the caller reads itself. */
  readonly expect?: readonly number[];
  readonly timeoutMs?: number;
  /** Ms that are left for it, asked before each try; none is sent when that is nothing. Absent: as many as it takes. */
  readonly leftMs?: () => number;
  /** A longer answer is not read to its end; default 64 MiB. */
  readonly maxBytes?: number;
  /** A success is answered with its bytes, which are not parsed here. */
  readonly asBytes?: true;
};

export type HttpReply = {
  readonly status: number;
  /** A JSON object or array: anything else never gets this far. A Buffer where the request wants bytes. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
};

/** The wire to one engine: plain JSON, so that Elasticsearch 8 and 9 and OpenSearch are spoken to alike. */
export type Http = {
  send(request: HttpRequest): Promise<HttpReply>;
  close(): Promise<void>;
};

const requestTimeoutMs = 30_000;
const maxResponseBytes = 64 * 1024 * 1024;
const refused = 429;
const retriedStatuses: ReadonlySet<number> = new Set([502, 503, 504]);
/** Pauses before the second, third and fourth try, each taken between half and whole: at most 1.4 s of waiting in all. */
const pausesMs = [200, 400, 800] as const;

/** Throws TerminalError(InvalidSecret) when `caPem` holds no certificate. Opens no connection yet. */
export function openHttp(options: ConnectOptions): Http {
  const pool = new ClusterConnectionPool({
    Connection: EngineConnection,
    // A ping would be `HEAD /`, which not every distribution answers.
    resurrectStrategy: 'optimistic',
    ...authOf(options),
    ...(options.caPem === undefined ? {} : { tls: { ca: checkedPem(options.caPem) } }),
  });
  pool.addConnection(options.endpoints.map(endpoint => pool.urlToHost(endpoint)));
  const transport = new Transport({
    connectionPool: pool,
    maxRetries: 0,
    compression: false,
    headers: { 'user-agent': 'reindeer' },
    vendoredHeaders: { accept: 'application/json' },
  });
  const { clock, mayAsk = () => true } = options;
  const wire: Wire = { transport, clock, mayAsk, hosts: options.endpoints.map(hostOf).join(', ') };
  return { send: request => sendWithRetries(wire, request), close: () => pool.empty() };
}

type Wire = {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly mayAsk: () => boolean;
  /** All that are tried: which of them was the last is chance, and what is told must not change with it. */
  readonly hosts: string;
};

function hostOf(endpoint: string): string {
  return new URL(endpoint).host;
}

function authOf({ username, password = '', apiKey }: ConnectOptions): Pick<ConnectionOptions, 'auth'> {
  if (apiKey !== undefined) return { auth: { apiKey } };
  return username === undefined ? {} : { auth: { username, password } };
}

/**
 * The one retry rule. Tried again: what never left this machine; what the engine refused before it did anything (429),
 * unless the caller paces itself; and, where the request is idempotent, a lost connection and 502, 503, 504. Not tried again:
 * time-outs (their waiting is done), blocked writes, anything else. See {@link pausesMs} for
 * the total wait.
 */
async function sendWithRetries(wire: Wire, request: HttpRequest): Promise<HttpReply> {
  for (const pauseMs of pausesMs) {
    const attempt = await tryOnce(wire, request);
    if (attempt.is === 'answered') return attempt.reply;
    if (!attempt.again) throw attempt.error;
    await wire.clock.sleep(pauseMs * (0.5 + Math.random() / 2));
  }
  const last = await tryOnce(wire, request);
  if (last.is === 'answered') return last.reply;
  throw last.error;
}

type Attempt =
  | { readonly is: 'answered'; readonly reply: HttpReply }
  | { readonly is: 'failed'; readonly error: Error; readonly again: boolean };

async function tryOnce({ transport, hosts, mayAsk }: Wire, request: HttpRequest): Promise<Attempt> {
  const what = `${request.method} ${request.path}`;
  if (!mayAsk()) throw new RetryableError('EngineUnavailable', `${what}: this process may not ask any more`);
  if (request.leftMs && request.leftMs() <= 0) throw outOfTime(what);
  try {
    const reply = await exchange(transport, request);
    return judge(request, reply, what);
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    const again = failure.kind === 'unsent' || (failure.kind === 'lost' && request.idempotent);
    return { is: 'failed', error: errorOfFailure(failure, { what, hosts }), again };
  }
}

function judge(request: HttpRequest, reply: HttpReply, what: string): Attempt {
  const wellFormed = typeof reply.body === 'object' && reply.body !== null;
  if (reply.status >= 200 && reply.status < 300 && wellFormed) return { is: 'answered', reply };
  if (wellFormed && request.expect?.includes(reply.status) === true) return { is: 'answered', reply };
  const error = errorOfStatus(reply.status, reply.body, what);
  const again =
    reply.status === refused
      ? request.isPaced !== true && !(error instanceof BlockedError)
      : request.idempotent && retriedStatuses.has(reply.status);
  return { is: 'failed', error, again };
}

async function exchange(transport: Transport, request: HttpRequest): Promise<HttpReply> {
  try {
    const result = await transport.request(
      {
        method: request.method,
        path: request.path,
        ...(request.query === undefined ? {} : { querystring: request.query }),
        ...bodyOf(request),
      },
      {
        meta: true,
        requestTimeout: timeoutOf(request),
        maxResponseSize: request.maxBytes ?? maxResponseBytes,
        // What the connection answers to that is handed on as it is; it never answers with a stream.
        ...(request.asBytes === true && { asStream: true }),
        // An expected answer is no error: a record that is not there would cost one with its stack at every look.
        ignore: [...(request.expect ?? [])],
        ...headersOf(request),
      },
    );
    const reply = replyOf(result);
    return request.asBytes === true ? bytesOrWords(reply) : reply;
  } catch (error) {
    if (error instanceof transportErrors.ResponseError) return replyOf(error.meta);
    throw error;
  }
}

function timeoutOf({ timeoutMs = requestTimeoutMs, leftMs }: HttpRequest): number {
  return leftMs === undefined ? timeoutMs : Math.max(1, Math.min(timeoutMs, Math.floor(leftMs())));
}

/** The same wire for what must end in time: see {@link HttpRequest.leftMs}. */
export function within(http: Http, leftMs: () => number): Http {
  return { send: async request => http.send(withDeadline(request, leftMs)), close: () => http.close() };
}

/** What the engine itself is told to wait for is less than we wait, so that it answers with what became of a change. */
function withDeadline(request: HttpRequest, leftMs: () => number): HttpRequest {
  const left = request.leftMs === undefined ? leftMs : least(request.leftMs, leftMs);
  const { query } = request;
  if (query?.['master_timeout'] === undefined) return { ...request, leftMs: left };
  const seconds = Number.parseInt(String(query['master_timeout']), 10);
  const timeout = `${Math.max(1, Math.floor(Math.min(seconds * 1000, (left() * 2) / 3)))}ms`;
  return { ...request, leftMs: left, query: { ...query, timeout, master_timeout: timeout } };
}

function least(one: () => number, other: () => number): () => number {
  return () => Math.min(one(), other());
}

function bodyOf(request: HttpRequest): { body?: object } {
  if (request.json !== undefined) return { body: request.json };
  if (request.ndjson === undefined) return {};
  const bytes = request.ndjson;
  // A view: a bulk of some megabytes is not copied.
  return { body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

function headersOf(request: HttpRequest): { headers?: Record<string, string> } {
  if (request.ndjson === undefined) return {};
  return { headers: { 'content-type': 'application/x-ndjson', accept: 'application/json' } };
}

function replyOf(result: DiagnosticResult): HttpReply {
  return { status: result.statusCode ?? 0, body: result.body, headers: { ...result.headers } };
}

const openingBrace = '{'.charCodeAt(0);

/** Errors are read as any other answer; a success that is no JSON object is none of an engine. */
function bytesOrWords(reply: HttpReply): HttpReply {
  const bytes = reply.body as Buffer; // as the connection gives it
  if (reply.status < 300 && bytes[0] === openingBrace) return reply;
  return { ...reply, body: reply.status < 300 ? undefined : parsedOrUndefined(bytes.toString('utf8')) };
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkedPem(caPem: string): string {
  try {
    new X509Certificate(caPem);
    return caPem;
  } catch {
    throw new TerminalError(
      'InvalidSecret',
      'the CA is no PEM certificate: expected text that starts with "-----BEGIN CERTIFICATE-----"',
    );
  }
}
