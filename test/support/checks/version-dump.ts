import type { JsonObject } from '../../../src/domain/json.ts';
import type { Engine } from '../../../src/engine/port.ts';

/** What two versions of the same tree may differ in: when they were written. The document version is no field. */
export const leftOutOfComparison: readonly string[] = ['indexed_at'];

/** One document as two versions are compared by: its id, and everything that it holds but {@link leftOutOfComparison}. */
export type DumpedDocument = { readonly id: string; readonly source: JsonObject };

const pageSize = 1000;

/** Every document of a version, by id. Refreshes first. Reads through the concrete index: an alias may filter. */
export async function dumpVersion(engine: Engine, index: string): Promise<readonly DumpedDocument[]> {
  await engine.indices.refresh(index);
  const found: DumpedDocument[] = [];
  for (let after: readonly unknown[] | undefined; ;) {
    const { hits } = await engine.documents.search(index, {
      size: pageSize,
      // A chunk by its own id, the one file document of a path first: it has no number.
      sort: [{ filePath: 'asc' }, { doc: 'asc' }, { git_file_hash: 'asc' }, { seq: { order: 'asc', missing: -1 } }],
      ...(after && { search_after: after }),
    });
    for (const hit of hits) found.push({ id: hit.id, source: withoutTimes(hit.source) });
    if (hits.length < pageSize) break;
    after = hits.at(-1)?.sort;
  }
  return found.sort((one, other) => (one.id < other.id ? -1 : 1));
}

function withoutTimes(source: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(source).filter(([field]) => !leftOutOfComparison.includes(field)));
}
