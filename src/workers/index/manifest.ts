import { z } from 'zod';
import { errorOfShards } from '../../engine/errors.ts';
import type { Documents, JsonObject } from '../../engine/port.ts';
import { withinPartition, type Partition } from './partition.ts';

/** What a file document says, as far as a comparison needs it. */
export type ManifestEntry = {
  readonly filePath: string;
  readonly mode: string;
  readonly oid: string;
  readonly state: 'indexed' | 'skipped';
  readonly skipReason: string;
  readonly chunks: number;
  /** In bytes; 0 where it was not looked at. */
  readonly size: number;
  readonly branch: string;
  readonly repoUrl: string;
};

const source = z.object({
  filePath: z.string(),
  git_mode: z.string(),
  git_file_hash: z.string(),
  state: z.enum(['indexed', 'skipped']),
  skip_reason: z.string().default(''),
  chunks: z.number(),
  size: z.number().default(0),
  git_branch: z.string().default(''),
  repo_url: z.string().default(''),
});
const fields = Object.keys(source.shape);

/** Below `index.max_result_window`, and about a megabyte of answer. */
const pageSize = 5000;
/** Terms in one query; the engine allows 65,536. */
const lookupSize = 5000;
const isFile: JsonObject = { term: { doc: 'file' } };

/**
 * All file documents by path in byte order, in pages. Refresh first. What is written while this runs is seen or not, so
 * write only at or before the path that was read last. A partition narrows it to its own files.
 */
export async function* readManifest(
  documents: Documents,
  index: string,
  partition?: Partition,
): AsyncGenerator<readonly ManifestEntry[]> {
  for (let after: readonly unknown[] | undefined; ;) {
    const reply = await documents.search(index, {
      size: pageSize,
      query: withinPartition(isFile, partition),
      sort: [{ filePath: 'asc' }],
      _source: fields,
      track_total_hits: false,
      ...(after && { search_after: after }),
    });
    requireWhole(reply.failedShards);
    if (reply.hits.length > 0) yield reply.hits.map(hit => entryOf(hit.source));
    if (reply.hits.length < pageSize) return;
    after = reply.hits.at(-1)?.sort;
  }
}

/** The file documents of these paths; a path without one is left out. */
export async function lookUpManifest(
  documents: Documents,
  index: string,
  filePaths: readonly string[],
): Promise<ReadonlyMap<string, ManifestEntry>> {
  const found = new Map<string, ManifestEntry>();
  for (let start = 0; start < filePaths.length; start += lookupSize) {
    const filter = [isFile, { terms: { filePath: filePaths.slice(start, start + lookupSize) } }];
    const body = { size: lookupSize, query: { bool: { filter } }, _source: fields, track_total_hits: false };
    const reply = await documents.search(index, body);
    requireWhole(reply.failedShards);
    for (const entry of reply.hits.map(hit => entryOf(hit.source))) found.set(entry.filePath, entry);
  }
  return found;
}

function entryOf(hit: JsonObject): ManifestEntry {
  const file = source.parse(hit);
  return {
    filePath: file.filePath,
    mode: file.git_mode,
    oid: file.git_file_hash,
    state: file.state,
    skipReason: file.skip_reason,
    chunks: file.chunks,
    size: file.size,
    branch: file.git_branch,
    repoUrl: file.repo_url,
  };
}

/** A page of some shards only would look like deleted files. */
export function requireWhole(failedShards: number): void {
  if (failedShards > 0) throw errorOfShards('a search', failedShards);
}
