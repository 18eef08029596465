import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Resource } from '../../../src/api/object.ts';
import { ConflictError, RetryableError } from '../../../src/domain/errors.ts';
import { createKube, type KubeOptions } from '../../../src/kube/client.ts';
import { kubeconfigAccess } from '../../../src/kube/kubeconfig.ts';

const repos: Resource = { group: 'reindeer.dev', version: 'v1alpha1', plural: 'indexedrepos', kind: 'IndexedRepo' };
const key = { namespace: 'shop', name: 'kibana' };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A client of a server that answers as the test says; `user` is what a kubeconfig says about one. */
const aClient = async (handler: Handler, options: KubeOptions = {}, user: object = {}) => {
  const server = createServer(handler);
  const sockets = new Set<Socket>();
  server.on('connection', socket => sockets.add(socket));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    // Without this the library refuses plain HTTP.
    { name: 'test', server: `http://127.0.0.1:${port}/prefix`, skipTLSVerify: true },
    { name: 'test', ...user },
  );
  const kube = createKube(kubeconfigAccess(kubeConfig), options);
  ends.push(async () => {
    await kube.close();
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  return { kube, sockets };
};

const sendJson = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const aStatus = (code: number, reason: string): object => ({
  kind: 'Status',
  code,
  reason,
  message: `because ${reason}`,
});

describe('Kubernetes client', () => {
  it.each([
    { status: 409, reason: 'Conflict', error: ConflictError, errorReason: undefined },
    { status: 429, reason: 'TooManyRequests', error: RetryableError, errorReason: 'KubernetesUnavailable' },
    { status: 500, reason: 'InternalError', error: RetryableError, errorReason: 'KubernetesUnavailable' },
    { status: 504, reason: 'Timeout', error: RetryableError, errorReason: 'KubernetesUnavailable' },
    { status: 401, reason: 'Unauthorized', error: RetryableError, errorReason: 'KubernetesDenied' },
    { status: 403, reason: 'Forbidden', error: RetryableError, errorReason: 'KubernetesDenied' },
    { status: 422, reason: 'Invalid', error: RetryableError, errorReason: 'ManifestRejected' },
    { status: 418, reason: 'Teapot', error: Error, errorReason: undefined },
  ])('turns $status $reason into $error.name', async ({ status, reason, error, errorReason }) => {
    const { kube } = await aClient((_request, response) => sendJson(response, status, aStatus(status, reason)));
    const failed = await kube.patchStatus(repos, key, '1', {}).catch((thrown: unknown) => thrown);
    expect(failed).toBeInstanceOf(error);
    expect(failed).toMatchObject({ message: expect.stringContaining(`because ${reason}`) });
    if (errorReason !== undefined) expect(failed).toMatchObject({ reason: errorReason });
  });

  it('does not trip over an answer that no API server sent', async () => {
    const { kube } = await aClient((_request, response) => response.writeHead(502).end('<html>Bad Gateway</html>'));
    await expect(kube.get(repos, key)).rejects.toMatchObject({ reason: 'KubernetesUnavailable' });
  });

  it('gives up on a server that takes the call and never answers', async () => {
    const { kube } = await aClient(() => undefined, { timeoutMs: 300 });
    await expect(kube.get(repos, key)).rejects.toMatchObject({
      name: 'RetryableError',
      reason: 'KubernetesUnavailable',
    });
  });

  it('gives up on a server that closes in the middle of an answer', async () => {
    const { kube } = await aClient((request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"metadata":');
      setTimeout(() => request.socket.destroy(), 20);
    });
    await expect(kube.get(repos, key)).rejects.toMatchObject({ reason: 'KubernetesUnavailable' });
  });

  it('asks under the path prefix of the server, with its name and version', async () => {
    const asked: unknown[] = [];
    const { kube } = await aClient((request, response) => {
      asked.push([request.method, request.url, request.headers['user-agent'], request.headers['content-type']]);
      sendJson(response, 200, { metadata: {}, items: [] });
    });
    await kube.patchStatus(repos, key, '1', {});
    await kube.list(repos, '', { labels: 'a=b' });
    const agent = expect.stringMatching(/^reindeer\/\d+\.\d+\.\d+/);
    const root = '/prefix/apis/reindeer.dev/v1alpha1';
    expect(asked).toEqual([
      ['PATCH', `${root}/namespaces/shop/indexedrepos/kibana/status`, agent, 'application/merge-patch+json'],
      ['GET', `${root}/indexedrepos?limit=500&labelSelector=a%3Db`, agent, undefined],
    ]);
  });

  it('keeps its sockets: many calls, few connections', async () => {
    const { kube, sockets } = await aClient((_request, response) => sendJson(response, 200, { metadata: {} }), {
      sockets: 3,
    });
    for (let round = 0; round < 5; round += 1)
      await Promise.all(Array.from({ length: 20 }, async () => kube.get(repos, key)));
    expect(sockets.size).toBeLessThanOrEqual(3);
  });

  it('tells of every request once: its status, or that no answer came', async () => {
    const told: unknown[] = [];
    const handler: Handler = ({ method, url = '', socket }, response) => {
      if (url.includes('watch=true')) sendJson(response, url.includes('gone') ? 410 : 200, {});
      else if (method === 'DELETE') socket.destroy();
      else sendJson(response, method === 'GET' ? 404 : 201, aStatus(404, 'NotFound'));
    };
    const { kube } = await aClient(handler, { onAnswer: (method, status) => told.push([method, status]) });
    await kube.get(repos, key);
    await kube.create(repos, { apiVersion: 'v1', kind: 'X', metadata: key });
    await expect(kube.delete(repos, key, 'u')).rejects.toBeInstanceOf(RetryableError);
    const { signal } = new AbortController();
    const opened = await kube.transport.stream('/api/v1/pods?watch=true', signal);
    if (opened.is === 'open') opened.close();
    expect(await kube.transport.stream('/api/v1/pods?watch=true&gone', signal)).toMatchObject({ is: 'refused' });
    expect(told).toEqual([
      ['GET', 404],
      ['POST', 201],
      ['DELETE', undefined],
      ['WATCH', 200],
      ['WATCH', 410],
    ]);
  });

  it('writes nothing when it may not, and still reads', async () => {
    let calls = 0;
    const count: Handler = (_request, response) => {
      calls += 1;
      sendJson(response, 200, { metadata: {} });
    };
    const { kube } = await aClient(count, { mayWrite: () => false });
    await expect(kube.patchStatus(repos, key, '1', {})).rejects.toBeInstanceOf(RetryableError);
    await expect(kube.delete(repos, key, 'u')).rejects.toBeInstanceOf(RetryableError);
    expect(calls).toBe(0);
    await kube.get(repos, key);
    expect(calls).toBe(1);
  });

  it('reads a rotated token at once after a 401, newline or not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reindeer-token-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'old\n');
    const authProvider = { name: 'tokenFile', config: { tokenFile } };
    const check: Handler = (request, response) => {
      if (request.headers.authorization === 'Bearer new') sendJson(response, 200, { metadata: {} });
      else sendJson(response, 401, aStatus(401, 'Unauthorized'));
    };
    const { kube } = await aClient(check, {}, { authProvider });
    await expect(kube.get(repos, key)).rejects.toMatchObject({ reason: 'KubernetesDenied' });
    writeFileSync(tokenFile, 'new\n');
    await expect(kube.get(repos, key)).resolves.toEqual({ metadata: {} });
  });

  it('answers missing when another object has taken the name of the one to delete', async () => {
    const { kube } = await aClient((_request, response) => sendJson(response, 409, aStatus(409, 'Conflict')));
    expect(await kube.delete(repos, key, 'u')).toBe('missing');
  });
});
