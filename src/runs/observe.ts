import type { EngineHands } from '../alias/engine-hands.ts';
import { observeAlias } from '../alias/observe.ts';
import { ownerLives } from '../alias/ownership.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { Key } from '../api/object.ts';
import { reasons } from '../api/reasons.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import type { SearchCluster } from '../api/search-cluster.ts';
import { runLimit } from '../cluster/limits.ts';
import type { CommonSources } from '../cluster/sources.ts';
import { clusterHindrance, expectedUuid, settingsPlace } from '../cluster/standing.ts';
import { hasReason, TerminalError } from '../domain/errors.ts';
import type { Problem } from '../domain/problem.ts';
import type { RunRecord } from '../domain/records.ts';
import type { JobDefaults, PodShape } from '../work/manifest.ts';
import { jobsOfOwner, type JobView } from '../work/view.ts';
import { candidateAmong, holdsLock } from './facts.ts';
import { unfinishedRequests } from './groups.ts';
import { holderRules } from './holder-rules.ts';
import type { EngineSide, Head, Observed, ObservedJob } from './observed.ts';
import type { ProgressPace } from './progress-pace.ts';
import { hasFailed, isFinished, placeInQueue, preempting, type Waiting } from './queue.ts';
import { runOfParts } from './run-of-parts.ts';
import { repoTarget, type Target } from './target.ts';

/** Where a ReindexRequest's facts come from. */
export type Sources = CommonSources & {
  readonly pace: ProgressPace;
  /** Requests that took a lock and whose status may not have reached the cache yet, by uid. */
  readonly admitted: ReadonlySet<string>;
  /** Requests whose Job Kubernetes refused to make when it was asked last, by uid. */
  readonly jobless: ReadonlySet<string>;
  /** The newest commit of the repository's ref, asked for now unless it was for this occasion, within the last seconds. */
  readonly head: (repo: IndexedRepo, occasion: string) => Promise<Head>;
  readonly defaults: JobDefaults & { readonly heavy: PodShape };
};

export type Gathered = { readonly observed: Observed; readonly hands: EngineHands | undefined };

/** Looks everything up that the decision needs, once. The only code of this folder that reads the world. */
export async function gather(request: ReindexRequest, sources: Sources): Promise<Gathered> {
  const { namespace } = request.metadata;
  const repo = sources.repos.get({ namespace, name: request.spec.target.repoRef.name });
  const cluster = repo && sources.clusters.get({ namespace, name: repo.spec.clusterRef.name });
  const target = repo && repoTarget(repo);
  const base = {
    now: sources.clock.now(),
    request,
    target,
    cluster,
    hindrance: hindranceOf(repo, cluster),
    ...placeOf(request, sources),
    jobs: await jobsOf(request, sources),
    run: undefined,
    head: undefined,
    engine: undefined,
    defaults: sources.defaults,
  };
  if (isFinished(request) || !target || !cluster || base.hindrance) return { observed: base, hands: undefined };
  try {
    const hands = await sources.connections.forWork(cluster);
    const engine = await observeEngine(request, { repo, target, jobs: base.jobs }, { hands, sources, cluster });
    const run = await runOf(base.jobs.at(-1), { hands, sources, cluster });
    const head = needsHead({ ...base, engine }) ? await sources.head(repo, occasionOf(request, base.jobs)) : undefined;
    return { observed: { ...base, engine, run, head }, hands };
  } catch (error) {
    return { observed: { ...base, hindrance: hindranceIn(error, cluster, sources) }, hands: undefined };
  }
}

/** Not while it waits for its turn, and not while a Job is at work: the commit of that one is pinned. */
function needsHead(o: Observed): boolean {
  if (o.request.spec.strategy === 'Rollback') return false;
  if (holdsLock(o)) return o.jobs.every(job => job.state !== 'active');
  return o.ahead === undefined && o.target?.paused !== true && o.engine?.lock?.lease.held !== true;
}

/**
 * What is pushed before a request is made is in what it builds, and what is pushed while a Job works is caught up: each
 * request asks anew, and again after each of its Jobs.
 */
function occasionOf({ metadata }: ReindexRequest, jobs: readonly ObservedJob[]): string {
  return `${metadata.uid}/${jobs.at(-1)?.uid ?? ''}`;
}

/** What the worker says of itself: from time to time while it works, and in any case once it ended. */
async function runOf(job: ObservedJob | undefined, { hands, sources }: Looking): Promise<RunRecord | undefined> {
  if (!job || (job.state === 'active' && !sources.pace.isDue(job.uid))) return undefined;
  if (job.partitions > 1) return runOfParts(await hands.settings.partRecords(job.uid), job.partitions);
  return hands.settings.runRecord(job.uid);
}

/** What kept us from looking: the run waits where it is. Anything unforeseen is thrown on. */
function hindranceIn(error: unknown, cluster: SearchCluster, { connections }: Sources): Problem {
  if (!hasReason(error)) throw error;
  if (reasons[error.reason].doubtsCredentials) connections.distrust(cluster.metadata.uid);
  return { reason: error.reason, message: error.message };
}

