import { claimantOf } from '../alias/claimant.ts';
import type { EngineHands } from '../alias/engine-hands.ts';
import { observeAlias, type AliasSide } from '../alias/observe.ts';
import { isOwned, ownerLives } from '../alias/ownership.ts';
import { versionSet } from '../alias/version-set.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { Key } from '../api/object.ts';
import { reasons } from '../api/reasons.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import type { SearchCluster } from '../api/search-cluster.ts';
import { holdingPlaces, runLimit, type Placed } from '../cluster/limits.ts';
import type { OperatorSide } from '../cluster/operator-watch.ts';
import type { CommonSources } from '../cluster/sources.ts';
import { clusterHindrance, expectedUuid, refusesWrites, settingsPlace } from '../cluster/standing.ts';
import { hasReason, TerminalError } from '../domain/errors.ts';
import type { Problem } from '../domain/problem.ts';
import type { VersionRecord } from '../domain/records.ts';
import { readSchedule, type Schedule, type ScheduleProblem } from '../domain/schedule.ts';
import { requestsOfRepo } from '../runs/groups.ts';
import { keepsVersionBefore } from '../runs/control.ts';
import { holderRules } from '../runs/holder-rules.ts';
import type { Head, ObservedJob } from '../runs/observed.ts';
import { isFinished } from '../runs/queue.ts';
import type { JobDefaults, PodShape } from '../work/pod-place.ts';
import { activeJobs, jobsOfOwner, type JobView } from '../work/view.ts';
import { isNews } from './light-standing.ts';
import { runNowAsked } from './light.ts';
import type { EngineSide, Observed } from './observed.ts';
import type { RemoteHeads } from './remote-heads.ts';
import type { VersionSizes } from './version-sizes.ts';

/** Where an IndexedRepo's facts come from. */
export type Sources = CommonSources & {
  readonly heads: RemoteHeads;
  /** IndexedRepos whose light run was decided and may not have reached the cache of Jobs yet, by uid. */
  readonly starting: ReadonlyMap<string, Key>;
  readonly sizes: Pick<VersionSizes, 'of'>;
  readonly defaults: JobDefaults & { readonly light: PodShape };
};

export type Gathered = { readonly observed: Observed; readonly hands: EngineHands | undefined };

/** Looks everything up that the decision needs, once. */
export async function gather(repo: IndexedRepo, sources: Sources): Promise<Gathered> {
  const { namespace, name, uid } = repo.metadata;
  const { clock, clusters, requests } = sources;
  const cluster = clusters.get({ namespace, name: repo.spec.clusterRef.name });
  const schedule = readSchedule(repo.spec.light.schedule, repo.spec.timeZone, uid);
  // That a run has ended is read before what it left in the engine: the other way round a run that ends in between would
  // seem to have left nothing, and be made again. The head comes last: it must not be older than what is live.
  // A dry run changes nothing for anybody.
  const ofRepo = byAge(requests.in(requestsOfRepo({ namespace, name })).filter(({ spec }) => spec.dryRun !== true));
  const jobs = await lightJobs(repo, sources);
  const asked = await engineOf(repo, cluster, sources);
  const head = await headOf(repo, schedule, sources);
  const observed: Observed = {
    now: clock.now(),
    repo,
    cluster,
    hindrance: asked.problem,
    engine: asked.is === 'answered' ? asked.engine : undefined,
    schedule,
    rebuildSchedule: rebuildSchedule(repo),
    head,
    headAgainAt: sources.heads.retryAt(repo),
    requests: ofRepo,
    jobs,
    finishedJobs: finishedJobs(ofRepo, sources),
    otherLightRuns: otherLightRuns(repo, sources),
    lightLimit: cluster ? runLimit('lightRuns', cluster, clusters.list()) : { runs: 0, by: '' },
    defaults: sources.defaults,
  };
  return { observed, hands: asked.is === 'answered' ? asked.hands : undefined };
}

/** When rebuilds are due by the clock. */
export function rebuildSchedule({ spec, metadata }: IndexedRepo): Schedule | ScheduleProblem | undefined {
  const { schedule } = spec.rebuild;
  return schedule === undefined ? undefined : readSchedule(schedule, spec.timeZone, metadata.uid);
}

type Asked =
  /** With a problem: it can be looked at, and nothing may be started. */
  | {
      readonly is: 'answered';
      readonly engine: EngineSide;
      readonly hands: EngineHands;
      readonly problem: Problem | undefined;
    }
  | { readonly is: 'hindered'; readonly problem: Problem };

async function engineOf(repo: IndexedRepo, cluster: SearchCluster | undefined, sources: Sources): Promise<Asked> {
  const { connections, operators, repos } = sources;
  const problem = clusterHindrance(repo.spec.clusterRef.name, cluster);
  if (!cluster || (problem && !refusesWrites(problem)))
    return { is: 'hindered', problem: problem ?? { reason: 'ClusterNotFound', message: '' } };
  try {
    const hands = await connections.forProbe(cluster);
    const seen = await observeEngine(repo, cluster, hands, sources);
    const engine = { ...seen, ...operators.side(cluster), ownerLives: ownerLives(seen, repos) };
    return { is: 'answered', engine, hands, problem };
  } catch (error) {
    if (!hasReason(error)) throw error;
    if (reasons[error.reason].doubtsCredentials) connections.distrust(cluster.metadata.uid);
    return { is: 'hindered', problem: { reason: error.reason, message: error.message } };
  }
}

