import type { Answer, AnsweredHit } from './answer.ts';
import { likenessOf, type Likeness } from './likeness.ts';
import { sameValue } from './same-value.ts';

/** In what two answers differ although they should not. */
export type Difference = 'status' | 'total' | 'members' | 'sort' | 'aggregations';

export type Comparison =
  /** One of the two says itself that it is not whole: nothing follows from it. */
  | { readonly is: 'skipped'; readonly why: string }
  | {
      readonly is: 'same' | 'different';
      readonly differences: readonly Difference[];
      readonly members: Members;
      readonly likeness: Likeness;
    };

/** Hits of both pages that cannot be exchanged for others, and how many of those the other page holds too. */
export type Members = { readonly bound: number; readonly shared: number };

/**
 * Deleted documents that were not merged away yet count in the statistics of a term: between indices that hold the same
 * documents scores differ by up to this share.
 */
const scoreNoise = 0.01;

/**
 * Compares what two indices answered to one search for `pageSize` hits. Which of many equal hits end a full page is chance,
 * so those at its end are free; all others have to be on both pages. Scores are comparable between indices of different
 * shards only where both were asked with global statistics.
 */
export function compareAnswers(one: Answer, other: Answer, pageSize: number): Comparison {
  const partial = [one, other].flatMap(lackOf)[0];
  if (partial !== undefined) return { is: 'skipped', why: partial };
  const members = membersOf(one, other, pageSize);
  const differences = differencesOf(one, other, members);
  const likeness = likenessOf(one.hits, other.hits);
  return { is: differences.length === 0 ? 'same' : 'different', differences, members, likeness };
}

function lackOf({ timedOut, failedShards }: Answer): readonly string[] {
  if (timedOut) return ['it timed out'];
  return failedShards > 0 ? [`${failedShards} shards did not answer`] : [];
}

function differencesOf(one: Answer, other: Answer, members: Members): readonly Difference[] {
  if (classOf(one) !== classOf(other)) return ['status'];
  const differs: Readonly<Record<Exclude<Difference, 'status'>, boolean>> = {
    total: totalsDiffer(one, other),
    members: members.shared < members.bound,
    sort: !sameValue(sortsOf(one), sortsOf(other)),
    aggregations: !sameValue(one.aggregations, other.aggregations),
  };
  return (Object.keys(differs) as (keyof typeof differs)[]).filter(each => differs[each]); // its keys are what its type says
}

function classOf({ status }: Answer): number {
  return Math.floor(status / 100);
}

/** "At least so many" contradicts nothing but fewer. */
function totalsDiffer(one: Answer, other: Answer): boolean {
  if (one.totalIsExact && other.totalIsExact) return one.total !== other.total;
  if (!one.totalIsExact && !other.totalIsExact) return false;
  const [exact, least] = one.totalIsExact ? [one, other] : [other, one];
  return exact.total < least.total;
}

function sortsOf({ hits }: Answer): readonly unknown[] {
  return hits.flatMap(({ sort }) => (sort === undefined ? [] : [sort]));
}

function membersOf(one: Answer, other: Answer, pageSize: number): Members {
  const pages = [one.hits, other.hits].map(hits => hits.slice(0, pageSize));
  const ids = pages.map(hits => new Set(hits.map(({ id }) => id)));
  const bound = pages.map(hits => boundOf(hits, pageSize));
  const shared = bound.map((hits, side) => hits.filter(({ id }) => ids[1 - side]?.has(id)).length);
  return { bound: bound.flat().length, shared: shared.reduce((sum, each) => sum + each, 0) };
}

/** The hits of a page that had to be on it; of a page that is not full all of them. */
function boundOf(hits: readonly AnsweredHit[], pageSize: number): readonly AnsweredHit[] {
  const last = hits.at(-1);
  return last === undefined || hits.length < pageSize ? hits : hits.filter(hit => !endsLike(hit, last));
}

function endsLike(hit: AnsweredHit, last: AnsweredHit): boolean {
  if (last.sort !== undefined) return sameValue(hit.sort, last.sort);
  if (hit.score === null || last.score === null) return hit.score === last.score;
  return hit.score - last.score <= Math.abs(last.score) * scoreNoise;
}
