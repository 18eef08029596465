import type { Engine } from '../../engine/port.ts';
import type { SteadyClock } from '../../runtime/clock.ts';

/** What passes, sweeps and comparisons are carried out with. */
export type CopyParts = {
  readonly engine: Engine;
  readonly clock: SteadyClock;
  /** Aborted with the error to end with: checked before every request. */
  readonly signal: AbortSignal;
  /** 0 to 1, for the spread of pauses. */
  readonly random: () => number;
  /** Called now and then with what was done since the beginning of this call. */
  readonly onProgress?: (progress: CopyProgress) => void;
  /** A bulk was sent and never answered: it may still be carried out, whatever becomes of its repetition. */
  readonly onLostReply?: () => void;
  /** Some operations are about to be sent again. */
  readonly onRetry?: () => void;
};

export type CopyProgress = {
  /** Documents that were read. */
  readonly read: number;
  /** Operations that the candidate took, or had already. */
  readonly done: number;
};

/** Per shard of the source, by its number: every operation up to this sequence number is in the candidate. */
export type Checkpoints = Readonly<Record<string, number>>;

/** The checkpoint of a shard; -1 = nothing of it was read yet. */
export function checkpointOf(checkpoints: Checkpoints, shard: number): number {
  return checkpoints[shard] ?? -1;
}

/** How bulks are sent, and how many shards are read at a time. */
export type CopyPace = {
  /** Largest body, and about the size of a page: as much is in memory for each bulk on its way and each shard that is read. */
  readonly bulkBytes: number;
  /** Bulks on their way at once, and shards that are read at once. */
  readonly concurrency: number;
};
