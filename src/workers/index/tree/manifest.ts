import { z } from 'zod';
import type { JsonObject } from '../../../domain/json.ts';
import type { Documents } from '../../../engine/port.ts';
import { readPages, requireWhole } from './pages.ts';
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

/** Terms in one query; the engine allows 65,536. */
const lookupSize = 5000;
/** Of all paths in one query, in UTF-16 units: the answer repeats them, and is bounded too. */
const lookupLength = 2 * 1024 * 1024;
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
  const query = withinPartition(isFile, partition);
  const pages = readPages(documents, index, { query, sort: [{ filePath: 'asc' }], _source: fields });
  for await (const hits of pages) yield hits.map(hit => entryOf(hit.source));
}

/** The file documents of these paths; a path without one is left out. */
export async function lookUpManifest(
  documents: Documents,
  index: string,
  filePaths: readonly string[],
): Promise<ReadonlyMap<string, ManifestEntry>> {
  const found = new Map<string, ManifestEntry>();
  for (const some of lookups(filePaths)) {
    const filter = [isFile, { terms: { filePath: some } }];
    const body = { size: some.length, query: { bool: { filter } }, _source: fields, track_total_hits: false };
    const reply = await documents.search(index, body);
    requireWhole(reply.failedShards);
    for (const entry of reply.hits.map(hit => entryOf(hit.source))) found.set(entry.filePath, entry);
  }
  return found;
}

/** The paths in groups, each for one query. */
function lookups(filePaths: readonly string[]): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let length = lookupLength;
  for (const filePath of filePaths) {
    const group = groups.at(-1);
    length += filePath.length;
    if (group === undefined || group.length === lookupSize || length > lookupLength) {
      groups.push([filePath]);
      length = filePath.length;
    } else {
      group.push(filePath);
    }
  }
  return groups;
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
