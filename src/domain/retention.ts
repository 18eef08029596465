/** A retired version as retention sees it. */
export type RetiredVersion = { readonly number: number; readonly retiredAt: Date };
export type Retain = { readonly versions: number; readonly forMs?: number };

/**
 * Which retired versions are to be deleted now: all but the `versions` that served last, and those retired for longer than
 * `forMs`. Never includes a live version: the caller passes retired ones only, and the effect looks at the alias again.
 */
export function versionsToDelete(retired: readonly RetiredVersion[], retain: Retain, now: Date): readonly number[] {
  // Not by number: after a rollback the version that was left, and is not wanted, has the higher one.
  const latestFirst = [...retired].sort((a, b) => b.retiredAt.getTime() - a.retiredAt.getTime() || b.number - a.number);
  return latestFirst
    .filter((version, place) => place >= retain.versions || isExpired(version, retain, now))
    .map(version => version.number);
}

/** When the next retired version expires, or undefined when none does. */
export function nextExpiry(retired: readonly RetiredVersion[], retain: Retain): Date | undefined {
  const { forMs } = retain;
  if (forMs === undefined || retired.length === 0) return undefined;
  return new Date(Math.min(...retired.map(version => version.retiredAt.getTime())) + forMs);
}

function isExpired(version: RetiredVersion, retain: Retain, now: Date): boolean {
  return retain.forMs !== undefined && now.getTime() - version.retiredAt.getTime() >= retain.forMs;
}