function hindranceOf(repo: IndexedRepo | undefined, cluster: SearchCluster | undefined): Problem | undefined {
  if (!repo) return undefined;
  if (cluster?.spec.paused)
    return { reason: 'ClusterPaused', message: `SearchCluster "${cluster.metadata.name}" is paused` };
  return clusterHindrance(repo.spec.clusterRef.name, cluster);
}

/**
 * Its place in the queue as of now. Asked for again right before a decision, with no wait in between: two runs that
 * looked at the same free place must not both take it.
 */
export function placeOf(request: ReindexRequest, sources: Sources): Pick<Observed, 'ahead' | 'preemptedBy'> {
  const { namespace } = request.metadata;
  const repo = sources.repos.get({ namespace, name: request.spec.target.repoRef.name });
  const cluster = repo && sources.clusters.get({ namespace, name: repo.spec.clusterRef.name });
  if (!cluster) return { ahead: undefined, preemptedBy: undefined };
  const all = sources.requests.in(unfinishedRequests).flatMap(each => waitingOf(each, sources));
  const mine = all.find(each => each.uid === request.metadata.uid) ?? waitingOf(request, sources)[0];
  if (!mine) return { ahead: undefined, preemptedBy: undefined };
  const limit = runLimit('heavyRuns', cluster, sources.clusters.list());
  return { ahead: placeInQueue(mine, all, limit), preemptedBy: preempting(mine, all) };
}

function waitingOf(request: ReindexRequest, sources: Sources): readonly Waiting[] {
  const { namespace, uid, name, creationTimestamp } = request.metadata;
  const repo = sources.repos.get({ namespace, name: request.spec.target.repoRef.name });
  const cluster = repo && sources.clusters.get({ namespace, name: repo.spec.clusterRef.name });
  if (!repo || !cluster) return [];
  const clusterUuid = expectedUuid(cluster);
  const running = request.status.started !== undefined || sources.admitted.has(uid);
  const preempts = request.spec.strategy === 'Rollback';
  const mayPreempt = preempts && request.status.to !== undefined && !hasFailed(request);
  const target = `${clusterUuid}/${repo.spec.alias}`;
  const stands = sources.jobless.has(uid) || sources.jobs.in(jobsOfOwner(uid)).some(job => sources.stuck.stands(job));
  const created = creationTimestamp;
  return [{ uid, namespace, name, target, clusterUuid, created, running, stands, preempts, mayPreempt }];
}

async function jobsOf(request: ReindexRequest, { jobs, pods, stuck }: Sources): Promise<readonly ObservedJob[]> {
  const ordered = jobs.in(jobsOfOwner(request.metadata.uid)).toSorted((a, b) => a.round - b.round);
  return Promise.all(
    ordered.map(async job => {
      if (job.state === 'active') return { ...job, trouble: await stuck.trouble(job) };
      return isToldOf(job, request) ? { ...job, ...(await pods.lastWords(job)) } : job;
    }),
  );
}

/** What a failed Job said decides; what one that ended well said is counted, once, when the request ends. */
function isToldOf(job: JobView, request: ReindexRequest): boolean {
  return job.state === 'failed' || (job.state === 'succeeded' && !isFinished(request));
}

type Looking = { readonly hands: EngineHands; readonly sources: Sources; readonly cluster: SearchCluster };

async function observeEngine(
  request: ReindexRequest,
  { repo, target, jobs }: { repo: IndexedRepo; target: Target; jobs: readonly ObservedJob[] },
  { hands, sources, cluster }: Looking,
): Promise<EngineSide> {
  const { uuid } = await hands.engine.info();
  if (uuid !== expectedUuid(cluster))
    throw new TerminalError('ClusterChanged', `cluster ${uuid} answers where ${expectedUuid(cluster)} is expected`);
  const { alias } = target;
  const { side, lock } = await observeAlias(alias, cluster.spec.settingsIndex, hands);
  const candidate = candidateAmong(side, request, target);
  // Not by its Jobs alone: one that ended well may be gone by the time we look.
  const isBuilt = candidate?.record?.commit != null && jobs.every(job => job.state !== 'active');
  const operatorSide = sources.operators.side(cluster);
  return {
    ...side,
    ...operatorSide,
    clusterUuid: uuid,
    ownerLives: ownerLives(side, sources.repos),
    lock:
      lock &&
      sources.locks.seen({
        ...{ place: settingsPlace(cluster, uuid), alias, lock },
        ...holderRules(operatorSide.operator, repo, sources.requests),
      }),
    ...(isBuilt && {
      counts: await documentCounts(candidate.record.index, hands),
      health: await hands.engine.indices.health(candidate.indices.map(({ name }) => name)),
    }),
  };
}

async function documentCounts(index: string, { engine }: EngineHands): Promise<{ files: number; chunks: number }> {
  const [files, chunks] = await Promise.all(
    ['file', 'chunk'].map(doc => engine.indices.count(index, { term: { doc } })),
  );
  return { files: files ?? 0, chunks: chunks ?? 0 };
}

export function keyOf(object: { readonly metadata: Key }): Key {
  return { namespace: object.metadata.namespace, name: object.metadata.name };
}
