import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/** A TCP relay on a free loopback port that counts what comes back from the target, encryption included. */
export type CountingRelay = {
  readonly port: number;
  /** Bytes that came back since this was last asked. */
  readonly takeCount: () => number;
  readonly close: () => Promise<void>;
};

export async function countingRelay(target: { readonly host: string; readonly port: number }): Promise<CountingRelay> {
  let bytes = 0;
  const server = createServer(near => {
    const far = connect(target.port, target.host);
    far.on('data', (piece: Buffer) => (bytes += piece.length));
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port, // listening on TCP
    takeCount: () => {
      const count = bytes;
      bytes = 0;
      return count;
    },
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
