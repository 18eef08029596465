import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What is wrong, in words; nothing wrong = empty. Must be cheap and ask nobody outside the process. */
export type Check = () => readonly string[];

export type HealthServer = {
  /** The port that it listens on, also when 0 was asked for. */
  readonly port: number;
  close(): Promise<void>;
};

export type HealthOptions = {
  readonly port: number;
  /** Answers /healthz: what only a restart can mend. */
  readonly live: Check;
  /** Answers /readyz: a replica that is not the leader is ready too. */
  readonly ready: Check;
  /** Answers /metrics. */
  readonly metrics: Page;
};

export type Page = { readonly contentType: string; readonly text: () => Promise<string> };

const answer = (response: ServerResponse, check: Check): void => {
  const problems = check();
  response.writeHead(problems.length === 0 ? 200 : 503, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(problems.length === 0 ? 'ok\n' : `${problems.join('\n')}\n`);
};

/** Never rejects: a scrape that fails is the scraper's to notice. */
const show = async (response: ServerResponse, { contentType, text }: Page): Promise<void> => {
  try {
    const body = await text();
    response.writeHead(200, { 'content-type': contentType }).end(body);
  } catch (error) {
    response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(`${String(error)}\n`);
  }
};

/** Serves /healthz, /readyz and /metrics; rejects when the port is taken. */
export const startHealthServer = async ({ port, live, ready, metrics }: HealthOptions): Promise<HealthServer> => {
  const checks: Readonly<Record<string, Check>> = { '/healthz': live, '/readyz': ready };
  const server = createServer((request, response) => {
    const check = checks[request.url ?? ''];
    if (check !== undefined) answer(response, check);
    else if (request.url === '/metrics') void show(response, metrics);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, resolve);
  });
  return {
    // A server that listens on a port has an address of this kind.
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
};

/** Bookmarks come every minute, and a watch without them is opened anew after 130 s: 3 min mean that this failed. */
const oldestActivityMs = 180_000;

/** Names the watches that have heard nothing for more than 3 minutes. */
export const watchesAreAlive =
  (watches: () => readonly { readonly name: string; readonly lastActivity: Date }[], now: () => Date): Check =>
  () =>
    watches().flatMap(({ name, lastActivity }) => {
      const ageMs = now().getTime() - lastActivity.getTime();
      return ageMs > oldestActivityMs ? [`watch ${name} has heard nothing for ${Math.round(ageMs / 1000)} s`] : [];
    });

const longestMeanLagMs = 1_000;

/** Complains when the event loop was late by more than 1 s on average since it was asked last. */
export const eventLoopIsFree = (): Check => {
  const delay = monitorEventLoopDelay({ resolution: 100 });
  delay.enable();
  return () => {
    const meanMs = delay.mean / 1e6;
    delay.reset();
    return meanMs > longestMeanLagMs ? [`the event loop is ${Math.round(meanMs)} ms late on average`] : [];
  };
};

/** All complaints of several checks. */
export const allOf =
  (...checks: readonly Check[]): Check =>
  () =>
    checks.flatMap(check => check());