async function observeEngine(
  repo: IndexedRepo,
  cluster: SearchCluster,
  hands: EngineHands,
  { locks, operators, repos, requests, sizes }: Sources,
): Promise<Omit<EngineSide, keyof OperatorSide | 'ownerLives'>> {
  const { uuid } = await hands.engine.info();
  if (uuid !== expectedUuid(cluster))
    throw new TerminalError('ClusterChanged', `cluster ${uuid} answers where ${expectedUuid(cluster)} is expected`);
  const { alias } = repo.spec;
  const { side, lock } = await observeAlias(alias, cluster.spec.settingsIndex, hands);
  const number = isOwned(claimantOf(repo), side) ? side.record?.live : undefined;
  const live = side.versions.find(version => version.number === number);
  const set = live && versionSet(side, alias, live.number);
  const liveIndices = set?.isWhole ? set.indices : [];
  const baking = requests.in(requestsOfRepo(repo.metadata)).some(({ status }) => keepsVersionBefore(status));
  // A run that ended badly in its bake may have left the write set as it was.
  const besideLive = number === undefined || !baking ? [] : besides(side, alias);
  const [documents, health, liveBytes] = await Promise.all([
    live && side.aliasIs === 'alias' ? hands.engine.indices.count(alias) : undefined,
    liveIndices.length > 0 ? hands.engine.indices.health(liveIndices.map(({ name }) => name)) : undefined,
    live && liveIndices.length > 0 && isSized(repo)
      ? sizes.of(repo.metadata.uid, live, hands.engine.indices)
      : undefined,
  ]);
  const { lease, broken } = lock?.source ?? { lease: undefined, broken: undefined };
  const rules = holderRules(operators.side(cluster).operator, repo.metadata.namespace, { repos, requests });
  const read = lock && { place: settingsPlace(cluster, uuid), alias, lock, ...rules };
  const lockSilentSince = read && locks.silentSince(read, repo.status.lock);
  return {
    ...side,
    clusterUuid: uuid,
    lock: lease,
    lockSilentSince,
    broken,
    live,
    liveIndices,
    liveBytes,
    besideLive,
    health,
    documents,
  };
}

/** Nobody says how many shards: what its versions grow to is looked at. */
function isSized({ spec }: IndexedRepo): boolean {
  return spec.index.shards === undefined;
}

function besides(side: AliasSide, alias: string): readonly VersionRecord[] {
  const { live = null, writeSet = [] } = side.record ?? {};
  const others = writeSet.filter(number => number !== live).map(number => versionSet(side, alias, number));
  return others.flatMap(({ isWhole, record }) => (isWhole && record ? [record] : []));
}

async function headOf(
  repo: IndexedRepo,
  schedule: Schedule | ScheduleProblem,
  { heads }: Sources,
): Promise<Head | undefined> {
  if (schedule.is === 'invalid' || repo.spec.paused || repo.metadata.deletionTimestamp !== undefined) return undefined;
  return runNowAsked(repo) === undefined ? heads.bySchedule(repo, schedule) : heads.now(repo);
}

async function lightJobs(repo: IndexedRepo, { jobs, pods, stuck }: Sources): Promise<readonly ObservedJob[]> {
  const ordered = jobs.in(jobsOfOwner(repo.metadata.uid)).toSorted((a, b) => (a.created < b.created ? -1 : 1));
  const last = repo.status.light?.last;
  return Promise.all(
    ordered.map(async job => {
      if (job.state === 'active') return { ...job, trouble: await stuck.trouble(job) };
      return isNews(job, last) ? { ...job, ...(await pods.lastWords(job)) } : job;
    }),
  );
}

function finishedJobs(requests: readonly ReindexRequest[], { jobs }: Sources): readonly JobView[] {
  const ofFinished = requests.filter(isFinished).flatMap(({ metadata }) => jobs.in(jobsOfOwner(metadata.uid)));
  return ofFinished.toSorted((a, b) => (a.finished < b.finished ? -1 : 1));
}

/**
 * Places that light runs of other repositories hold on the same cluster as of now, whatever name their SearchCluster has.
 * Counted again right before a decision, with no wait in between: two repositories must not both take the last one.
 */
export function otherLightRuns(repo: IndexedRepo, sources: Sources): number {
  const { jobs, repos, clusters, starting, stuck } = sources;
  const clusterOf = ({ metadata: { namespace }, spec }: IndexedRepo): string | undefined => {
    const cluster = clusters.get({ namespace, name: spec.clusterRef.name });
    return cluster && expectedUuid(cluster);
  };
  const uuid = clusterOf(repo);
  if (uuid === undefined) return 0;
  const running = new Map<string, Key & Placed>();
  for (const [uid, key] of starting) running.set(uid, { ...key, stands: false });
  for (const job of jobs.in(activeJobs)) {
    const { ownerKind, ownerUid, ownerName: name, key } = job;
    if (ownerKind === 'IndexedRepo')
      running.set(ownerUid, { namespace: key.namespace, name, stands: stuck.stands(job) });
  }
  running.delete(repo.metadata.uid);
  const others = [...running].filter(([uid, key]) => {
    const other = repos.get(key);
    return other?.metadata.uid === uid && clusterOf(other) === uuid;
  });
  const placed = others.map(([, each]) => each);
  return holdingPlaces(placed, repo.metadata.namespace).length;
}

function byAge(requests: readonly ReindexRequest[]): readonly ReindexRequest[] {
  return requests.toSorted((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1));
}
