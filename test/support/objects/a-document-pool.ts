import type { JsonObject } from '../../../src/domain/json.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { DocumentPool, type PoolOptions } from '../../../src/workers/index/documents/document-pool.ts';
import type { FileDocuments } from '../../../src/workers/index/documents/documents.ts';

export const aContext = {
  repo: 'alias',
  repoUrl: 'https://git.example.org/repo.git',
  branch: '',
  indexedAt: '2026-01-01T00:00:00Z',
  token: 1,
};

/** A pool of real threads; `program` is the text of another program for them. */
export function aDocumentPool({ program, ...given }: Partial<Omit<PoolOptions, 'program'>> & { program?: string }) {
  return new DocumentPool({
    size: 2,
    clock: systemClock,
    signal: new AbortController().signal,
    ...given,
    ...(program !== undefined && { program: new URL(`data:text/javascript,${encodeURIComponent(program)}`) }),
  });
}

export const anEntry = (filePath: string) => ({ filePath, mode: '100644', oid: 'b'.repeat(40) });

/** Every document of a file, as it is sent. */
export function sourcesOf({ chunks, file }: FileDocuments): readonly JsonObject[] {
  return [...chunks, file].map(({ bytes }) => JSON.parse(bytes.toString().split('\n')[1] ?? '') as JsonObject);
}
