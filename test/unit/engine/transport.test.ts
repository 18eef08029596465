import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connect } from '../../../src/engine/connect.ts';
import { LostReplyError } from '../../../src/engine/errors.ts';
import type { Engine } from '../../../src/engine/port.ts';
import { openHttp, type HttpReply, type HttpRequest } from '../../../src/engine/transport.ts';
import type { Clock } from '../../../src/runtime/clock.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** What is needed of one engine to be taken for it. */
const product = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' };
const local = { nodes: { one: { version: '8.19.0' } } };
const opened: { close(): unknown }[] = [];
/** Every wait of the retry rule, in milliseconds; the test does not wait. */
const waits: number[] = [];
const clock: Clock = {
  now: () => new Date(0),
  sleep: async ms => {
    waits.push(ms);
  },
};

afterEach(async () => {
  waits.length = 0;
  for (const each of opened.splice(0).reverse()) await each.close();
});

/** A server that gives these answers one after the other, the last one for ever, and remembers what it was asked. */
async function aServer(...answers: readonly Answer[]): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    request.resume();
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    request.on('end', () => answer?.(request, response));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  opened.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function engineAt(...endpoints: readonly string[]): Engine {
  const engine = connect({ endpoints, clock, username: 'reader', password: 'canary-secret' });
  opened.push(engine);
  return engine;
}

const says =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = product): Answer =>
  (_, response) => {
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
const hangsUp: Answer = request => request.socket.destroy();
const isHealthy: Answer = (request, response) =>
  says(200, request.url?.startsWith('/_nodes') === true ? local : { cluster_uuid: 'uuid-1' })(request, response);
const overloaded = says(429, { error: { type: 'es_rejected_execution_exception', reason: 'queue full' } });
const diskFull = says(429, { error: { type: 'cluster_block_exception', reason: 'flood stage' } });
const bulk = { target: 'a', requireAlias: false };

describe('the way to an engine', () => {
  it('knows product, version and uuid', async () => {
    const { url } = await aServer(isHealthy);
    expect(await engineAt(url).info()).toEqual({ type: 'Elasticsearch', version: '8.19.0', uuid: 'uuid-1' });
  });

  it('says by user and password, or by an API key, who asks', async () => {
    const said: (string | undefined)[] = [];
    const { url } = await aServer((request, response) => {
      said.push(request.headers.authorization);
      isHealthy(request, response);
    });
    const basic = { username: 'reader', password: 'canary-secret' };
    for (const who of [basic, { apiKey: 'aWQ6Y2FuYXJ5' }, {}]) {
      const engine = connect({ endpoints: [url], clock, ...who });
      opened.push(engine);
      await engine.info();
    }
    const encoded = Buffer.from('reader:canary-secret').toString('base64');
    expect([...new Set(said)]).toEqual([`Basic ${encoded}`, 'ApiKey aWQ6Y2FuYXJ5', undefined]);
  });

  it('asks nothing once this process may not, also not what it was about to try again', async () => {
    let mayAsk = true;
    const { url, asked } = await aServer((request, response) => {
      mayAsk = false;
      overloaded(request, response);
    });
    const engine = connect({ endpoints: [url], clock, mayAsk: () => mayAsk });
    opened.push(engine);
    await expect(engine.indices.count('a')).rejects.toMatchObject({ name: 'RetryableError' });
    await expect(engine.indices.delete('a')).rejects.toMatchObject({ reason: 'EngineUnavailable' });
    expect(asked).toEqual(['POST /a/_count']);
  });

  it('keeps the path of an endpoint in front of every request', async () => {
    const { url, asked } = await aServer(says(200, { count: 1, _shards: { failed: 0 } }));
    await engineAt(`${url}/search/`).indices.count('a');
    expect(asked).toEqual(['POST /search/a/_count']);
  });

  it.each<[string, Answer]>([
    ['an HTML page', says(200, '<html>', { 'content-type': 'text/html' })],
    ['JSON of something else', says(200, { hello: 'world' }, { 'content-type': 'application/json' })],
    ['broken JSON', says(200, '{"nodes":', product)],
    ['a JSON string', says(200, '"nodes"', product)],
    ['a redirect', says(302, '', { location: 'http://127.0.0.1:1/' })],
    ['an HTML 404', says(404, '<html>', { 'content-type': 'text/html' })],
    ['an odd version', says(200, { nodes: { one: { version: 'x'.repeat(2000) } } })],
    ['a compressed answer nobody asked for', says(200, 'xx', { ...product, 'content-encoding': 'gzip' })],
  ])('takes %s for no search engine, and does not try again', async (_, answer) => {
    const { url, asked } = await aServer(answer);
    await expect(engineAt(url).info()).rejects.toMatchObject({ name: 'TerminalError', reason: 'NotASearchEngine' });
    expect(asked).toHaveLength(1);
  });

  it.each<[string, number, (engine: Engine) => Promise<unknown>]>([
    ['64 MiB', 66, engine => engine.indices.count('a')],
    ['1 MiB while it is not known who answers', 2, engine => engine.info()],
  ])('stops reading an answer of more than %s', async (_, mebibytes, ask) => {
    const { url } = await aServer((_request, response) => {
      response.writeHead(200, product);
      const block = Buffer.alloc(1024 * 1024, 'x');
      for (let i = 0; i < mebibytes; i += 1) response.write(block);
      response.end();
    });
    const reason = 'NotASearchEngine';
    await expect(ask(engineAt(url))).rejects.toMatchObject({ reason, message: expect.stringMatching(/TOO_LARGE/) });
  });

  it.each([401, 403])('names %d as refused credentials without repeating what was said about them', async status => {
    const { url } = await aServer(
      says(status, { error: { type: 'security_exception', reason: 'user [reader] unknown' } }),
    );
    const error: unknown = await engineAt(url)
      .info()
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'TerminalError', reason: 'AuthenticationFailed' });
    expect(String(error)).not.toMatch(/reader|canary-secret/);
  });

  it('cuts and escapes what an engine says', async () => {
    const { url } = await aServer(says(400, { error: { type: 'odd', reason: `\u001b[31m\n${'ü'.repeat(4000)}` } }));
    const error: unknown = await engineAt(url)
      .indices.count('a')
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    const message = error instanceof Error ? error.message : '';
    expect(message).toContain('\\u001b[31m\\u000aüü');
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1024);
  });
});

