import { afterEach, describe, expect, it } from '@jest/globals';
import { allOf, eventLoopIsFree, startHealthServer, watchesAreAlive } from '../../../src/runtime/health.ts';
import type { Check, HealthServer, Page } from '../../../src/runtime/health.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';

let server: HealthServer | undefined;
afterEach(async () => server?.close());

const metrics: Page = { contentType: 'text/plain; version=0.0.4', text: async () => 'up 1\n' };

const serving = async (live: Check, ready: Check) => {
  server = await startHealthServer({ port: 0, live, ready, metrics });
  const { port } = server;
  return async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, text: await response.text() };
  };
};

describe('health server', () => {
  it('answers 200 when nothing is wrong, and 404 elsewhere', async () => {
    const ask = await serving(
      () => [],
      () => [],
    );
    expect(await ask('/healthz')).toEqual({ status: 200, text: 'ok\n' });
    expect(await ask('/readyz')).toEqual({ status: 200, text: 'ok\n' });
    expect((await ask('/')).status).toBe(404);
  });

  it('answers 503 with everything that is wrong', async () => {
    const ask = await serving(
      allOf(
        () => ['one'],
        () => ['two'],
      ),
      () => ['cache of jobs is not synced'],
    );
    expect(await ask('/healthz')).toEqual({ status: 503, text: 'one\ntwo\n' });
    expect(await ask('/readyz')).toEqual({ status: 503, text: 'cache of jobs is not synced\n' });
  });

  it('answers /metrics in the form that a scraper asks for, and 500 when they cannot be had', async () => {
    const ask = await serving(
      () => [],
      () => [],
    );
    expect(await ask('/metrics')).toEqual({ status: 200, text: 'up 1\n' });
    const { contentType } = metrics;
    await server?.close();
    const text = async (): Promise<string> => Promise.reject(new Error('no figures'));
    server = await startHealthServer({ port: 0, live: () => [], ready: () => [], metrics: { contentType, text } });
    const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('Error: no figures\n');
  });

  it('rejects when the port is taken', async () => {
    await serving(
      () => [],
      () => [],
    );
    const second = startHealthServer({ port: server!.port, live: () => [], ready: () => [], metrics });
    await expect(second).rejects.toThrow('EADDRINUSE');
  });
});

describe('checks', () => {
  it('names a watch that has heard nothing for more than 3 minutes', async () => {
    const clock = handClock();
    const lastActivity = clock.now();
    const check = watchesAreAlive(
      () => [
        { name: 'jobs', lastActivity },
        { name: 'fresh', lastActivity: clock.now() },
      ],
      () => clock.now(),
    );
    await clock.advance(179_000);
    expect(check()).toEqual([]);
    await clock.advance(2_000);
    expect(check()).toEqual(['watch jobs has heard nothing for 181 s']);
  });

  it('complains of an event loop that is busy whenever it is asked, and is content again once that is over', async () => {
    const check = eventLoopIsFree();
    await new Promise(resolve => setTimeout(resolve, 150));
    check();
    for (let round = 0; round < 2; round += 1) {
      const untilMs = performance.now() + 1_300;
      while (performance.now() < untilMs);
      await new Promise(resolve => setTimeout(resolve, 0));
    }
    expect(check()).toEqual([expect.stringMatching(/^the event loop is \d{4} ms late on average$/)]);
    await new Promise(resolve => setTimeout(resolve, 500));
    expect(check()).toEqual([]);
  }, 20_000);

  it('finds an idle event loop free', async () => {
    const check = eventLoopIsFree();
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(check()).toEqual([]);
  });
});
