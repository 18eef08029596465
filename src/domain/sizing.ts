const documentsPerShard = 5_000_000;
const bytesPerShard = 10 * 1024 ** 3;
const maxShards = 1024;

const filesPerPartition = 500_000;
const bytesPerPartition = 8 * 1024 ** 3;
const mostByItself = 16;

/**
 * Workers for a full build of this size where nobody says how many: one for each 500,000 files or 8 GiB of text, whichever is
 * more, and 16 at most. A repository of ordinary size, or one that nothing is known of yet (zero of both), has one.
 */
export function partitionsFor(expected: { readonly files: number; readonly bytes: number }): number {
  const byFiles = Math.ceil(expected.files / filesPerPartition);
  const byBytes = Math.ceil(expected.bytes / bytesPerPartition);
  return Math.min(mostByItself, Math.max(byFiles, byBytes, 1));
}

/** Each shard of an index of this size holds twice what one should, or more, and more shards are possible. */
export function hasOutgrown(holds: { readonly documents: number; readonly bytes: number }, shards: number): boolean {
  const most = Math.max(holds.documents / documentsPerShard, holds.bytes / bytesPerShard) / shards;
  return most >= 2 && shards < maxShards;
}

/**
 * Primary shards for an index of this expected size: one per 5 million documents plus one, or one per 10 GiB, whichever
 * is more. Source: seed 001 (its best shard was about 10 GB).
 */
export function shardsFor(expected: { readonly documents: number; readonly bytes: number }): number {
  const byDocuments = Math.floor(expected.documents / documentsPerShard) + 1;
  const byBytes = Math.ceil(expected.bytes / bytesPerShard);
  return Math.min(maxShards, Math.max(byDocuments, byBytes, 1));
}
