import type { JsonObject } from '../../../domain/json.ts';
import { AnswerTooLargeError, errorOfShards } from '../../../engine/errors.ts';
import type { Documents, Hit } from '../../../engine/port.ts';

/** Below `index.max_result_window`; of usual paths about a megabyte of answer. */
const mostHits = 5000;

/**
 * All that a query finds, page by page in the order of its `sort`, which must tell any two documents apart. Where an answer is
 * larger than is read, a smaller page is asked for: paths are up to 12 kB long, and an author may have thousands of them.
 */
export async function* readPages(
  documents: Documents,
  index: string,
  body: JsonObject,
): AsyncGenerator<readonly Hit[]> {
  let size = mostHits;
  for (let after: readonly unknown[] | undefined; ;) {
    const asked = { ...body, size, track_total_hits: false, ...(after && { search_after: after }) };
    const reply = await documents.search(index, asked).catch((error: unknown) => {
      if (error instanceof AnswerTooLargeError && size > 1) return undefined;
      throw error;
    });
    if (reply === undefined) {
      size = Math.ceil(size / 4);
      continue;
    }
    requireWhole(reply.failedShards);
    if (reply.hits.length > 0) yield reply.hits;
    if (reply.hits.length < size) return;
    after = reply.hits.at(-1)?.sort;
    size = Math.min(size * 2, mostHits);
  }
}

/** A page of some shards only would look like deleted files. */
export function requireWhole(failedShards: number): void {
  if (failedShards > 0) throw errorOfShards('a search', failedShards);
}
