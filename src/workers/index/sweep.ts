import { z } from 'zod';
import { writeAliasName } from '../../engine/write-alias.ts';
import type { Documents } from '../../engine/port.ts';
import type { Run } from './apply-changes.ts';
import { BulkSender } from './bulk-sender.ts';
import { deleteOperation, type Operation } from './bulk-item.ts';
import { lookUpManifest, requireWhole, type ManifestEntry } from './manifest.ts';

const pageSize = 5000;
/** What a page is sorted by; the values come back with each hit, so no source is read. */
const sort = [{ filePath: 'asc' }, { chunk_id: 'asc' }, { git_file_hash: 'asc' }, { seq: 'asc' }];
const sortValues = z.tuple([z.string(), z.string(), z.string(), z.number()]);

type FoundChunk = { readonly filePath: string; readonly id: string; readonly oid: string; readonly seq: number };

/**
 * Deletes the chunks that no file document names: what a run left that was cut short between chunks and file documents.
 * Compares all chunks with all file documents of the refreshed version; gives the number of deleted ones.
 */
export async function sweepOrphans({ input, ports, lease, onLostReply }: Run): Promise<number> {
  const { documents, indices } = ports.engine;
  const sender = new BulkSender({
    ...ports,
    documents,
    onLostReply,
    target: writeAliasName(input.index, lease.epoch),
    bulkBytes: input.bulkBytes,
  });
  let swept = 0;
  for await (const page of chunkPages(documents, input.index)) {
    const files = await lookUpManifest(documents, input.index, [...new Set(page.map(chunk => chunk.filePath))]);
    const orphans = page.filter(chunk => !isNamed(chunk, files.get(chunk.filePath)));
    await sender.send(orphans.map((chunk): Operation => deleteOperation(chunk.id, lease.token)));
    swept += orphans.length;
  }
  if (swept > 0) await indices.refresh(input.index);
  return swept;
}

function isNamed({ oid, seq }: FoundChunk, file: ManifestEntry | undefined): boolean {
  return file !== undefined && file.oid === oid && seq < file.chunks;
}

async function* chunkPages(documents: Documents, index: string): AsyncGenerator<readonly FoundChunk[]> {
  for (let after: readonly unknown[] | undefined; ;) {
    const reply = await documents.search(index, {
      size: pageSize,
      query: { term: { doc: 'chunk' } },
      sort,
      _source: false,
      track_total_hits: false,
      ...(after && { search_after: after }),
    });
    requireWhole(reply.failedShards);
    if (reply.hits.length > 0) yield reply.hits.map(hit => chunkOf(hit.sort));
    if (reply.hits.length < pageSize) return;
    after = reply.hits.at(-1)?.sort;
  }
}

function chunkOf(values: readonly unknown[] | undefined): FoundChunk {
  const [filePath, id, oid, seq] = sortValues.parse(values);
  return { filePath, id, oid, seq };
}
