import { aliasOf, endOf, standingOf, type Run } from '../../reading/run.ts';

/** Heads of the columns of {@link runRow}. */
export const runHead = ['NAME', 'ALIAS', 'STRATEGY', 'PHASE', 'PROGRESS', 'ETA', 'REMARK'] as const;

/** A run in one line, as it stands at `now`. */
export function runRow(run: Run, now: Date): readonly string[] {
  const { progress, phase } = run.status;
  const isOver = endOf(run) !== undefined;
  return [
    run.name,
    aliasOf(run),
    run.spec.strategy,
    phase,
    isOver || progress === undefined ? '-' : `${bar(progress)} ${progress.summary}`,
    isOver ? '-' : until(progress?.eta, now),
    remarkOn(run, now),
  ];
}

/** What a person wants to know of a run beside its figures: what it waits for, or why it ended as it did. */
export function remarkOn(run: Run, now: Date): string {
  const { status } = run;
  const { reason, message } = standingOf(run);
  const why = message === '' ? reason : `${reason}: ${message}`;
  if (endOf(run) !== undefined) return reason === status.phase ? message : why;
  if (status.gate !== undefined && reason === 'AwaitingApproval')
    return `waits at gate ${status.gate} for \`reindeer approve ${run.name}\``;
  if (status.queue !== undefined) return `place ${status.queue.position} in the queue, behind ${status.queue.behind}`;
  if (status.bakeUntil !== undefined && reason === 'Baking')
    return `bakes until ${status.bakeUntil} (${until(status.bakeUntil, now)} more)`;
  return ['', 'Running', 'Pending'].includes(reason) ? versionsOf(run) : why;
}

/** What does not change by itself with time: another one is news. */
export function newsOf(run: Run): string {
  const { phase, gate, queue, bakeUntil } = run.status;
  const { reason, message } = standingOf(run);
  return JSON.stringify([phase, gate, queue, bakeUntil, reason, message]);
}

function versionsOf({ status: { from, to } }: Run): string {
  if (to === undefined) return '';
  return from === undefined ? to.name : `${from.name} -> ${to.name}`;
}

const barWidth = 16;

function bar({ done, total }: { readonly done: number; readonly total: number }): string {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const filled = Math.round(share * barWidth);
  return `[${'='.repeat(filled)}${' '.repeat(barWidth - filled)}]`;
}

/** How long it is to that moment: `-` where none is known, `0s` where it is over. */
function until(time: string | undefined, now: Date): string {
  const ms = Date.parse(time ?? '') - now.getTime();
  return Number.isNaN(ms) ? '-' : spanText(ms / 1000);
}

/** Seconds as people say them: `45s`, `12m`, `3h20m`, `2d4h`. */
export function spanText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole}s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 120) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  return hours % 24 === 0 ? `${hours / 24}d` : `${Math.floor(hours / 24)}d${hours % 24}h`;
}
