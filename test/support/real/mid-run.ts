import { expect } from '@jest/globals';
import type { Cluster, Repo } from './a-cluster.ts';
import { untilCondition, untilLive } from './a-cluster.ts';
import { getJson } from './engine-counters.ts';
import { eventually } from '../checks/eventually.ts';
import { expectTree } from '../checks/expect-tree.ts';
import { GitRemote } from './git-remote.ts';
import { anIndexedRepo } from './installed.ts';

const minutes = 60_000;

/** Declares a repository of more than 10,000 files. */
export async function startBuild(cluster: Cluster, name: string): Promise<void> {
  await GitRemote.at(cluster.bed, cluster.history, name, cluster.history.wide);
  await cluster.kubectl.apply(
    anIndexedRepo(cluster.bed, name, { deletionPolicy: 'Delete', light: { schedule: '@every 24h' } }),
  );
}

/** Answers with how many operations its first build has written, once these many are surpassed. */
export async function untilMidBuild(cluster: Cluster, name: string, passed: number): Promise<number> {
  let operations = 0;
  await eventually(
    `the first build of ${name} has written more than ${passed} documents`,
    3 * minutes,
    async () => {
      operations = await operationsOf(cluster, `${name}-v1`);
      return operations > passed;
    },
    () => operations,
  );
  const repo = await cluster.kubectl.get<Repo>('irepo', name);
  // A fault that comes too late proves nothing.
  expect(repo?.status?.live).toBeUndefined();
  return operations;
}

async function operationsOf(cluster: Cluster, index: string): Promise<number> {
  try {
    const stats = await getJson<{ _all: { primaries: { indexing?: { index_total: number } } } }>(
      cluster.bed,
      `/${index}/_stats/indexing`,
    );
    return stats._all.primaries.indexing?.index_total ?? 0;
  } catch {
    return 0; // not made yet
  }
}

/** The end state that every fault must lead to: one good run, the tree and nothing else, nobody holds anything. */
export async function expectGoodEnd(cluster: Cluster, name: string): Promise<void> {
  const { kubectl, engine, settings, history } = cluster;
  await untilLive(cluster, name, history.wide, 8 * minutes);
  await untilCondition(cluster, 'irepo', name, { type: 'Reconciling', status: 'False' }, 2 * minutes);
  expect((await engine.aliases.members(name)).map(member => member.index)).toEqual([`${name}-v1`]);
  expect((await engine.indices.describe(`${name}-v*`)).map(index => index.name)).toEqual([`${name}-v1`]);
  const requests = await kubectl.list('rreq');
  expect(requests.map(request => request.status?.['phase'])).toEqual(['Succeeded']);
  expect((await kubectl.list('jobs')).length).toBe(1);
  expect((await settings.lockRecord(name))?.source.lease.held).toBe(false);
  await expectTree(cluster, `${name}-v1`, history.wide);
}
