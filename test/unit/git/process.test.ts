import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { GitTimeoutError, runGit } from '../../../src/git/process.ts';

const environment = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' };

/** A host that takes the connection and never says a word. */
describe('a Git process that waits for a silent host', () => {
  let host: Server;
  let url: string;
  beforeEach(async () => {
    host = createServer().listen(0, '127.0.0.1');
    await once(host, 'listening');
    // A server that listens on a port has an address of this kind.
    url = `http://127.0.0.1:${(host.address() as AddressInfo).port}/silent.git`;
  });
  afterEach(() => void host.close());

  const connected = async (): Promise<Socket> => ((await once(host, 'connection')) as [Socket])[0].resume();
  const ask = (given: { readonly signal?: AbortSignal; readonly timeoutMs?: number }): Promise<Buffer> =>
    runGit({ args: ['ls-remote', url], environment, ...given });

  it('ends at once with the reason of the signal, and its helper lets go of the host', async () => {
    const stop = new AbortController();
    const ended = ask({ signal: stop.signal }).catch((error: unknown) => error);
    const socket = await connected();
    const closed = once(socket, 'close');
    const reason = new Error('asked to stop');
    stop.abort(reason);
    expect(await ended).toBe(reason);
    await closed;
  }, 20_000);

  it('ends at once when its time is over', async () => {
    const ended = ask({ timeoutMs: 1000 }).catch((error: unknown) => error);
    const socket = await connected();
    const closed = once(socket, 'close');
    expect(await ended).toBeInstanceOf(GitTimeoutError);
    await closed;
  }, 20_000);

  it('does not begin when the signal was aborted before', async () => {
    const reason = new Error('too late');
    await expect(ask({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  }, 20_000);
});
