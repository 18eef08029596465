import type { AnsweredHit } from './answer.ts';

/** How alike two pages are by the usual measures; none of them decides, for each of them is low on harmless ties. */
export type Likeness = {
  /** Share of the first ten that both pages hold, 0 to 1. */
  readonly overlapAt10: number;
  /** Rank-biased overlap with p = 0.9, 0 to 1: the first ranks weigh most. */
  readonly rankBiasedOverlap: number;
  /** Kendall's tau over the pairs that both pages rank strictly, -1 to 1; 1 where there is no such pair. */
  readonly kendallTau: number;
};

const persistence = 0.9;

export function likenessOf(one: readonly AnsweredHit[], other: readonly AnsweredHit[]): Likeness {
  const ids = [idsOf(one), idsOf(other)] as const;
  return {
    overlapAt10: overlapAt(10, ...ids),
    rankBiasedOverlap: rankBiasedOverlap(...ids),
    kendallTau: kendallTau(one, other),
  };
}

function idsOf(hits: readonly AnsweredHit[]): readonly string[] {
  return hits.map(({ id }) => id);
}

function overlapAt(depth: number, one: readonly string[], other: readonly string[]): number {
  const longest = Math.min(depth, Math.max(one.length, other.length));
  return longest === 0 ? 1 : commonAt(depth, one, other) / longest;
}

function commonAt(depth: number, one: readonly string[], other: readonly string[]): number {
  const known = new Set(other.slice(0, depth));
  return one.slice(0, depth).filter(id => known.has(id)).length;
}

/** As if both pages went on for ever as they end: two equal pages are 1, however long they are. */
function rankBiasedOverlap(one: readonly string[], other: readonly string[]): number {
  const depth = Math.max(one.length, other.length);
  if (depth === 0) return 1;
  const ranks = Array.from({ length: depth }, (_, at) => at + 1);
  const shareAt = (rank: number): number => commonAt(rank, one, other) / rank;
  const seen = ranks.reduce((sum, rank) => sum + persistence ** (rank - 1) * shareAt(rank), 0);
  return (1 - persistence) * seen + persistence ** depth * shareAt(depth);
}

function kendallTau(one: readonly AnsweredHit[], other: readonly AnsweredHit[]): number {
  const ranks = new Map(other.map((hit, rank) => [hit.id, { hit, rank }]));
  const common = one.flatMap(hit => {
    const there = ranks.get(hit.id);
    return there === undefined ? [] : [{ here: hit, there }];
  });
  const strict = common.flatMap((first, at) =>
    common
      .slice(at + 1)
      .filter(second => !isTied(first.here, second.here) && !isTied(first.there.hit, second.there.hit))
      .map(second => (first.there.rank < second.there.rank ? 1 : -1)),
  );
  return strict.length === 0 ? 1 : strict.reduce<number>((sum, sign) => sum + sign, 0) / strict.length;
}

function isTied(one: AnsweredHit, other: AnsweredHit): boolean {
  return one.sort === undefined ? one.score === other.score : JSON.stringify(one.sort) === JSON.stringify(other.sort);
}
