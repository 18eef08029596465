/** Sums are added up shard by shard: their last digits depend on how many there are. */
const relativeTolerance = 1e-6;

/**
 * Two values of answers are the same, floats up to 1e-6 of the larger one. Left out is what depends on the layout of an index
 * alone: `terms` that the engine itself says may be wrong, hits inside of aggregations, and the texts that repeat a number.
 */
export function sameValue(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number') return sameNumber(one, other);
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((value, at) => sameValue(value, other[at]));
  if (isObject(one) && isObject(other)) return sameObject(one, other);
  return one === other;
}

function sameNumber(one: number, other: number): boolean {
  return Math.abs(one - other) <= relativeTolerance * Math.max(Math.abs(one), Math.abs(other));
}

function sameObject(one: Fields, other: Fields): boolean {
  if ([one, other].some(isApproximate)) return true;
  if (isObject(one['hits']) && isObject(other['hits'])) return true;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)].filter(key => !key.endsWith('_as_string')));
  return [...keys].every(key => sameValue(one[key], other[key]));
}

type Fields = Readonly<Record<string, unknown>>;

/** A `terms` aggregation whose counts may be too low, or whose terms may be other ones. */
function isApproximate({ buckets, doc_count_error_upper_bound: bound }: Fields): boolean {
  return buckets !== undefined && bound !== undefined && bound !== 0;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
