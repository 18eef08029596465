import { durationMs } from '../api/duration.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { RepositoryFigures, Snapshot } from '../runtime/metrics.ts';

/** What an IndexedRepo looks like in numbers at this moment, from its status as it was read last. */
export function repositoryFigures(repo: IndexedRepo, now: Date, remoteAskedAt: Date | undefined): RepositoryFigures {
  const { namespace, name } = repo.metadata;
  const { lock } = repo.status;
  return {
    namespace,
    name,
    values: {
      reindeer_freshness_lag_seconds: lagSeconds(repo, now),
      reindeer_freshness_limit_seconds: durationMs(repo.spec.freshWithin) / 1000,
      reindeer_repository_ready: statusOf(repo, 'Ready') === 'True' ? 1 : 0,
      reindeer_repository_stalled: statusOf(repo, 'Stalled') === 'True' ? 1 : 0,
      reindeer_lock_age_seconds: lock && secondsSince(lock.since, now),
      reindeer_remote_asked_timestamp_seconds: remoteAskedAt && remoteAskedAt.getTime() / 1000,
    },
  };
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

function statusOf(repo: IndexedRepo, type: string): string | undefined {
  return repo.status.conditions?.find(condition => condition.type === type)?.status;
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
