import type { EngineHands } from '../alias/engine-hands.ts';
import { observeAlias, observeBareAlias } from '../alias/observe.ts';
import { lockLeaseSeconds, ownerLives } from '../alias/ownership.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import { reasons } from '../api/reasons.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import type { SearchCluster } from '../api/search-cluster.ts';
import type { CommonSources } from '../cluster/sources.ts';
import { clusterHindrance, expectedUuid, settingsPlace } from '../cluster/standing.ts';
import { hasReason, TerminalError } from '../domain/errors.ts';
import type { Problem } from '../domain/problem.ts';
import type { Holder, RunRecord } from '../domain/records.ts';
import type { Kube } from '../kube/port.ts';
import { noAnswers } from '../plan/question.ts';
import { kubeJobs } from '../work/kube-jobs.ts';
import type { JobDefaults, PodShape } from '../work/pod-place.ts';
import { jobsOfOwner, type JobView } from '../work/view.ts';
import { isBaking, isPaused } from './control.ts';
import { holderRules } from './holder-rules.ts';
import type { EngineSide, Head, Observed, ObservedJob } from './observed.ts';
import { heavyPlace } from './heavy-place.ts';
import type { Pace } from './pace.ts';
import { pastBuild } from './preflight/past-build.ts';
import { placeOf, type QueueSources } from './place.ts';
import { hasFailed, isFinished, runName } from './queue.ts';
import { requestsOfTarget } from './groups.ts';
import { runOfParts } from './run-of-parts.ts';
import type { RunHands } from './step.ts';
import { strategyOf } from './strategies.ts';
import { subjectOf, type Subject } from './subject.ts';
import { aliasTarget, type RepoTarget, type Target } from './target.ts';

/** Where a ReindexRequest's facts come from. */
export type Sources = CommonSources &
  QueueSources & {
    /** Of the progress of Jobs, by uid. */
    readonly pace: Pace;
    /** Of the checks in a bake, by the name of the run. */
    readonly bakePace: Pick<Pace, 'isDue'>;
    /** The newest commit of the repository's ref, asked for now unless it was for this occasion, within the last seconds. */
    readonly head: (repo: IndexedRepo, occasion: string) => Promise<Head>;
    readonly defaults: JobDefaults & { readonly heavy: PodShape };
    readonly kube: Kube;
    /** What an IndexedRepo asks of its runs. */
    readonly targetOf: (repo: IndexedRepo) => RepoTarget;
  };

export type Gathered = {
  readonly observed: Observed;
  readonly hands: RunHands;
  readonly cluster: SearchCluster | undefined;
};

/** Looks everything up that every decision needs, once. */
export async function gather(request: ReindexRequest, sources: Sources): Promise<Gathered> {
  const subject = subjectOf(request, sources);
  const { repo, cluster } = subject;
  const target = targetIn(request, subject, sources);
  const asHolder = { kind: 'Heavy', name: runName(request.metadata), uid: request.metadata.uid, pod: '' } as const;
  const base: Observed = {
    now: sources.clock.now(),
    request,
    traits: strategyOf(request).traits,
    target,
    pausedBy: cluster?.spec.paused ? cluster.metadata.name : undefined,
    holder: { ...asHolder, operator: undefined },
    leaseSeconds: lockLeaseSeconds,
    hindrance: hindranceOf(subject),
    ...placeOf(request, sources),
    jobs: await jobsOf(request, sources),
    run: undefined,
    isCheckDue: isBaking(request.status) && sources.bakePace.isDue(runName(request.metadata)),
    answers: noAnswers,
    lastBuild: pastBuild(buildsOf(request, sources)),
    engine: undefined,
    zones: cluster?.spec.zones,
    image: repo?.spec.worker?.image ?? sources.defaults.image,
    place: target && cluster && heavyPlace(request, { repo, cluster }, sources.defaults),
  };
  const withoutEngine: RunHands = {
    ...{ kube: sources.kube, workplace: kubeJobs(sources.kube) },
    ...{ engine: undefined, head: noRepo },
  };
  if (!target || !cluster || !needsEngine(base)) return { observed: base, hands: withoutEngine, cluster };
  try {
    const hands = await sources.connections.forWork(cluster);
    const engine = await observeEngine(target, { hands, sources, cluster });
    const run = await runOf(base.jobs.at(-1), { hands, sources, cluster });
    const head: RunHands['head'] = repo ? async occasion => sources.head(repo, occasion) : noRepo;
    const holder: Holder = { ...asHolder, operator: engine.operator };
    return { observed: { ...base, holder, engine, run }, hands: { ...withoutEngine, engine: hands, head }, cluster };
  } catch (error) {
    const hindrance = base.hindrance ?? hindranceIn(error, cluster, sources);
    return { observed: { ...base, hindrance }, hands: withoutEngine, cluster };
  }
}

