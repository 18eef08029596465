import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import type { BedState } from '../bed/state.ts';

/** What an engine has been made to write so far: documents indexed and deleted, and changes of the cluster's state. */
export type EngineCounters = { readonly indexed: number; readonly deleted: number; readonly stateVersion: number };

export async function countersOf(bed: BedState): Promise<EngineCounters> {
  const stats = await getJson<Stats>(bed, '/_stats/indexing?expand_wildcards=all');
  const state = await getJson<{ version: number }>(bed, '/_cluster/state/version');
  const { index_total: indexed, delete_total: deleted } = stats._all.total.indexing;
  return { indexed, deleted, stateVersion: state.version };
}

type Stats = {
  readonly _all: {
    readonly total: { readonly indexing: { readonly index_total: number; readonly delete_total: number } };
  };
};

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
