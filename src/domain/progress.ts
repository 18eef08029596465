/** What a running worker last said of itself, in files. */
export type Counted = { readonly done: number; readonly total: number; readonly perSecond: number };

/**
 * What several workers of one run said, as one: sums. The files of parts that did not begin yet are estimated from the others,
 * which are as large as they are, give or take a few percent: parts are cut by a hash.
 */
export function sumOfParts(parts: readonly Counted[], count: number): Counted {
  const known = parts.filter(part => part.total > 0);
  const sum = (of: (part: Counted) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const total = known.length === 0 ? 0 : Math.round((sum(part => part.total) / known.length) * count);
  return { done: sum(part => part.done), total, perSecond: sum(part => part.perSecond) };
}

/** One column for people: "41% 3.1k/s". Nothing counted yet reads as "starting". */
export function progressSummary(counted: Counted): string {
  if (counted.total === 0) return 'starting';
  const percent = Math.min(100, Math.floor((counted.done / counted.total) * 100));
  return `${percent}% ${rate(counted.perSecond)}/s`;
}

function rate(perSecond: number): string {
  if (perSecond < 1000) return String(Math.round(perSecond));
  if (perSecond < 1_000_000) return `${(perSecond / 1000).toFixed(1)}k`;
  return `${(perSecond / 1_000_000).toFixed(1)}M`;
}

/** When the work should end, or undefined while that cannot be said. */
export function expectedEnd(counted: Counted, now: Date): Date | undefined {
  if (counted.total === 0 || counted.perSecond <= 0) return undefined;
  const left = Math.max(0, counted.total - counted.done);
  return new Date(now.getTime() + (left / counted.perSecond) * 1000);
}

/**
 * The estimate to show: the one shown before as long as the new one is less than a minute and a tenth of what is left away
 * from it, so that it does not move for noise.
 */
export function steadyEta(shown: string | undefined, estimate: Date | undefined, now: Date): string | undefined {
  if (estimate === undefined) return undefined;
  const noiseMs = Math.min(60_000, (estimate.getTime() - now.getTime()) / 10);
  if (shown !== undefined && Math.abs(Date.parse(shown) - estimate.getTime()) < noiseMs) return shown;
  return isoSeconds(estimate);
}

/** RFC 3339 with whole seconds, as Kubernetes writes times. */
export function isoSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
