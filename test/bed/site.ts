import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Where the parts of a bed listen, and how a process gets to where it may listen there. */
export type Site = {
  /** The one address of all parts. */
  readonly address: string;
  /** Put before a command so that it runs in the bed's network; empty on loopback. */
  readonly enter: readonly string[];
  readonly ports: {
    readonly etcd: number;
    readonly etcdPeer: number;
    readonly apiServer: number;
    readonly controllerManager: number;
    readonly git: number;
    /** One per node of the engine, likewise `engineTransport`. */
    readonly engine: readonly number[];
    readonly engineTransport: readonly number[];
  };
};

/** The machine's own loopback address with ports that were free a moment ago: needs neither root nor a namespace. */
export async function loopbackSite(engineNodes: number): Promise<Site> {
  const [etcd = 0, etcdPeer = 0, apiServer = 0, controllerManager = 0, git = 0, ...engine] = await freePorts(
    5 + 2 * engineNodes,
  );
  return {
    address: '127.0.0.1',
    enter: [],
    ports: {
      etcd,
      etcdPeer,
      apiServer,
      controllerManager,
      git,
      engine: engine.slice(0, engineNodes),
      engineTransport: engine.slice(engineNodes),
    },
  };
}

/** An address that is the bed's own, where every part has its usual port. */
export function namespaceSite(address: string, enter: readonly string[], engineNodes: number): Site {
  const nodes = Array.from({ length: engineNodes }, (_, index) => index);
  return {
    address,
    enter,
    ports: {
      etcd: 2379,
      etcdPeer: 2380,
      apiServer: 6443,
      controllerManager: 10257,
      git: 8443,
      engine: nodes.map(index => 9200 + index),
      engineTransport: nodes.map(index => 9300 + index),
    },
  };
}

async function freePorts(count: number): Promise<readonly number[]> {
  // All are held at once before any is let go, or the kernel could answer the same port twice.
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  const ports = servers.map(server => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(async server => new Promise(resolve => server.close(resolve))));
  return ports;
}
