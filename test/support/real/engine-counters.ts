import { Agent, request } from 'undici';
import type { BedState } from '../../bed/state.ts';
import { accessTo } from './bed-engine.ts';

/** What an engine has been made to write to some indices so far. */
export type EngineCounters = {
  readonly indexed: number;
  readonly deleted: number;
  /** By index: grows when that index gets other mappings, settings or aliases. */
  readonly metadata: Readonly<Record<string, IndexVersions>>;
};

type IndexVersions = {
  readonly version: number;
  readonly mapping_version: number;
  readonly settings_version: number;
  readonly aliases_version: number;
};

type State = { readonly metadata?: { readonly indices?: Readonly<Record<string, IndexVersions>> } };

type Stats = {
  readonly _all: {
    readonly total: { readonly indexing: { readonly index_total: number; readonly delete_total: number } };
  };
};

/**
 * `indices` is a list with wildcards: everything that the one under test may touch. The whole cluster's counters also move
 * with what others do to indices of theirs.
 */
export async function countersOf(bed: BedState, indices: string): Promise<EngineCounters> {
  const stats = await getJson<Stats>(bed, `/${indices}/_stats/indexing?expand_wildcards=all`);
  const versions = ['version', 'mapping_version', 'settings_version', 'aliases_version'];
  const paths = versions.map(version => `metadata.indices.*.${version}`).join(',');
  const state = await getJson<State>(
    bed,
    `/_cluster/state/metadata/${indices}?expand_wildcards=all&filter_path=${paths}`,
  );
  const { index_total: indexed, delete_total: deleted } = stats._all.total.indexing;
  return { indexed, deleted, metadata: state.metadata?.indices ?? {} };
}

/** Asks the bed's engine past our own port: what a test checks must not come from what it tests. */
export async function getJson<T>(bed: BedState, path: string): Promise<T> {
  const { endpoints, username, password, caPem } = accessTo(bed.engine);
  const dispatcher = new Agent(caPem === undefined ? {} : { connect: { ca: caPem } });
  const login = Buffer.from(`${username}:${password}`).toString('base64');
  const headers: Record<string, string> = username === undefined ? {} : { authorization: `Basic ${login}` };
  try {
    const reply = await request(`${endpoints[0]}${path}`, { dispatcher, headers });
    if (reply.statusCode !== 200) throw new Error(`${path}: ${reply.statusCode} ${await reply.body.text()}`);
    return (await reply.body.json()) as T;
  } finally {
    await dispatcher.close();
  }
}
