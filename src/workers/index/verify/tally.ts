import type { Change, Previous } from '../tree/change.ts';
import type { ManifestEntry } from '../tree/manifest.ts';
import { Fingerprint } from './fingerprint.ts';

/** What a version, or a part of one, was verified to hold. */
export type Totals = {
  readonly files: number;
  readonly chunks: number;
  readonly skipped: number;
  readonly fingerprint: string;
};

/** What a version should hold when the run has ended, counted while it goes: the tree's side of the verification. */
export class Tally {
  files: number;
  chunks: number;
  skipped: number;
  readonly fingerprint: Fingerprint;

  /** Starts from nothing, or from what the version was verified to hold. */
  constructor(from?: Totals) {
    this.files = from?.files ?? 0;
    this.chunks = from?.chunks ?? 0;
    this.skipped = from?.skipped ?? 0;
    this.fingerprint = new Fingerprint(from?.fingerprint);
  }

  /** Parts that share no file. */
  static sum(parts: readonly Totals[]): Tally {
    const sum = new Tally();
    for (const { files, chunks, skipped, fingerprint } of parts) {
      sum.files += files;
      sum.chunks += chunks;
      sum.skipped += skipped;
      sum.fingerprint.join(fingerprint);
    }
    return sum;
  }

  get totals(): Totals {
    const { files, chunks, skipped } = this;
    return { files, chunks, skipped, fingerprint: this.fingerprint.toString() };
  }

  /** A file that is there already, and right. */
  keep(entry: ManifestEntry): void {
    this.#add(entry.filePath, entry);
  }

  /** What a change puts in its place. */
  put(
    change: Extract<Change, { do: 'put' }>,
    now: { readonly state: 'indexed' | 'skipped'; readonly chunks: number },
  ): void {
    this.#add(change.filePath, { mode: change.mode, oid: change.oid, ...now });
  }

  /** What a change takes away, where the start was not nothing. */
  drop(filePath: string, { mode, oid, state, chunks }: Previous): void {
    this.files -= 1;
    this.chunks -= chunks;
    this.skipped -= state === 'skipped' ? 1 : 0;
    this.fingerprint.remove({ filePath, mode, oid, state });
  }

  #add(filePath: string, { mode, oid, state, chunks }: Previous): void {
    this.files += 1;
    this.chunks += chunks;
    this.skipped += state === 'skipped' ? 1 : 0;
    this.fingerprint.add({ filePath, mode, oid, state });
  }
}
