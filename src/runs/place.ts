import type { Key } from '../api/object.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import { runLimit } from '../cluster/limits.ts';
import type { CommonSources } from '../cluster/sources.ts';
import { expectedUuid } from '../cluster/standing.ts';
import { jobsOfOwner } from '../work/view.ts';
import { unfinishedRequests } from './groups.ts';
import { isHeld, isPaused } from './control.ts';
import type { Observed } from './observed.ts';
import { hasFailed, inTurn, placeInQueue, preempting, runName, type Waiting } from './queue.ts';
import { strategyOf } from './strategies.ts';
import { subjectOf } from './subject.ts';
import type { Line } from './line.ts';

/** What this process remembers of requests, for the queue of them. */
export type QueueMemory = {
  /** Requests that took a lock and whose status may not have reached the cache yet, by uid. */
  readonly admitted: Set<string>;
  /** Requests whose Job Kubernetes refused to make when it was asked last, by uid. */
  readonly jobless: Set<string>;
  readonly line: Line;
};

/** What a place in the queue depends on. */
export type QueueSources = Pick<CommonSources, 'clusters' | 'repos' | 'requests' | 'jobs' | 'stuck'> & QueueMemory;

/**
 * Its place in the queue as of now. Asked for again right before a decision, with no wait in between: two runs that
 * looked at the same free place must not both take it.
 */
export function placeOf(
  request: ReindexRequest,
  sources: QueueSources,
): Pick<Observed, 'ahead' | 'aside' | 'preemptedBy'> {
  const { line } = sources;
  const aside = line.standsAside(runName(request.metadata));
  const { cluster } = subjectOf(request, sources);
  if (!cluster) return { ahead: undefined, aside, preemptedBy: undefined };
  const all = waiting(sources);
  const mine = all.find(each => each.uid === request.metadata.uid) ?? waitingOf(request, sources)[0];
  if (!mine) return { ahead: undefined, aside, preemptedBy: undefined };
  const limit = runLimit('heavyRuns', cluster, sources.clusters.list());
  for (const each of inTurn(all, mine.clusterUuid, limit)) line.call(runName(each));
  return { ahead: placeInQueue(mine, all, limit), aside, preemptedBy: preempting(mine, all, limit) };
}

/** Whose turn it is on any engine and who does not stand aside: who has to look when a place may be free. */
export function keysInTurn(sources: QueueSources): readonly Key[] {
  const all = waiting(sources);
  const clusters = sources.clusters.list();
  const engines = new Map(clusters.map(cluster => [expectedUuid(cluster), cluster]));
  return [...engines]
    .flatMap(([uuid, cluster]) => inTurn(all, uuid, runLimit('heavyRuns', cluster, clusters)))
    .filter(each => !each.aside)
    .map(({ namespace, name }) => ({ namespace, name }));
}

function waiting(sources: QueueSources): readonly Waiting[] {
  return sources.requests.in(unfinishedRequests).flatMap(each => waitingOf(each, sources));
}

function waitingOf(request: ReindexRequest, sources: QueueSources): readonly Waiting[] {
  // What makes nothing waits for no place and takes none.
  if (request.spec.dryRun === true) return [];
  const { namespace, uid, name, creationTimestamp } = request.metadata;
  const { alias, repo, cluster } = subjectOf(request, sources);
  if (alias === undefined || !cluster) return [];
  const clusterUuid = expectedUuid(cluster);
  const running = request.status.started !== undefined || sources.admitted.has(uid);
  const rank = rankOf(request);
  const isKept = isPaused(request) || (repo?.spec.paused === true && !strategyOf(request).traits.startsWhilePaused);
  const mayPreempt = rank > 0 && knowsItsWay(request) && !hasFailed(request) && !isKept;
  const target = `${clusterUuid}/${alias}`;
  const stands = running && (isHeld(request) || sources.jobless.has(uid) || hasStuckJob(uid, sources));
  const isLeaving = request.metadata.deletionTimestamp !== undefined || hasFailed(request);
  const aside = !running && (isLeaving || sources.line.standsAside(runName(request.metadata)));
  const created = creationTimestamp;
  const needsPlace = !strategyOf(request).traits.preempts;
  return [{ uid, namespace, name, target, clusterUuid, created, running, stands, needsPlace, rank, mayPreempt, aside }];
}

/** A way back goes before whatever is built, also before a build that goes before others. */
function rankOf(request: ReindexRequest): number {
  const { preempts } = strategyOf(request).traits;
  const whenBusy = request.spec.whenBusy ?? (preempts ? 'Preempt' : 'Queue');
  return whenBusy === 'Preempt' ? (preempts ? 2 : 1) : 0;
}

/** A run that goes back has to know to which version before another is sent away for it. */
function knowsItsWay(request: ReindexRequest): boolean {
  return strategyOf(request).traits.builds || request.status.to !== undefined;
}

function hasStuckJob(uid: string, { jobs, stuck }: QueueSources): boolean {
  return jobs.in(jobsOfOwner(uid)).some(job => stuck.stands(job));
}
