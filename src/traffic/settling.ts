/** So many windows in a row may not be faster than the one before. */
const steadyWindows = 2;
/** What is faster by less than this is not faster: a share of the window before, or a millisecond. */
const noisePercent = 10;
const noiseMs = 1;

/**
 * Latency has settled: the last windows were no faster than the ones before them. `windows`: milliseconds that a search took
 * on average, whole ones, oldest first. Slower is settled too: what warms an index makes it faster only.
 */
export function hasSettled(windows: readonly number[]): boolean {
  const last = windows.slice(-steadyWindows - 1);
  return last.length > steadyWindows && last.slice(1).every((ms, at) => !isFaster(ms, last[at] ?? 0));
}

function isFaster(ms: number, beforeMs: number): boolean {
  const lessMs = beforeMs - ms;
  return lessMs > noiseMs && lessMs * 100 > beforeMs * noisePercent;
}
