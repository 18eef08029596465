/** `npm run soak` has all of a campaign: every place, every history, every kill; `npm test` has a sample. */
export const isWhole = process.env['REINDEER_WHOLE'] === '1';

/** Printed by whoever samples by it. */
export const seed = Number(process.env['REINDEER_SEED'] ?? Math.floor(Math.random() * 1e6));

/** One of so many of the numbers 0 to `count` - 1; the seed says which. */
export function oneIn(oneOf: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => at).filter(at => at % oneOf === seed % oneOf);
}

/** All of a campaign where that is asked for, else one of so many of it. */
export function sampleOf<T>(oneOf: number, all: readonly T[]): readonly T[] {
  const chosen = oneIn(isWhole ? 1 : oneOf, all.length);
  return all.filter((_, at) => chosen.includes(at));
}
