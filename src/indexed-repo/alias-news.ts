import type { Reason } from '../api/reasons.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import { bounded } from '../domain/bounded-text.ts';
import { aliasLost, aliasTrouble, isOwned } from '../reindex-request/ownership.ts';
import type { AliasView } from '../search-cluster/observe-alias.ts';

/** Does the alias look different from what the status of its IndexedRepo says? Pure; the full look then says how. */
export function isAliasNews(repo: IndexedRepo, view: AliasView): boolean {
  const ready = repo.status.conditions?.find(condition => condition.type === 'Ready');
  // It was not looked at yet, or could not be: it has its own next look soon.
  if (ready === undefined || ready.status === 'Unknown') return false;
  const trouble = aliasTrouble(repo, view) ?? aliasLost(repo, view);
  if (trouble) return ready.reason !== trouble.reason || ready.message !== bounded(trouble.message);
  return saysTrouble.has(ready.reason) || liveNumber(repo, view) !== repo.status.live?.number || isLockNews(repo, view);
}

const saysTrouble: ReadonlySet<string> = new Set<Reason>([
  'AliasIsIndex',
  'AliasOwnedElsewhere',
  'AliasAmbiguous',
  'Drifted',
]);

function liveNumber(repo: IndexedRepo, view: AliasView): number | undefined {
  return (isOwned(repo, view) ? view.record?.live : undefined) ?? undefined;
}

function isLockNews(repo: IndexedRepo, { lock }: AliasView): boolean {
  const lease = lock?.source.lease;
  const isShown = lease?.held === true && lease.holder !== null;
  return (isShown ? lease.token : undefined) !== repo.status.lock?.token;
}
