import type { IndexedRepoStatus } from '../api/indexed-repo.ts';
import { isSameStatus } from '../kube/status-writer.ts';
import { decideRepo, type Decision } from './decide.ts';
import type { Observed } from './observed.ts';
import { repoStatus } from './status.ts';

/** A look at the same world with this status written would do nothing, change nothing, and come back at the same time. */
export function isSettled(o: Observed, decision: Decision, status: IndexedRepoStatus): boolean {
  if (decision.effects.length > 0) return false;
  const after: Observed = { ...o, repo: { ...o.repo, status } };
  const next = decideRepo(after);
  return (
    next.effects.length === 0 && next.againInMs === decision.againInMs && isSameStatus(status, repoStatus(after, next))
  );
}
