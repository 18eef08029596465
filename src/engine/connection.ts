import { BaseConnection, errors } from '@elastic/transport';
import type {
  ConnectionOptions,
  ConnectionRequestOptions,
  ConnectionRequestOptionsAsStream,
  ConnectionRequestParams,
  ConnectionRequestResponse,
  ConnectionRequestResponseAsStream,
} from '@elastic/transport';
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';

/** A dead host must not eat the whole time-out of a request. */
const connectTimeoutMs = 5_000;
/** Below the idle time-out of usual proxies and of the engines, so that we rarely write into a closed socket. */
const keepAliveMs = 50_000;
const maxSocketsPerEndpoint = 16;
const defaultTimeoutMs = 30_000;

/**
 * One endpoint over HTTP/1.1 with keep-alive. Used instead of the connections that come with the transport because
 * those keep only the text of a failure (a wrong CA could not be told from a closed port but by its wording) and end
 * their time-out when the headers arrive. Never follows a redirect.
 *
 * Failures are a `ConnectionError` whose message is an error code and nothing else ("ECONNREFUSED"): the transport
 * wraps errors and carries only the message over. `TimeoutError` covers the whole exchange, body included.
 */
export class EngineConnection extends BaseConnection {
  readonly #pool: Pool;
  readonly #pathPrefix: string;

  constructor(options: ConnectionOptions) {
    super(options);
    this.#pathPrefix = this.url.pathname.replace(/\/+$/, '');
    this.#pool = new Pool(this.url.origin, {
      connections: maxSocketsPerEndpoint,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      // One time-out rules: the signal of the request.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: connectTimeoutMs, ...(this.tls?.ca === undefined ? {} : { ca: this.tls.ca }) },
    });
  }

  override request(
    params: ConnectionRequestParams,
    options: ConnectionRequestOptions,
  ): Promise<ConnectionRequestResponse>;
  override request(
    params: ConnectionRequestParams,
    options: ConnectionRequestOptionsAsStream,
  ): Promise<ConnectionRequestResponseAsStream>;
  override async request(
    params: ConnectionRequestParams,
    options: ConnectionRequestOptions,
  ): Promise<ConnectionRequestResponse & ConnectionRequestResponseAsStream> {
    // Not `AbortSignal.timeout`: its timer, and what hangs on it, stays until the time is over, answered or not.
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), options.timeout ?? defaultTimeoutMs);
    try {
      const reply = await this.#pool.request({ ...this.#wire(params), signal: late.signal });
      if (reply.headers['content-encoding'] !== undefined) throw coded(unaskedEncoding);
      const bytes = await boundedBytes(reply.body, options.maxResponseSize ?? Number.MAX_SAFE_INTEGER);
      const body = isForBytes(options) ? bytes : bytes.toString('utf8');
      // The overload for streams exists in the base class only: whoever asks for one gets the bytes, all of them.
      return { statusCode: reply.statusCode, headers: reply.headers, body } as never;
    } catch (error) {
      if (late.signal.aborted) throw new errors.TimeoutError('timed out');
      throw new errors.ConnectionError(codeOf(error));
    } finally {
      clearTimeout(timer);
    }
  }

  override async close(): Promise<void> {
    await this.#pool.close();
  }

  #wire(params: ConnectionRequestParams): Dispatcher.RequestOptions {
    const query = params.querystring === undefined || params.querystring === '' ? '' : `?${params.querystring}`;
    return {
      method: params.method,
      path: `${this.#pathPrefix}${params.path}${query}`,
      headers: { ...this.headers, ...params.headers },
      body: params.body ?? null,
    };
  }
}

/** Code of an answer that was cut off because it is larger than we take. */
export const responseTooLarge = 'RESPONSE_TOO_LARGE';
/** Code of an answer that is compressed although we never ask for that: bounded bytes could become unbounded text. */
export const unaskedEncoding = 'UNASKED_ENCODING';

function isForBytes(options: ConnectionRequestOptions | ConnectionRequestOptionsAsStream): boolean {
  return 'asStream' in options && options.asStream;
}

async function boundedBytes(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    // Leaving the loop destroys the body, and with it the socket: the rest is not read.
    if (bytes > maxBytes) throw coded(responseTooLarge);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** By shape, not by class: errors of the runtime itself may come from another realm than ours. */
function codeOf(error: unknown): string {
  const { code, errors: several, cause } = (error ?? {}) as { code?: unknown; errors?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  if (Array.isArray(several)) return codeOf(several[0]);
  return cause === undefined ? 'UNKNOWN' : codeOf(cause);
}
