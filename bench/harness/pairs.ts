import type { Interval } from './metric.ts';
import { below, seededRandom } from './random.ts';

/** One measurement of each side, taken one right after the other. */
export type Pair<A, B> = { readonly ours: A; readonly other: B };

/**
 * Measures two sides by turns, A B B A A B ..., so that what drifts on the machine (heat, caches, neighbours) falls on both.
 * The first pair warms everything up and is dropped: `kept` pairs come out of `kept + 1`.
 */
export async function measurePairs<A, B>(
  kept: number,
  ours: () => Promise<A>,
  other: () => Promise<B>,
): Promise<readonly Pair<A, B>[]> {
  const pairs: Pair<A, B>[] = [];
  for (let at = 0; at <= kept; at += 1) {
    if (at % 2 === 0) {
      const first = await ours();
      pairs.push({ ours: first, other: await other() });
    } else {
      const first = await other();
      pairs.push({ ours: await ours(), other: first });
    }
  }
  return pairs.slice(1);
}

/** Of positive numbers, at least one. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

const resamples = 2000;

/** Between which the geometric mean lies in 90 % of resamples with replacement; the same for the same values. */
export function bootstrapInterval(values: readonly number[]): Interval {
  const random = seededRandom(values.length);
  const means = Array.from(
    { length: resamples },
    () => geometricMean(values.map(() => values[below(random, values.length)] as number)), // below the length
  );
  return middlePart(means);
}

/** Without the lowest and the highest twentieth. */
function middlePart(values: readonly number[]): Interval {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))] as number; // within the length
  return { low: at(0.05), high: at(0.95) };
}

/** What pairs say about one figure: the geometric means of both sides and of their ratios, with its interval. */
export type Comparison = {
  readonly ours: number;
  readonly other: number;
  readonly ratio: number;
  /** Null for one measurement of each side: it says nothing about its spread. */
  readonly interval: Interval | null;
};

export function compare<A, B>(
  pairs: readonly Pair<A, B>[],
  figureOfOurs: (ours: A) => number,
  figureOfOther: (other: B) => number,
): Comparison {
  const ours = pairs.map(pair => figureOfOurs(pair.ours));
  const other = pairs.map(pair => figureOfOther(pair.other));
  const ratios = ours.map((value, i) => value / (other[i] as number)); // of the same length
  return {
    ours: geometricMean(ours),
    other: geometricMean(other),
    ratio: geometricMean(ratios),
    interval: bootstrapInterval(ratios),
  };
}

/** Two groups that were not measured in pairs: the ratio of their geometric means, with its interval. */
export function compareGroups(ours: readonly number[], other: readonly number[]): Comparison {
  const random = seededRandom(ours.length + other.length);
  const again = (values: readonly number[]): number =>
    geometricMean(values.map(() => values[below(random, values.length)] as number)); // below the length
  const [means, others] = [geometricMean(ours), geometricMean(other)];
  const isSpread = ours.length > 1 || other.length > 1;
  const ratios = Array.from({ length: isSpread ? resamples : 0 }, () => again(ours) / again(other));
  return { ours: means, other: others, ratio: means / others, interval: isSpread ? middlePart(ratios) : null };
}
