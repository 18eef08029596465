import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A TCP relay on a free port, of loopback unless told otherwise, that can misbehave on demand. */
export type TcpProxy = {
  readonly port: number;
  /** Swallows all bytes in both directions and keeps the sockets, of new connections too. */
  blackhole(): void;
  /** Ends the blackhole for connections made from now on; what was swallowed stays lost. */
  heal(): void;
  /** Sends RST on every open connection. */
  resetAll(): void;
  /** Open connections. */
  readonly connections: number;
  close(): Promise<void>;
};

type Pair = { readonly near: Socket; readonly far: Socket; swallowed: boolean };

export const tcpProxy = async (
  target: { readonly host: string; readonly port: number },
  host = '127.0.0.1',
): Promise<TcpProxy> => {
  const pairs = new Set<Pair>();
  let swallow = false;
  const server = createServer(near => {
    const far = connect(target.port, target.host);
    const pair: Pair = { near, far, swallowed: swallow };
    pairs.add(pair);
    const relay = (from: Socket, to: Socket): void => {
      from.on('data', bytes => {
        if (!pair.swallowed) to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        // In a blackhole not even the end of the other side is seen.
        if (!pair.swallowed) to.destroy();
        if (near.destroyed && far.destroyed) pairs.delete(pair);
      });
    };
    relay(near, far);
    relay(far, near);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    blackhole() {
      swallow = true;
      for (const pair of pairs) pair.swallowed = true;
    },
    heal() {
      swallow = false;
    },
    resetAll() {
      for (const { near, far } of pairs) {
        near.resetAndDestroy();
        far.resetAndDestroy();
      }
    },
    get connections() {
      return pairs.size;
    },
    async close() {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      await new Promise(resolve => server.close(resolve));
    },
  };
};
