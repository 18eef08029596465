import type { Change, Previous } from './change.ts';
import { Fingerprint } from './fingerprint.ts';
import type { ManifestEntry } from './manifest.ts';

/** What a version should hold when the run has ended, counted while it goes: the tree's side of the verification. */
export class Tally {
  files: number;
  chunks: number;
  skipped: number;
  readonly fingerprint: Fingerprint;

  /** Starts from nothing, or from what the version was verified to hold. */
  constructor(from?: {
    readonly files: number;
    readonly chunks: number;
    readonly skipped: number;
    readonly fingerprint: string;
  }) {
    this.files = from?.files ?? 0;
    this.chunks = from?.chunks ?? 0;
    this.skipped = from?.skipped ?? 0;
    this.fingerprint = new Fingerprint(from?.fingerprint);
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
