import type { IndexedRepoStatus } from '../api/indexed-repo.ts';
import { isSameStatus } from '../objects/status-writer.ts';
import { decideRepo, type Decision } from './decide.ts';
import type { Observed } from './observed.ts';
import { repoStatus } from './status.ts';

/**
 * This status has to be written, and then all is done: a look at the same world with it would do nothing, change nothing,
 * and come back at the same time.
 */
export function isSettledBy(status: IndexedRepoStatus, o: Observed, decision: Decision): boolean {
  if (decision.effects.length > 0 || isSameStatus(o.repo.status, status)) return false;
  const after: Observed = { ...o, repo: { ...o.repo, status } };
  const next = decideRepo(after);
  if (next.effects.length > 0 || next.againInMs !== decision.againInMs) return false;
  return isSameStatus(status, repoStatus(after, next));
}
