import type { Target } from '../targets.ts';
import type { Case } from './metric.ts';
import { bootstrapInterval, geometricMean, type Comparison } from './pairs.ts';

type Said = { readonly case: string; readonly unit: string; readonly target?: Target | null; readonly note?: string };

/** A case of which both sides were measured; the target says nothing about another side than this one. */
export function comparedCase(
  said: Said,
  against: 'limit' | 'peer',
  { ours, other, ratio, interval }: Comparison,
): Case {
  const { target = null, note = '' } = said;
  const sides = against === 'limit' ? { limit: other, peer: null } : { limit: null, peer: other };
  return { case: said.case, unit: said.unit, ours, ...sides, ratio, interval, target, note };
}

/** A case of a figure that is bounded by itself. The side that it stands beside is there to be seen only. */
export function ownCase(said: Said, figures: readonly number[], beside: { limit?: number; peer?: number } = {}): Case {
  const { target = null, note = '' } = said;
  const { limit = null, peer = null } = beside;
  // Zero has no logarithm, and needs no mean: it is a count then.
  const isCount = figures.some(figure => figure <= 0);
  return {
    case: said.case,
    unit: said.unit,
    ours: isCount ? Math.max(...figures) : geometricMean(figures),
    limit,
    peer,
    ratio: null,
    interval: isCount || figures.length < 2 ? null : bootstrapInterval(figures),
    target,
    note,
  };
}

/** A case of which nothing could be measured, and why. */
export function absentCase(said: Said & { readonly note: string }): Case {
  const { target = null } = said;
  const nothing = { ours: null, peer: null, limit: null, ratio: null, interval: null };
  return { case: said.case, unit: said.unit, ...nothing, target, note: said.note };
}
