import type { JsonObject } from '../../../src/domain/json.ts';
import type { Engine } from '../../../src/engine/port.ts';

/** Fields that two ways to the same commit may differ in; the document version is not a field at all. */
export const leftOutOfComparison: readonly string[] = ['indexed_at'];

export type Dump = { readonly files: readonly JsonObject[]; readonly chunks: readonly JsonObject[] };

const pageSize = 2000;

/** Every document of a version with its id, sorted, without {@link leftOutOfComparison}. */
export async function dumpVersion(engine: Engine, index: string): Promise<Dump> {
  await engine.indices.refresh(index);
  const files = await all(engine, index, { term: { doc: 'file' } }, ['filePath']);
  const chunks = await all(engine, index, { term: { doc: 'chunk' } }, ['filePath', 'seq']);
  return { files, chunks };
}

async function all(
  engine: Engine,
  index: string,
  query: JsonObject,
  order: readonly string[],
): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = [];
  let after: readonly unknown[] | undefined;
  do {
    const page = await engine.documents.search(index, {
      query,
      size: pageSize,
      sort: order,
      ...(after && { search_after: after }),
    });
    found.push(...page.hits.map(hit => ({ _id: hit.id, ...without(hit.source) })));
    after = page.hits.at(-1)?.sort;
  } while (after !== undefined);
  return found;
}

function without(source: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(source).filter(([field]) => !leftOutOfComparison.includes(field)));
}
