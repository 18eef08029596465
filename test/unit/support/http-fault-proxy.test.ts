import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createAuthority, type Authority, type Identity } from '../../bed/certificates.ts';
import { forward, httpFaultProxy, type Fate, type HttpFaultProxy } from '../../support/real/http-fault-proxy.ts';

describe.each(['HTTPS', 'plain HTTP'] as const)('the fault proxy over %s', over => {
  const { Agent, request } = over === 'HTTPS' ? https : http;
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-proxy-test-'));
  /** What the target was asked, in its order. */
  const asked: string[] = [];
  let authority: Authority;
  let identity: Identity;
  let target: http.Server;
  let proxy: HttpFaultProxy;
  beforeAll(async () => {
    authority = await createAuthority(folder);
    identity = await authority.server('server', ['IP:127.0.0.1']);
    const handle: http.RequestListener = (incoming, outgoing) => {
      void text(incoming).then(body => {
        asked.push(`${incoming.method ?? ''} ${incoming.url ?? ''} ${body}`);
        outgoing.end(`seen ${body}`);
      });
    };
    const shown = { cert: readFileSync(identity.cert), key: readFileSync(identity.key) };
    target = over === 'HTTPS' ? https.createServer(shown, handle) : http.createServer(handle);
    target.listen(0, '127.0.0.1');
    await once(target, 'listening');
    // A server that listens on a port has an address of this kind.
    const { port } = target.address() as AddressInfo;
    const caFile = over === 'HTTPS' ? authority.caFile : '';
    proxy = await httpFaultProxy({ target: { host: '127.0.0.1', port, caFile }, identity });
  });
  afterAll(async () => {
    await proxy.close();
    target.closeAllConnections();
    target.close();
    rmSync(folder, { recursive: true });
  });

  /** Status and text of the answer, or the code of what went wrong; "silence" when nothing comes for half a second. */
  const call = async (fate: Fate, body = 'hello'): Promise<string> => {
    proxy.fate = () => fate;
    asked.length = 0;
    const agent = new Agent({ ca: readFileSync(authority.caFile) });
    const sent = request(`${proxy.url}/path?q=1`, { method: 'POST', agent, timeout: 500 });
    sent.on('timeout', () => sent.destroy(new Error('silence')));
    sent.end(body);
    try {
      const [answer] = (await once(sent, 'response')) as [http.IncomingMessage];
      return `${answer.statusCode ?? 0} ${await text(answer)}`;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return code ?? message;
    } finally {
      agent.destroy();
    }
  };

  const rows: readonly (readonly [string, Fate, string, readonly string[]])[] = [
    ['hands a request on', forward, '200 seen hello', ['POST /path?q=1 hello']],
    ['resets before the target has seen anything', { is: 'reset' }, 'ECONNRESET', []],
    ['loses the answer to what was carried out', { is: 'lose-reply' }, 'ECONNRESET', ['POST /path?q=1 hello']],
    ['swallows a request', { is: 'swallow' }, 'silence', []],
    ['answers in place of the target', { is: 'answer', status: 429, body: { busy: true } }, '429 {"busy":true}', []],
    [
      'changes what is sent and what is answered',
      {
        is: 'rewrite',
        path: '/other',
        body: Buffer.from('changed'),
        reply: ({ body }) => ({ status: 202, body: Buffer.from(`${body.toString()}!`) }),
      },
      '202 seen changed!',
      ['POST /other?q=1 changed'],
    ],
  ];
  it.each(rows)('%s', async (_what, fate, answer, seen) => {
    expect(await call(fate)).toBe(answer);
    expect(asked).toEqual(seen);
  });
});
