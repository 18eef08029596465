import { claimantOf } from '../alias/claimant.ts';
import type { AliasView } from '../alias/observe.ts';
import { aliasLost, aliasTrouble, isOwned } from '../alias/ownership.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { Reason } from '../api/reasons.ts';
import { bounded } from '../domain/bounded-text.ts';
import { findCondition } from '../domain/conditions.ts';

/** What all aliases of a cluster were seen as, and since when the holder of this one is silent. */
export type AliasFound = AliasView & { readonly lockSilentSince: string | undefined };

/** Does the alias look different from what the status of its IndexedRepo says? Pure; the full look then says how. */
export function isAliasNews(repo: IndexedRepo, view: AliasFound): boolean {
  const ready = findCondition(repo.status.conditions, 'Ready');
  // It was not looked at yet, or could not be: it has its own next look soon.
  if (ready === undefined || ready.status === 'Unknown') return false;
  const trouble = aliasTrouble(claimantOf(repo), view) ?? aliasLost(claimantOf(repo), view);
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
  return (isOwned(claimantOf(repo), view) ? view.record?.live : undefined) ?? undefined;
}

function isLockNews(repo: IndexedRepo, { lock, lockSilentSince }: AliasFound): boolean {
  const lease = lock?.source.lease;
  const isShown = lease?.held === true && lease.holder !== null;
  const shown = repo.status.lock;
  if ((isShown ? lease.token : undefined) !== shown?.token) return true;
  return isShown && lockSilentSince !== shown?.silentSince;
}