describe('the retry rule', () => {
  const counted = says(200, { count: 3, _shards: { failed: 0 } });

  it.each<[string, Answer]>([
    ['a lost connection', hangsUp],
    ['429', overloaded],
    ['502 of a proxy', says(502, '<html>', { 'content-type': 'text/html' })],
    ['503', says(503, { error: { type: 'master_not_discovered_exception' } })],
    ['504', says(504, { error: { type: 'timeout' } })],
  ])('tries an idempotent request again after %s', async (_, answer) => {
    const { url, asked } = await aServer(answer, answer, counted);
    expect(await engineAt(url).indices.count('a')).toBe(3);
    expect(asked).toHaveLength(3);
  });

  it('tries again what the engine refused before it did anything, even where once is not the same as twice', async () => {
    const made = says(201, { result: 'created', _seq_no: 1, _primary_term: 1 });
    const { url, asked } = await aServer(overloaded, overloaded, made);
    expect(await engineAt(url).documents.create('a', 'b', {})).toEqual({ seqNo: 1, primaryTerm: 1 });
    expect(asked).toHaveLength(3);
    expect(waits).toHaveLength(2);
  });

  it.each<[string, Answer]>([
    ['a lost connection', hangsUp],
    ['503', says(503, {})],
  ])('leaves it to the caller after %s', async (_, answer) => {
    const { url, asked } = await aServer(answer);
    await expect(engineAt(url).documents.create('a', 'b', {})).rejects.toMatchObject({ name: 'RetryableError' });
    expect(asked).toHaveLength(1);
  });

  it('gives up after four tries and at most 1.4 seconds of waiting', async () => {
    const { url, asked } = await aServer(overloaded);
    await expect(engineAt(url).indices.count('a')).rejects.toMatchObject({
      name: 'RetryableError',
      reason: 'EngineOverloaded',
    });
    expect(asked).toHaveLength(4);
    expect(waits).toHaveLength(3);
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(1400);
  });

  it.each<[string, Answer]>([
    ['a lost connection', hangsUp],
    ['429', overloaded],
    ['503', says(503, {})],
  ])('never sends a bulk a second time after %s', async (_, answer) => {
    const { url, asked } = await aServer(answer);
    await expect(engineAt(url).documents.bulk(Buffer.from('{}\n'), bulk)).rejects.toMatchObject({
      name: 'RetryableError',
    });
    expect(asked).toHaveLength(1);
  });

  it('answers `unconfirmed` for an alias change whose reply was lost', async () => {
    const { url, asked } = await aServer(hangsUp);
    expect(await engineAt(url).aliases.update([])).toBe('unconfirmed');
    expect(asked).toHaveLength(1);
  });

  it('takes a full disk for what it is and does not storm it', async () => {
    const { url, asked } = await aServer(diskFull);
    await expect(engineAt(url).indices.refresh('a')).rejects.toMatchObject({
      name: 'RetryableError',
      reason: 'DiskFull',
    });
    expect(asked).toHaveLength(1);
  });

  it('goes on with another endpoint when one does not listen, whatever the request', async () => {
    const { url } = await aServer(says(200, { acknowledged: true }));
    for (let i = 0; i < 4; i += 1) {
      expect(await engineAt('http://127.0.0.1:1', url).aliases.update([])).toBe('applied');
    }
  });

  it('says that the engine is unavailable where its connection was given up for another one', async () => {
    const { url, asked } = await aServer(isHealthy);
    const engine = engineAt(url);
    await engine.close();
    await expect(engine.info()).rejects.toMatchObject({
      name: 'RetryableError',
      reason: 'EngineUnavailable',
      message: expect.stringContaining('this connection was given up'),
    });
    expect([asked, waits]).toEqual([[], []]);
  });

  it('says that the engine is unavailable when nothing listens', async () => {
    await expect(engineAt('http://127.0.0.1:1', 'http://127.0.0.1:2/search').info()).rejects.toMatchObject({
      name: 'RetryableError',
      reason: 'EngineUnavailable',
      message: expect.stringMatching(/ cannot be reached \(ECONNREFUSED\): 127\.0\.0\.1:1, 127\.0\.0\.1:2$/),
    });
    expect(waits).toHaveLength(3);
  });
});

