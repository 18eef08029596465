import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Identity } from '../../bed/certificates.ts';

/** One request as it came; `n` counts them from 0. */
export type Exchange = {
  readonly n: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  /** Port of the client: which process of this machine asks. */
  readonly from: number | undefined;
};

/** The answer of a target, read whole. */
export type Reply = { readonly status: number; readonly body: Buffer };

/** What becomes of one request. Every fate but `forward` is a fault. */
export type Fate =
  | { readonly is: 'forward' }
  /** RST before the target has seen anything. */
  | { readonly is: 'reset' }
  /** Carried out by the target, then RST in place of its answer. */
  | { readonly is: 'lose-reply'; readonly onReply?: (reply: Reply) => void }
  /** Never answered, never seen by the target; the socket stays open. */
  | { readonly is: 'swallow' }
  /** Answered by the proxy; the target has seen nothing. */
  | { readonly is: 'answer'; readonly status: number; readonly body: object; readonly headers?: Record<string, string> }
  /** Another request is sent, and its answer may be changed too. */
  | {
      readonly is: 'rewrite';
      readonly path?: string;
      readonly query?: URLSearchParams;
      readonly body?: Buffer;
      readonly reply?: (reply: Reply) => Reply;
    };

export const forward: Fate = { is: 'forward' };

/** A relay on a free loopback port that does to each request what `fate` says; HTTPS where its target is. */
export type HttpFaultProxy = {
  readonly url: string;
  readonly port: number;
  /** Decides on each request; a promise holds it until then. Replaced whenever a test wants another fault. */
  fate: (exchange: Exchange) => Fate | Promise<Fate>;
  /** Requests so far. */
  readonly count: number;
  close(): Promise<void>;
};

export type ProxyOptions = {
  /** `caFile` is '' for a target that speaks plain HTTP. */
  readonly target: { readonly host: string; readonly port: number; readonly caFile: string };
  /** Shown to clients; valid for 127.0.0.1. */
  readonly identity: Identity;
};

/** Opens the relay; it speaks HTTP/1.1 to both sides, and hands answers on as they come. */
export async function httpFaultProxy({ target, identity }: ProxyOptions): Promise<HttpFaultProxy> {
  const isSecure = target.caFile !== '';
  const agent = isSecure
    ? new https.Agent({ keepAlive: true, ca: readFileSync(target.caFile) })
    : new http.Agent({ keepAlive: true });
  const server = isSecure
    ? https.createServer({ cert: readFileSync(identity.cert), key: readFileSync(identity.key) })
    : http.createServer();
  // By the port of the client: a TLS socket cannot send a RST, what lies below it can.
  const sockets = new Map<number | undefined, Socket>();
  let count = 0;
  const proxy = { fate: (): Fate | Promise<Fate> => forward } as { fate: HttpFaultProxy['fate'] };
  const reset = ({ socket }: IncomingMessage): void => {
    sockets.get(socket.remotePort)?.resetAndDestroy();
  };
  const relay = new Relay(agent, target, reset);
  server.on('request', (incoming, outgoing) => {
    void handle(incoming, outgoing).catch(() => reset(incoming));
  });
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? '/', 'https://proxy');
    const body = await buffer(incoming);
    const asked = { method: incoming.method ?? '', path: url.pathname, query: url.searchParams, body };
    const exchange = { n: count, ...asked, from: incoming.socket.remotePort };
    count += 1;
    await relay.carryOut(incoming, outgoing, exchange, await proxy.fate(exchange));
  };
  server.on('connection', (socket: Socket) => {
    const { remotePort } = socket;
    sockets.set(remotePort, socket);
    socket.on('close', () => sockets.delete(remotePort));
    socket.on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return Object.defineProperty(
    Object.assign(proxy, {
      port,
      url: `${isSecure ? 'https' : 'http'}://127.0.0.1:${port}`,
      count: 0,
      close: async () => {
        for (const socket of sockets.values()) socket.destroy();
        agent.destroy();
        server.close();
        await once(server, 'close');
      },
    }),
    'count',
    { get: () => count },
  );
}

/** Sends requests on to the target, each changed as its fate says. */
class Relay {
  readonly #agent: http.Agent;
  readonly #target: ProxyOptions['target'];
  readonly #reset: (incoming: IncomingMessage) => void;

  constructor(agent: http.Agent, target: ProxyOptions['target'], reset: (incoming: IncomingMessage) => void) {
    this.#agent = agent;
    this.#target = target;
    this.#reset = reset;
  }

  async carryOut(incoming: IncomingMessage, outgoing: ServerResponse, asked: Exchange, fate: Fate): Promise<void> {
    switch (fate.is) {
      case 'swallow':
        return;
      case 'reset':
        this.#reset(incoming);
        return;
      case 'answer':
        outgoing.writeHead(fate.status, { 'content-type': 'application/json', ...fate.headers });
        outgoing.end(JSON.stringify(fate.body));
        return;
      case 'forward':
        await this.#stream(await this.#send(incoming, outgoing, asked), outgoing);
        return;
      case 'lose-reply': {
        const answer = await this.#send(incoming, outgoing, asked);
        const reply = { status: answer.statusCode ?? 0, body: await buffer(answer) };
        fate.onReply?.(reply);
        this.#reset(incoming);
        return;
      }
      case 'rewrite': {
        const answer = await this.#send(incoming, outgoing, { ...asked, ...fate });
        if (fate.reply === undefined) return this.#stream(answer, outgoing);
        const reply = fate.reply({ status: answer.statusCode ?? 0, body: await buffer(answer) });
        outgoing.writeHead(reply.status, { ...headersOf(answer), 'content-length': String(reply.body.length) });
        outgoing.end(reply.body);
      }
    }
  }

  /** Rejects when the target cannot be reached or breaks off: the client then gets a RST, as it would from the target. */
  async #send(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    asked: Pick<Exchange, 'method' | 'path' | 'query' | 'body'>,
  ): Promise<IncomingMessage> {
    const { method, path, query, body } = asked;
    const search = query.size === 0 ? '' : `?${query.toString()}`;
    const { host: _host, 'transfer-encoding': _encoding, ...headers } = incoming.headers;
    const { host, port, caFile } = this.#target;
    const { request } = caFile === '' ? http : https;
    const sent = request({
      agent: this.#agent,
      host,
      port,
      method,
      path: path + search,
      headers: {
        ...headers,
        // What is read here must not be compressed.
        'accept-encoding': 'identity',
        ...(body.length > 0 && { 'content-length': String(body.length) }),
      },
    });
    outgoing.once('close', () => {
      // The client went away: the target sees that too.
      if (!outgoing.writableFinished) sent.destroy();
    });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return answer;
  }

  async #stream(answer: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    outgoing.writeHead(answer.statusCode ?? 502, headersOf(answer));
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    await once(answer, 'close');
    // An answer that broke off must not look like one that ended.
    if (!answer.complete) outgoing.destroy();
  }
}

function headersOf({ headers }: IncomingMessage): IncomingMessage['headers'] {
  const { connection: _connection, 'transfer-encoding': _encoding, 'keep-alive': _keepAlive, ...others } = headers;
  return others;
}
