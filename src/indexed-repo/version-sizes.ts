import type { VersionRecord } from '../domain/records.ts';
import { hasReason } from '../domain/errors.ts';
import type { Indices } from '../engine/port.ts';
import type { Clock } from '../runtime/clock.ts';

type Known = {
  readonly index: string;
  readonly commit: string | null;
  readonly at: Date;
  readonly bytes: number | undefined;
};

/** Sizes change slowly, and only by runs. */
const youngMs = 3_600_000;

/**
 * Bytes of live versions as the engine counts them: asked once for each version, and again when a run has written to it, at
 * most every hour. Memory only.
 */
export class VersionSizes {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Of the main index of the live version, replicas not counted; undefined while the engine does not say. */
  async of(repoUid: string, live: VersionRecord, indices: Pick<Indices, 'size'>): Promise<number | undefined> {
    const known = this.#known.get(repoUid);
    const now = this.#clock.now();
    if (known?.index === live.index) {
      const ageMs = now.getTime() - known.at.getTime();
      const isYoung = ageMs >= 0 && ageMs < youngMs;
      const isSame = known.commit === live.commit && known.bytes !== undefined;
      if (isYoung || isSame) return known.bytes;
    }
    const bytes = (await indices.size(live.index).catch(unknown))?.bytes;
    this.#known.set(repoUid, { index: live.index, commit: live.commit, at: now, bytes });
    return bytes;
  }

  /** Forgets IndexedRepos that are no more. */
  keepOnly(repoUids: ReadonlySet<string>): void {
    for (const uid of this.#known.keys()) if (!repoUids.has(uid)) this.#known.delete(uid);
  }
}

/** What the engine refuses here is told by whatever needs it; a size alone is no reason to stop. */
function unknown(error: unknown): undefined {
  if (!hasReason(error)) throw error;
  return undefined;
}
