import type { Dialect } from './dialect.ts';
import { elasticsearch } from './dialects/elasticsearch.ts';
import type { Engine } from './port.ts';
import { restAliases } from './rest/aliases.ts';
import { readInfo } from './rest/cluster.ts';
import { restDocuments } from './rest/documents.ts';
import { restIndices } from './rest/indices.ts';
import { type ConnectOptions, type Http, openHttp } from './transport.ts';

/**
 * An engine behind some endpoints; nothing is asked until the first call. Throws TerminalError(InvalidSecret) when the
 * CA cannot be read. Close it when done: it keeps sockets open.
 */
export function connect(options: ConnectOptions): Engine {
  return engineOver(openHttp(options), elasticsearch);
}

/** The shared REST shapes, spoken with the differences of one engine. */
export function engineOver(http: Http, dialect: Dialect): Engine {
  return {
    indices: restIndices(http),
    aliases: restAliases(http),
    documents: restDocuments(http),
    info: () => readInfo(http, dialect),
    close: () => http.close(),
  };
}
