import { z } from 'zod';
import type { Documents } from '../../engine/port.ts';
import { deleteOperation } from '../bulk/operation.ts';
import { fileId } from './documents/documents.ts';
import { openWriter } from './open-writer.ts';
import type { Run } from './run.ts';
import { readManifest, type ManifestEntry } from './tree/manifest.ts';
import { readPages } from './tree/pages.ts';
import { withinPartition, type Partition } from './tree/partition.ts';

/** What a page is sorted by; the values come back with each hit, so no source is read. */
const sort = [{ filePath: 'asc' }, { chunk_id: 'asc' }, { git_file_hash: 'asc' }, { seq: 'asc' }];
const sortValues = z.tuple([z.string(), z.string(), z.string(), z.number()]);

/** A chunk as far as it says which file it belongs to. */
export type FoundChunk = { readonly filePath: string; readonly id: string; readonly oid: string; readonly seq: number };

/**
 * Makes a refreshed version (of a partition: its part) consistent in itself after a run that was cut short: chunks that no
 * file document names go,
 * and a file that lacks a chunk goes as a whole, so that the comparison with the tree writes it again. Reads all chunks
 * and all file documents once; gives the number of documents that were deleted.
 */
export async function mend(run: Run): Promise<number> {
  const { input, ports, lease } = run;
  const { documents, indices } = ports.engine;
  const writer = openWriter(run, () => undefined);
  let deleted = 0;
  const { index, partition } = input;
  const files = joined(
    flat(readManifest(documents, index, partition)),
    byFile(chunkPages(documents, index, partition)),
  );
  for await (const { filePath, file, chunks } of files) {
    const { surplus, isFileBroken } = diagnosis(file, chunks);
    if (surplus.length === 0 && !isFileBroken) continue;
    deleted += surplus.length + (isFileBroken ? 1 : 0);
    await writer.write({
      filePath,
      chunks: [],
      stale: surplus.map(chunk => deleteOperation(chunk.id, lease.token)),
      ...(isFileBroken && { document: deleteOperation(fileId(input.alias, filePath), lease.token) }),
    });
  }
  await writer.finish();
  if (deleted > 0) await indices.refresh(input.index);
  return deleted;
}

/** What has to go of one path: chunks that its file document does not name, or all of it when a chunk is missing. Pure. */
export function diagnosis(
  file: ManifestEntry | undefined,
  chunks: readonly FoundChunk[],
): { readonly surplus: readonly FoundChunk[]; readonly isFileBroken: boolean } {
  if (file === undefined) return { surplus: chunks, isFileBroken: false };
  const isNamed = (chunk: FoundChunk): boolean => chunk.oid === file.oid && chunk.seq < file.chunks;
  if (chunks.filter(isNamed).length < file.chunks) return { surplus: chunks, isFileBroken: true };
  return { surplus: chunks.filter(chunk => !isNamed(chunk)), isFileBroken: false };
}

type FileChunks = { readonly filePath: string; readonly chunks: readonly FoundChunk[] };
type Joined = FileChunks & { readonly file: ManifestEntry | undefined };

/** Both sides sorted by path as the engine sorts; every path of either comes out once. */
async function* joined(files: AsyncIterator<ManifestEntry>, chunks: AsyncIterator<FileChunks>): AsyncGenerator<Joined> {
  let file = await nextOf(files);
  let group = await nextOf(chunks);
  while (file !== undefined || group !== undefined) {
    const order = compare(file?.filePath, group?.filePath);
    const filePath = (order <= 0 ? file?.filePath : group?.filePath) ?? '';
    yield { filePath, file: order <= 0 ? file : undefined, chunks: order >= 0 ? (group?.chunks ?? []) : [] };
    if (order <= 0) file = await nextOf(files);
    if (order >= 0) group = await nextOf(chunks);
  }
}

async function nextOf<T>(iterator: AsyncIterator<T>): Promise<T | undefined> {
  const next = await iterator.next();
  return next.done === true ? undefined : next.value;
}

/** By UTF-8 bytes, as the engine sorts; the end comes last. */
function compare(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function* flat<T>(pages: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const page of pages) yield* page;
}

async function* byFile(pages: AsyncIterable<readonly FoundChunk[]>): AsyncGenerator<FileChunks> {
  let group: FoundChunk[] = [];
  for await (const chunk of flat(pages)) {
    const filePath = group[0]?.filePath;
    if (filePath !== undefined && filePath !== chunk.filePath) {
      yield { filePath, chunks: group };
      group = [];
    }
    group.push(chunk);
  }
  const last = group[0]?.filePath;
  if (last !== undefined) yield { filePath: last, chunks: group };
}

async function* chunkPages(
  documents: Documents,
  index: string,
  partition: Partition | undefined,
): AsyncGenerator<readonly FoundChunk[]> {
  const query = withinPartition({ term: { doc: 'chunk' } }, partition);
  for await (const hits of readPages(documents, index, { query, sort, _source: false })) {
    yield hits.map(hit => chunkOf(hit.sort));
  }
}

function chunkOf(values: readonly unknown[] | undefined): FoundChunk {
  const [filePath, id, oid, seq] = sortValues.parse(values);
  return { filePath, id, oid, seq };
}
