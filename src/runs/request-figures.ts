import { exitCodes } from '../api/exit-codes.ts';
import type { Condition } from '../api/meta.ts';
import type { ReindexRequestStatus } from '../api/reindex-request.ts';
import { findCondition } from '../domain/conditions.ts';
import type { EndedRun } from '../work/ended-run.ts';
import { documentsOf, secondsBetween } from '../work/figures.ts';
import type { Observed } from './observed.ts';

/** What the status that was just written says for the first time, in numbers. */
export type RequestNews = { readonly switched: boolean; readonly ended: EndedRun | undefined };

export function requestNews(o: Observed, after: ReindexRequestStatus): RequestNews {
  const before: Partial<ReindexRequestStatus> = o.request.status;
  return {
    switched: before.switched === undefined && after.switched !== undefined,
    ended: hasEnded(o, after) ? endedRun(o, after) : undefined,
  };
}

/** A dry run is no run. */
function hasEnded({ request }: Observed, after: ReindexRequestStatus): boolean {
  return request.spec.dryRun !== true && request.status.finished === undefined && after.finished !== undefined;
}

function endedRun(o: Observed, after: ReindexRequestStatus): EndedRun {
  const verdict = findCondition(after.conditions, 'Succeeded');
  const { started, finished } = after;
  return {
    kind: o.request.spec.strategy,
    outcome: verdict ? outcomeOf(verdict) : 'Failed',
    seconds: started !== undefined && finished !== undefined ? secondsBetween(started, finished) : undefined,
    mismatch: verdict?.reason === 'VerificationFailed' ? foundBy(o) : undefined,
    ...documentsOf(o.jobs),
  };
}

/** What was in the way of something that goes first, or was given up by people, did not fail. */
function outcomeOf({ status, reason }: Pick<Condition, 'status' | 'reason'>): EndedRun['outcome'] {
  if (status === 'True') return 'Succeeded';
  if (reason === 'Superseded' || reason === 'TargetDeleted') return 'Superseded';
  return reason === 'Aborted' || reason === 'RolledBack' ? reason : 'Failed';
}

function foundBy(o: Observed): 'worker' | 'operator' {
  const isWorkers = o.jobs.some(job => job.said?.exitCode === exitCodes.verificationFailed);
  return isWorkers ? 'worker' : 'operator';
}
