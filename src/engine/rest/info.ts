import { z } from 'zod';
import { bounded } from '../../domain/bounded-text.ts';
import { RetryableError, TerminalError } from '../../domain/errors.ts';
import type { Dialect, Release } from '../dialect.ts';
import type { DeclaredEngine, EngineInfo } from '../port.ts';
import type { Http, HttpReply } from '../transport.ts';

/** An engine that is well says so in milliseconds; one that vanished must be told of within a minute, a probe apart. */
const presenceTimeoutMs = 15_000;

const nodesReply = z.object({ nodes: z.record(z.string(), z.object({ version: z.string().max(64) })) });
const stateReply = z.object({ cluster_uuid: z.string().min(1).max(64) });

/** What a cluster that has not elected its first master yet gives as its uuid. */
const noUuidYet = '_na_';

/**
 * Asks the node about itself, and the cluster state for its uuid: both need the privilege `monitor` only. `GET /` would
 * say all of it, but minimal distributions do not answer there: it is asked only where no header told which engine it is.
 */
export async function readInfo(
  http: Http,
  dialects: readonly Dialect[],
  declared: DeclaredEngine,
): Promise<EngineInfo> {
  const { dialect, version } = await readDialect(http, dialects, declared);
  const state = await http.send({ ...read, path: '/_cluster/state/version', query: { filter_path: 'cluster_uuid' } });
  const uuid = stateReply.safeParse(state.body).data?.cluster_uuid ?? noUuidYet;
  if (uuid === noUuidYet)
    throw new RetryableError('EngineUnavailable', 'the cluster has no uuid yet: it is still forming');
  return { type: dialect.type, version, uuid };
}

/** Which engine answers, and as which release. Throws as {@link readInfo} does where it is none that is spoken with. */
export async function readDialect(
  http: Http,
  dialects: readonly Dialect[],
  declared: DeclaredEngine,
): Promise<{ readonly dialect: Dialect; readonly version: string }> {
  const local = await http.send({ ...read, path: '/_nodes/_local', query: { filter_path: 'nodes.*.version' } });
  const nodes = nodesReply.safeParse(local.body);
  const version = nodes.success ? Object.values(nodes.data.nodes)[0]?.version : undefined;
  const dialect = version === undefined ? undefined : await dialectBehind(http, local, dialects);
  if (version === undefined || dialect === undefined) {
    const known = dialects.map(({ type }) => type).join(' or ');
    throw new TerminalError('NotASearchEngine', `the endpoint answers, but not as ${known}`);
  }
  requireDeclared(dialect, version, declared);
  requireSupported(dialect, version);
  return { dialect, version };
}

/** Whoever answers is not known yet: a stranger must not fill the memory of an operator that serves many. */
const read = { method: 'GET', idempotent: true, maxBytes: 1024 * 1024, timeoutMs: presenceTimeoutMs } as const;

async function dialectBehind(http: Http, local: HttpReply, dialects: readonly Dialect[]): Promise<Dialect | undefined> {
  const told = dialects.find(each => each.recognises(local));
  if (told !== undefined) return told;
  const main = await http.send({ ...read, path: '/' });
  return dialects.find(each => each.recognises(main));
}

function requireDeclared({ type }: Dialect, version: string, declared: DeclaredEngine): void {
  if (declared === 'Auto' || declared === type) return;
  throw new TerminalError('OtherEngine', bounded(`${type} ${version} answers where ${declared} is declared`));
}

function requireSupported({ type, supported }: Dialect, version: string): void {
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})\./.exec(version) ?? [];
  const isSupported = supported.some(oldest => oldest.major === Number(major) && oldest.minor <= Number(minor));
  if (isSupported) return;
  const wanted = supported.map(releaseText).join(' or ');
  throw new TerminalError(
    'EngineNotSupported',
    bounded(`${type} ${JSON.stringify(version)} is not supported: expected ${wanted}`),
  );
}

function releaseText({ major, minor }: Release): string {
  return minor === 0 ? `${major}.x` : `${major}.${minor} or a later ${major}.x`;
}
