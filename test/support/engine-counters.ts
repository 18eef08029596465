import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import type { BedState } from '../bed/state.ts';

/** What an engine has been made to write to some indices so far. */
export type EngineCounters = {
  readonly indexed: number;
  readonly deleted: number;
  /** Changes with any of the indices that is made, deleted, or gets other mappings, settings or aliases. */
  readonly metadata: string;
};

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
  const state = await getJson<object>(
    bed,
    `/_cluster/state/metadata/${indices}?expand_wildcards=all&filter_path=${paths}`,
  );
  const metadata = createHash('sha256').update(JSON.stringify(state)).digest('hex').slice(0, 16);
  const { index_total: indexed, delete_total: deleted } = stats._all.total.indexing;
  return { indexed, deleted, metadata };
}

/** Asks the bed's engine past our own port: what a test checks must not come from what it tests. */
export async function getJson<T>(bed: BedState, path: string): Promise<T> {
  const { url, username, password, caFile } = bed.engine;
  const dispatcher = new Agent({ connect: { ca: readFileSync(caFile, 'utf8') } });
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  try {
    const reply = await request(`${url}${path}`, { dispatcher, headers: { authorization } });
    if (reply.statusCode !== 200) throw new Error(`${path}: ${reply.statusCode} ${await reply.body.text()}`);
    return (await reply.body.json()) as T;
  } finally {
    await dispatcher.close();
  }
}
