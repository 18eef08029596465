/** In ms. */
export type BackOff = { readonly firstMs: number; readonly longestMs: number };

/** How long to wait after so many failures in a row: `firstMs` after one, twice as long after each more, up to `longestMs`. */
export function backOffMs(failures: number, { firstMs, longestMs }: BackOff): number {
  return Math.min(longestMs, firstMs * 2 ** Math.max(0, failures - 1));
}

/** From half of it to all of it: callers that failed together come back apart. `random` is below 1, as `Math.random` is. */
export function withJitter(ms: number, random: () => number): number {
  return ms / 2 + (random() * ms) / 2;
}
