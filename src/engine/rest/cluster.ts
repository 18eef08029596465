import { z } from 'zod';
import { RetryableError, TerminalError } from '../../domain/errors.ts';
import type { Dialect } from '../dialect.ts';
import type { EngineInfo } from '../port.ts';
import type { Http } from '../transport.ts';

/** An engine that is well says so in milliseconds; one that vanished must be told of within a minute, a probe apart. */
const presenceTimeoutMs = 15_000;

const nodesReply = z.object({ nodes: z.record(z.string(), z.object({ version: z.string().max(64) })) });
const stateReply = z.object({ cluster_uuid: z.string().min(1).max(64) });

/** What a cluster that has not elected its first master yet gives as its uuid. */
const noUuidYet = '_na_';

/**
 * Asks the node about itself, and the cluster state for its uuid: both need the privilege `monitor` only. `GET /`
 * would say all of it, but minimal distributions do not answer there.
 */
export async function readInfo(http: Http, dialect: Dialect): Promise<EngineInfo> {
  const local = await http.send({ ...read, path: '/_nodes/_local', query: { filter_path: 'nodes.*.version' } });
  const nodes = nodesReply.safeParse(local.body);
  const version = nodes.success ? Object.values(nodes.data.nodes)[0]?.version : undefined;
  if (version === undefined || !dialect.recognises(local)) {
    throw new TerminalError('NotASearchEngine', `the endpoint answers, but not as ${dialect.type}`);
  }
  requireSupported(dialect, version);
  const state = await http.send({ ...read, path: '/_cluster/state/version', query: { filter_path: 'cluster_uuid' } });
  const uuid = stateReply.safeParse(state.body).data?.cluster_uuid ?? noUuidYet;
  if (uuid === noUuidYet)
    throw new RetryableError('EngineUnavailable', 'the cluster has no uuid yet: it is still forming');
  return { type: dialect.type, version, uuid };
}

/** Whoever answers is not known yet: a stranger must not fill the memory of an operator that serves many. */
const read = { method: 'GET', idempotent: true, maxBytes: 1024 * 1024, timeoutMs: presenceTimeoutMs } as const;

function requireSupported(dialect: Dialect, version: string): void {
  const major = Number(/^(\d{1,4})\./.exec(version)?.[1]);
  if (dialect.supportedMajors.includes(major)) return;
  const wanted = dialect.supportedMajors.map(supported => `${supported}.x`).join(' or ');
  throw new TerminalError(
    'NotASearchEngine',
    `${dialect.type} ${JSON.stringify(version)} is not supported: expected ${wanted}`,
  );
}