/**
 * One that waits for its turn costs nothing but its first look, and what stands aside for a pause of its target nothing more
 * either; one that a pause of the cluster holds keeps its lock, and what ended badly under one is cleaned up after it, unless
 * what it is about, or the request itself, is being deleted: that waits for no pause.
 */
function needsEngine({ request, hindrance, ahead, aside, target, traits }: Observed): boolean {
  if (isFinished(request)) return false;
  const isAtWork = request.status.started !== undefined && !hasFailed(request);
  const isLeaving = request.metadata.deletionTimestamp !== undefined || target?.leavingSince !== undefined;
  if (hindrance) return hindrance.reason === 'ClusterPaused' && (isAtWork || isLeaving);
  if (request.metadata.deletionTimestamp !== undefined) return true;
  if (isPaused(request) && request.status.started === undefined) return false;
  if (aside && target?.paused && !traits.startsWhilePaused) return request.spec.dryRun === true;
  return ahead === undefined || aside || request.status.queue === undefined;
}

function buildsOf(request: ReindexRequest, { requests }: Sources): readonly ReindexRequest[] {
  return requestsOfTarget(request, requests).filter(each => strategyOf(each).traits.builds);
}

async function noRepo(): Promise<never> {
  throw new Error('a ref was asked for of a run without a repository');
}

/** What the worker says of itself: from time to time while it works, and in any case once it ended. */
async function runOf(job: ObservedJob | undefined, { hands, sources }: Looking): Promise<RunRecord | undefined> {
  if (!job || (job.state === 'active' && !sources.pace.isDue(job.uid))) return undefined;
  if (job.partitions > 1) return runOfParts(await hands.settings.partRecords(job.uid), job.partitions);
  return hands.settings.runRecord(job.uid);
}

/** What kept us from looking: the run waits where it is. Anything unforeseen is thrown on. */
export function hindranceIn(error: unknown, cluster: SearchCluster | undefined, { connections }: Sources): Problem {
  if (!hasReason(error) || !cluster) throw error;
  if (reasons[error.reason].doubtsCredentials) connections.distrust(cluster.metadata.uid);
  return { reason: error.reason, message: error.message };
}

/** Undefined: what the request names is not there. */
function targetIn(
  request: ReindexRequest,
  { alias, repo, cluster }: Subject,
  { targetOf, operators }: Sources,
): Target | undefined {
  if (repo) return targetOf(repo);
  return cluster && alias !== undefined ? aliasTarget(request, alias, operators.side(cluster).operator) : undefined;
}

/** A bare alias without its SearchCluster is a target that is not there; an IndexedRepo names one that may come yet. */
function hindranceOf({ repo, cluster }: Subject): Problem | undefined {
  const name = repo?.spec.clusterRef.name ?? cluster?.metadata.name;
  if (name === undefined) return undefined;
  if (cluster?.spec.paused)
    return { reason: 'ClusterPaused', message: `SearchCluster "${cluster.metadata.name}" is paused` };
  return clusterHindrance(name, cluster);
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

async function observeEngine(target: Target, { hands, sources, cluster }: Looking): Promise<EngineSide> {
  const { uuid } = await hands.engine.info();
  if (uuid !== expectedUuid(cluster))
    throw new TerminalError('ClusterChanged', `cluster ${uuid} answers where ${expectedUuid(cluster)} is expected`);
  const { alias } = target;
  const observe = target.is === 'Alias' ? observeBareAlias : observeAlias;
  const { side, lock } = await observe(alias, cluster.spec.settingsIndex, hands);
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
        ...holderRules(operatorSide.operator, target.namespace, sources),
      }),
  };
}
