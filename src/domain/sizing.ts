const documentsPerShard = 5_000_000;
const bytesPerShard = 10 * 1024 ** 3;
const maxShards = 1024;

/**
 * Primary shards for an index of this expected size: one per 5 million documents plus one, or one per 10 GiB, whichever
 * is more. Source: seed 001 (its best shard was about 10 GB).
 */
export function shardsFor(expected: { readonly documents: number; readonly bytes: number }): number {
  const byDocuments = Math.floor(expected.documents / documentsPerShard) + 1;
  const byBytes = Math.ceil(expected.bytes / bytesPerShard);
  return Math.min(maxShards, Math.max(byDocuments, byBytes, 1));
}
