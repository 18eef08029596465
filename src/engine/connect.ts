import type { Dialect } from './dialect.ts';
import { elasticsearch } from './dialects/elasticsearch.ts';
import { opensearch } from './dialects/opensearch.ts';
import type { DeclaredEngine, Engine } from './port.ts';
import { restAliases } from './rest/aliases.ts';
import { restCluster } from './rest/cluster.ts';
import { restDocuments } from './rest/documents.ts';
import { restIndices } from './rest/indices.ts';
import { readDialect, readInfo } from './rest/info.ts';
import { restViews } from './rest/views.ts';
import { type ConnectOptions, type Http, openHttp, within } from './transport.ts';

/** Every engine that is spoken with. */
export const dialects: readonly Dialect[] = [elasticsearch, opensearch];

/**
 * An engine behind some endpoints; nothing is asked until the first call, and it is the answer that tells which engine it
 * is. Throws TerminalError(InvalidSecret) when the CA cannot be read. Close it when done: it keeps sockets open.
 */
export function connect({ engine = 'Auto', ...where }: ConnectOptions & { readonly engine?: DeclaredEngine }): Engine {
  return engineOver(openHttp(where), engine);
}

/** The shared REST shapes, spoken with the differences of whichever engine answers. */
export function engineOver(http: Http, declared: DeclaredEngine = 'Auto'): Engine {
  return {
    indices: restIndices(http),
    aliases: restAliases(http),
    documents: restDocuments(http),
    views: restViews(http, async () => (await readDialect(http, dialects, declared)).dialect.can),
    cluster: restCluster(http),
    info: () => readInfo(http, dialects, declared),
    within: leftMs => engineOver(within(http, leftMs), declared),
    close: () => http.close(),
  };
}
