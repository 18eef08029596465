import type { EventEmitter } from 'node:events';
import { Client, Pool } from 'undici';
import { reindeerVersion } from '../runtime/version.ts';
import { systemClock } from '../runtime/clock.ts';
import type { SteadyClock } from '../runtime/clock.ts';
import type { KubeAccess } from './access.ts';
import { Credentials } from './credentials.ts';
import type { KnownCredential } from './credentials.ts';
import { refusalOf, unansweredError } from './errors.ts';
import type { Refusal } from './errors.ts';

/** One call and its whole answer. `path` starts with `/api` and carries its query. */
export type Call = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
};

/** Any HTTP answer: a refusal is an answer. `body` is parsed JSON, or text when it is not JSON. */
export type Answer = { readonly status: number; readonly body: unknown };

/** A long answer that is read as it comes, on a socket of its own. */
export type Stream = {
  readonly is: 'open';
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Called whenever the peer acknowledged a keep-alive probe; never over HTTP/1.1, which has none. */
  onAlive(listener: () => void): void;
  /** Closes the socket at once; the iteration of `bytes` ends or throws. */
  close(): void;
};

export type TransportOptions = {
  /** Sockets for unary calls; default 6. */
  readonly sockets?: number;
  /** Without a first byte of an answer, or between two bytes, for this long a call has failed; default 15 s. */
  readonly timeoutMs?: number;
  /** HTTP/2 for streams where the server offers it, because only it has keep-alive probes; default true. */
  readonly probes?: boolean;
  readonly clock?: SteadyClock;
  /** Told of every request: its status, or undefined when no answer came. The opening of a watch is a WATCH. */
  readonly onAnswer?: (method: Call['method'] | 'WATCH', status: number | undefined) => void;
};

const connectTimeoutMs = 5_000;
/** Below the 90 s after which the API server closes idle connections, so that a call seldom meets a closing one. */
const idleSocketMs = 30_000;
const probeEveryMs = 15_000;

/**
 * Keep-alive HTTP to one API server: few sockets for unary calls, one per stream. Throws
 * RetryableError(KubernetesUnavailable) when there is no answer; retries nothing by itself.
 */
export class Transport {
  readonly #origin: string;
  readonly #prefix: string;
  readonly #credentials: Credentials;
  readonly #options: Required<TransportOptions>;
  #pool: { readonly fingerprint: string; readonly pool: Pool } | undefined;

  constructor(access: KubeAccess, options: TransportOptions = {}) {
    const server = new URL(access.server);
    this.#origin = server.origin;
    this.#prefix = server.pathname.replace(/\/$/, '');
    this.#options = {
      sockets: 6,
      timeoutMs: 15_000,
      probes: true,
      clock: systemClock,
      onAnswer: () => undefined,
      ...options,
    };
    this.#credentials = new Credentials(access, this.#options.clock);
  }

  async call({ method, path, body }: Call): Promise<Answer> {
    const asked = `${method} ${path}`;
    try {
      const credential = await this.#credentials.current();
      const reply = await this.#poolFor(credential).request({
        method,
        path: this.#prefix + path,
        headers: requestHeaders(credential, method),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await reply.body.text();
      this.#options.onAnswer(method, reply.statusCode);
      if (reply.statusCode === 401) this.#credentials.renew();
      return { status: reply.statusCode, body: parseJson(text) };
    } catch (error) {
      this.#options.onAnswer(method, undefined);
      throw unansweredError(asked, error);
    }
  }

  /** Opens a GET whose answer ends late or never; the signal breaks it off, while it opens or while it is read. */
  async stream(
    path: string,
    signal: AbortSignal,
  ): Promise<Stream | { readonly is: 'refused'; readonly refusal: Refusal }> {
    let client: Client | undefined;
    let status: number | undefined;
    try {
      const credential = await this.#credentials.current();
      client = this.#streamClient(credential);
      const headers = requestHeaders(credential, 'GET');
      const { statusCode, body } = await client.request({ method: 'GET', path: this.#prefix + path, headers, signal });
      status = statusCode;
      if (statusCode === 200) return openStream(client, body);
      const refusal = refusalOf(statusCode, parseJson(await body.text()));
      if (statusCode === 401) this.#credentials.renew();
      void client.destroy();
      return { is: 'refused', refusal };
    } catch (error) {
      void client?.destroy();
      throw unansweredError(`GET ${path}`, error);
    } finally {
      this.#options.onAnswer('WATCH', status);
    }
  }

  /** Ends all unary calls in flight; streams are closed by whoever opened them. */
  async close(): Promise<void> {
    await this.#pool?.pool.destroy();
  }

  #poolFor(credential: KnownCredential): Pool {
    if (this.#pool?.fingerprint === credential.fingerprint) return this.#pool.pool;
    // Calls in flight end on the sockets that they have.
    void this.#pool?.pool.close();
    const pool = new Pool(this.#origin, {
      connections: this.#options.sockets,
      allowH2: false,
      headersTimeout: this.#options.timeoutMs,
      bodyTimeout: this.#options.timeoutMs,
      connectTimeout: connectTimeoutMs,
      keepAliveTimeout: idleSocketMs,
      connect: { ...credential.tls, timeout: connectTimeoutMs },
    });
    this.#pool = { fingerprint: credential.fingerprint, pool };
    return pool;
  }

  #streamClient(credential: KnownCredential): Client {
    return new Client(this.#origin, {
      allowH2: this.#options.probes,
      headersTimeout: this.#options.timeoutMs,
      // Silence is normal in a watch; whoever reads it decides when it has lasted too long.
      bodyTimeout: 0,
      connectTimeout: connectTimeoutMs,
      h2Options: { pingInterval: probeEveryMs },
      connect: { ...credential.tls, timeout: connectTimeoutMs },
    });
  }
}

const openStream = (client: Client, bytes: Stream['bytes']): Stream => {
  // The typings of undici leave this event out.
  const events: EventEmitter = client;
  return { is: 'open', bytes, onAlive: listener => events.on('ping', listener), close: () => void client.destroy() };
};

const userAgent = `reindeer/${reindeerVersion}`;

const requestHeaders = (credential: KnownCredential, method: Call['method']): Record<string, string> => ({
  ...credential.headers,
  accept: 'application/json',
  'user-agent': userAgent,
  ...(method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {}),
  ...(method === 'POST' || method === 'DELETE' ? { 'content-type': 'application/json' } : {}),
});

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
