import type { IndexedRepo, IndexedRepoStatus } from '../api/indexed-repo.ts';
import type { Reason } from '../api/reasons.ts';
import type { StatusWrite } from '../objects/status-writer.ts';
import { rebuildDue } from './due.ts';
import type { Observed } from './observed.ts';

type News = NonNullable<StatusWrite['news']>;

/** What a status tells for the first time that no condition says. */
export function repoNews(o: Observed, status: IndexedRepoStatus): News {
  return [...switched(o.repo, status), ...newlyReported(o)];
}

function switched({ spec, status: before }: IndexedRepo, after: IndexedRepoStatus): News {
  const [was, is] = [before.live?.name, after.live?.name];
  if (is === undefined || was === is) return [];
  const message = was === undefined ? `${spec.alias} serves ${is}` : `${spec.alias} serves ${is}, before it was ${was}`;
  return [{ type: 'Normal', reason: 'Switched' satisfies Reason, message }];
}

/** A rebuild that is due and left to people; one that begins, or is held, has a condition that says why. */
function newlyReported(o: Observed): News {
  const known = new Set((o.repo.status.rebuild?.due ?? []).map(({ reason }) => reason));
  return rebuildDue(o)
    .filter(({ reason, is }) => is === 'reported' && !known.has(reason))
    .map(({ reason, message }) => ({ type: 'Normal', reason, message }));
}
