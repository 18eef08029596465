import type { KubeObject } from '../../../src/api/object.ts';
import type { ReindexRequest, ReindexRequestStatus } from '../../../src/api/reindex-request.ts';
import type { World } from './a-world.ts';

/** No light run comes due while a queue is watched. */
export const yearly = { light: { schedule: '0 0 1 1 *' } };

export function statusOf({ status }: KubeObject): Partial<ReindexRequestStatus> {
  return status ?? {};
}

/** As many IndexedRepos as that, whose first versions are built so many at once: those behind these wait. */
export async function firstBuilds(world: World, length: number, heavyRuns: number): Promise<void> {
  await world.aCluster({ limits: { heavyRuns } });
  world.worker.fate = () => 'hang';
  for (const [at, name] of names(length).entries()) {
    await world.aRepo(name, yearly);
    if (at % 20 === 19) await world.pass(1);
  }
  await untilWaiting(world, length - heavyRuns);
}

/** Whose requests wait, the oldest first. */
export async function waiting(world: World): Promise<readonly string[]> {
  const requests = (await world.requests()).filter(request => statusOf(request).queue !== undefined);
  const age = ({ metadata }: KubeObject): string => `${metadata.creationTimestamp} ${metadata.uid}`;
  return requests
    .toSorted((a, b) => (age(a) < age(b) ? -1 : 1))
    .map(({ spec }) => (spec as ReindexRequest['spec']).target.repoRef?.name ?? '');
}

/** Makes so many IndexedRepos, each of which serves its first version; answers with their names, in order. */
export async function idleRepos(world: World, length: number): Promise<readonly string[]> {
  await world.aCluster({ limits: { heavyRuns: 8 } });
  const repos = names(length);
  for (const name of repos) await world.aRepo(name, yearly);
  for (const name of repos) await world.ready(name);
  return repos;
}

function names(length: number): readonly string[] {
  return Array.from({ length }, (_, at) => `repo-${String(at).padStart(4, '0')}`);
}

async function untilWaiting(world: World, requests: number): Promise<void> {
  await world.until(`${requests} wait`, async () => {
    const all = await world.requests();
    return all.filter(request => statusOf(request).queue !== undefined).length === requests;
  });
}

export function runOf(repo: string): string {
  return `${repo}-run`;
}

/**
 * Asks for a run of each, in this order, on a cluster that takes so many at once; resolves once those are at work and the
 * others wait. What is at work goes on until `world.worker.fate` says otherwise.
 */
export async function aQueue(world: World, repos: readonly string[], heavyRuns: number): Promise<void> {
  await world.aCluster({ limits: { heavyRuns } });
  world.worker.fate = () => 'hang';
  for (const repo of repos) await world.aRequest(runOf(repo), repo);
  await untilWaiting(world, repos.length - heavyRuns);
  await world.until(`${heavyRuns} are at work`, async () => (await atWork(world)).length === heavyRuns);
}

/** Whose runs are at work now, by their IndexedRepos. */
export async function atWork(world: World): Promise<readonly string[]> {
  const requests = await world.requests();
  return requests.filter(isAtWork).map(({ metadata }) => metadata.name.replace(/-run$/, ''));
}

function isAtWork(request: KubeObject): boolean {
  const { started, finished } = statusOf(request);
  return started !== undefined && finished === undefined;
}

/** The aliases whose locks are taken from here on, in the order in which that is done. */
export function starts(world: World): readonly string[] {
  const seen: string[] = [];
  const before = world.meddle;
  world.meddle = async (call, carryOut) => {
    const alias = /^documents\.(?:create|replace) reindex_in_progress_(.+)$/.exec(call.what)?.[1];
    const isFree = alias !== undefined && !(await world.isLocked(alias));
    const answer = await before(call, carryOut);
    if (isFree) seen.push(alias);
    return answer;
  };
  return seen;
}

/** Lets time pass until so many more runs have ended. */
export async function untilEnded(world: World, runs: number): Promise<void> {
  const ended = async (): Promise<number> =>
    (await world.requests()).filter(request => statusOf(request).finished !== undefined).length;
  const before = await ended();
  await world.until(`${runs} have ended`, async () => (await ended()) >= before + runs);
}
