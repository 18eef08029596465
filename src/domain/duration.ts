const unitMs = { h: 3_600_000, m: 60_000, s: 1000 } as const;

/** Milliseconds of a Go duration made of whole hours, minutes and seconds ("1h30m"); throws on anything else. */
export function durationMs(text: string): number {
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (match === null || text === '') throw new RangeError(`not a duration such as 90s, 30m or 24h: "${text}"`);
  const [, h = '0', m = '0', s = '0'] = match;
  return Number(h) * unitMs.h + Number(m) * unitMs.m + Number(s) * unitMs.s;
}

export function durationSeconds(text: string): number {
  return Math.ceil(durationMs(text) / 1000);
}
