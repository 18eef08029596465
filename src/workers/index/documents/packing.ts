import type { FileDocuments } from './documents.ts';
import type { PackedDocuments } from './thread-message.ts';

/** Carries out all the work that `chunks` puts off, and puts the result into one buffer. */
export function packed({ state, chunks, file, fellBack }: FileDocuments): PackedDocuments {
  const operations = [...chunks, file];
  let length = 0;
  const ends = operations.map(({ bytes }) => (length += bytes.length));
  const bytes = new Uint8Array(length);
  for (const [i, operation] of operations.entries()) bytes.set(operation.bytes, i === 0 ? 0 : ends[i - 1]);
  const ids = operations.map(({ id }) => id);
  return { state, fellBack, fileId: file.id, chunkIds: ids.slice(0, -1), ends, bytes };
}

/** The documents again; their bytes are parts of the one buffer. */
export function unpacked({ state, fellBack, fileId, chunkIds, ends, bytes }: PackedDocuments): FileDocuments {
  const part = (i: number) => {
    const start = i === 0 ? 0 : (ends[i - 1] ?? 0);
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, (ends[i] ?? 0) - start);
  };
  return {
    state,
    fellBack,
    chunkCount: chunkIds.length,
    chunks: chunkIds.map((id, i) => ({ id, bytes: part(i) })),
    file: { id: fileId, bytes: part(chunkIds.length) },
  };
}
