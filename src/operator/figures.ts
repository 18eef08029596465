import { durationMs } from '../api/duration.ts';
import { indexedRepoKind, type IndexedRepo } from '../api/indexed-repo.ts';
import { isTrouble } from '../api/reasons.ts';
import { searchClusterKind, type SearchCluster } from '../api/search-cluster.ts';
import { findCondition } from '../domain/conditions.ts';
import type { Answers, RemoteHeads } from '../indexed-repo/remote-heads.ts';
import type { ClusterFigures, DueFigure, RepositoryFigures, Snapshot, TroubleFigure } from './metrics.ts';

/** All objects in numbers at this moment. */
export function objectFigures(
  repos: readonly IndexedRepo[],
  clusters: readonly SearchCluster[],
  { heads, now }: { readonly heads: Pick<RemoteHeads, 'answers'>; readonly now: Date },
): Pick<Snapshot, 'repositories' | 'clusters' | 'troubles' | 'due'> {
  return {
    repositories: repos.map(repo => repositoryFigures(repo, now, heads.answers(repo))),
    clusters: clusters.map(clusterFigures),
    due: repos.flatMap(dueFigures),
    troubles: [
      ...clusters.flatMap(cluster => troublesOf(searchClusterKind.resource.plural, cluster)),
      ...repos.flatMap(repo => troublesOf(indexedRepoKind.resource.plural, repo)),
    ],
  };
}

/** What an IndexedRepo looks like in numbers at this moment, from its status as it was read last. */
export function repositoryFigures(repo: IndexedRepo, now: Date, remote: Answers): RepositoryFigures {
  const { namespace, name } = repo.metadata;
  const { lock, light } = repo.status;
  const { answeredAt, failingSince } = remote;
  return {
    namespace,
    name,
    values: {
      reindeer_freshness_lag_seconds: lagSeconds(repo, now),
      reindeer_freshness_limit_seconds: durationMs(repo.spec.freshWithin) / 1000,
      reindeer_repository_ready: isTrue(repo, 'Ready'),
      reindeer_repository_stalled: isTrue(repo, 'Stalled'),
      reindeer_repository_reconciling: isTrue(repo, 'Reconciling'),
      reindeer_light_failures: light?.failures ?? 0,
      reindeer_lock_age_seconds: lock && secondsSince(lock.since, now),
      reindeer_lock_silent_seconds: lock?.silentSince === undefined ? undefined : secondsSince(lock.silentSince, now),
      reindeer_remote_answered_timestamp_seconds: answeredAt && answeredAt.getTime() / 1000,
      reindeer_remote_failing_seconds: isAsked(repo) ? failingSeconds(failingSince, now) : undefined,
    },
  };
}

/** What a SearchCluster looks like in numbers at this moment. */
export function clusterFigures(cluster: SearchCluster): ClusterFigures {
  const { namespace, name } = cluster.metadata;
  return { namespace, name, values: { reindeer_cluster_ready: isTrue(cluster, 'Ready') } };
}

/** Each reason for which a rebuild is due. */
export function dueFigures({ metadata, status }: IndexedRepo): readonly DueFigure[] {
  const { namespace, name } = metadata;
  const due = status.rebuild?.due ?? [];
  return due.map(({ reason, held }) => ({ namespace, name, reason, held: held ? 'true' : 'false' }));
}

/** Each reason with which a condition of the object says what is in its way, once. */
export function troublesOf(
  resource: string,
  { metadata, status }: IndexedRepo | SearchCluster,
): readonly TroubleFigure[] {
  const { namespace, name } = metadata;
  const reasons = new Set((status.conditions ?? []).map(({ reason }) => reason).filter(isTrouble));
  return [...reasons].map(reason => ({ resource, namespace, name, reason }));
}

/** A remote that nobody asks, because the IndexedRepo is paused or going, fails nobody. */
function isAsked({ spec, metadata }: IndexedRepo): boolean {
  return !spec.paused && metadata.deletionTimestamp === undefined;
}

function failingSeconds(since: Date | undefined, now: Date): number {
  return since ? secondsSince(since.toISOString(), now) : 0;
}

/** Unknown while there is no live version, or while the remote cannot be asked: a lag of 0 would then be a lie. */
function lagSeconds(repo: IndexedRepo, now: Date): number | undefined {
  const { live, source } = repo.status;
  if (live === undefined || source === undefined) return undefined;
  if (source.behindSince !== undefined) return secondsSince(source.behindSince, now);
  return statusOf(repo, 'Fresh') === 'True' ? 0 : undefined;
}

/** Never negative: the clock that wrote the status may have been ahead of ours. */
function secondsSince(time: string, now: Date): number {
  return Math.max(0, (now.getTime() - Date.parse(time)) / 1000);
}

function isTrue(object: IndexedRepo | SearchCluster, type: string): 0 | 1 {
  return statusOf(object, type) === 'True' ? 1 : 0;
}

function statusOf({ status }: IndexedRepo | SearchCluster, type: string): string | undefined {
  return findCondition(status.conditions, type)?.status;
}

/** By resource; of the watches of several namespaces the one that has been quiet for longest. */
export function watchAges(
  watches: readonly { readonly name: string; readonly lastActivity: Date }[],
  now: Date,
): Snapshot['watches'] {
  const oldest = new Map<string, number>();
  for (const { name, lastActivity } of watches) {
    const ageSeconds = (now.getTime() - lastActivity.getTime()) / 1000;
    oldest.set(name, Math.max(oldest.get(name) ?? 0, ageSeconds));
  }
  return [...oldest].map(([name, ageSeconds]) => ({ name, ageSeconds }));
}
