import type { ReindexRequestStatus } from '../api/reindex-request.ts';
import { expectedEnd, isoSeconds, progressSummary, steadyEta } from '../domain/progress.ts';
import type { Observed } from './observed.ts';

/** How far the Job at work is, by what its worker wrote down; undefined while that was not read. */
export function progressOf(o: Observed): ReindexRequestStatus['progress'] {
  const { run } = o;
  if (!run) return undefined;
  const { unit, done, total, perSecond } = run;
  const eta =
    run.outcome === 'running'
      ? steadyEta(o.request.status.progress?.eta, expectedEnd({ done, total, perSecond }, o.now), o.now)
      : undefined;
  const summary = progressSummary({ done, total, perSecond });
  const before = o.request.status.progress;
  const moved = before?.done === done && before.moved !== undefined ? before.moved : isoSeconds(o.now);
  return {
    unit,
    done,
    total,
    perSecond: Math.round(perSecond),
    summary,
    moved,
    ...(eta !== undefined && { eta }),
  };
}