describe('an engine for work that must end in time', () => {
  it('waits no longer for an answer than is left, and sends nothing after that', async () => {
    const { url, asked } = await aServer(() => undefined);
    const startedMs = performance.now();
    const engine = engineAt(url).within(() => 100 - (performance.now() - startedMs));
    await expect(engine.indices.count('kibana')).rejects.toThrow(LostReplyError);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(asked).toHaveLength(1);
    await expect(engine.indices.count('kibana')).rejects.toMatchObject({
      ...{ name: 'RetryableError', message: 'POST /kibana/_count: no time was left for it' },
    });
    expect(asked).toHaveLength(1);
  });

  it('tries nothing again once nothing is left', async () => {
    let left = 1000;
    const { url, asked } = await aServer((request, response) => {
      left = 0;
      hangsUp(request, response);
    });
    await expect(
      engineAt(url)
        .within(() => left)
        .indices.count('kibana'),
    ).rejects.toThrow('no time was left for it');
    expect(asked).toHaveLength(1);
  });

  it('tells the engine to give a change up before its answer is given up here', async () => {
    const { url, asked } = await aServer(says(200, { acknowledged: true }));
    await engineAt(url)
      .within(() => 3_000)
      .indices.unblockWrites('kibana');
    await engineAt(url)
      .within(() => 60_000)
      .indices.unblockWrites('kibana');
    expect(asked).toEqual(['2000ms', '20000ms'].map(ms => `PUT /kibana/_settings?timeout=${ms}&master_timeout=${ms}`));
  });
});

describe('an answer that is asked for as bytes', () => {
  const ask = async (url: string, given: Partial<HttpRequest> = {}): Promise<HttpReply> => {
    const http = openHttp({ endpoints: [url], clock });
    opened.push(http);
    return http.send({ method: 'GET', path: '/a', idempotent: true, asBytes: true, ...given });
  };

  it('is handed on as it is', async () => {
    const { url } = await aServer(says(200, '{ "n": 1e2, "ü": 12345678901234567890 }'));
    const { body } = await ask(url);
    expect(body).toEqual(Buffer.from('{ "n": 1e2, "ü": 12345678901234567890 }'));
  });

  it('is tried again, refused and expected like any other', async () => {
    const { url, asked } = await aServer(overloaded, says(503, {}), says(200, '{}'));
    expect((await ask(url)).status).toBe(200);
    expect(asked).toHaveLength(3);
    const full = await aServer(diskFull);
    await expect(ask(full.url)).rejects.toMatchObject({ name: 'RetryableError', reason: 'DiskFull' });
    const missing = await aServer(says(404, { error: { type: 'x' } }));
    expect(await ask(missing.url, { expect: [404] })).toMatchObject({ status: 404, body: { error: { type: 'x' } } });
  });

  it.each([
    ['an HTML page', says(200, '<html>')],
    ['an HTML 404', says(404, '<html>')],
    ['nothing', says(200, '')],
  ])('is of no search engine when it is %s', async (_, answer) => {
    const { url } = await aServer(answer);
    await expect(ask(url)).rejects.toMatchObject({ name: 'TerminalError', reason: 'NotASearchEngine' });
  });

  it('is given up when it is larger than it may be', async () => {
    const { url } = await aServer(says(200, `{"a":"${'x'.repeat(2_000)}"}`));
    await expect(ask(url, { maxBytes: 1_000 })).rejects.toThrow('TOO_LARGE');
  });
});

describe('the CA', () => {
  it('must be a PEM certificate', () => {
    expect(() => connect({ endpoints: ['https://127.0.0.1:1'], caPem: 'canary-secret', clock })).toThrow(
      expect.objectContaining({ name: 'TerminalError', reason: 'InvalidSecret' }),
    );
    expect(() => connect({ endpoints: ['https://127.0.0.1:1'], caPem: 'canary-secret', clock })).not.toThrow(
      'canary-secret',
    );
  });
});
