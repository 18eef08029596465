import { engineOver } from './base.ts';
import type { Dialect } from './base.ts';
import type { Engine } from './port.ts';
import { openHttp } from './transport.ts';
import type { ConnectOptions } from './transport.ts';

/** Every answer of Elasticsearch since 7.14 names its product in a header; OpenSearch and proxies do not. */
export const elasticsearch: Dialect = {
  type: 'Elasticsearch',
  supportedMajors: [8, 9],
  recognises: reply => reply.headers['x-elastic-product'] === 'Elasticsearch',
};

/**
 * An engine behind some endpoints; nothing is asked until the first call. Throws TerminalError(InvalidSecret) when the
 * CA cannot be read. Close it when done: it keeps sockets open.
 */
export function connect(options: ConnectOptions): Engine {
  return engineOver(openHttp(options), elasticsearch);
}
