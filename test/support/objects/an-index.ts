import type { IndexBody } from '../../../src/domain/index-body.ts';
import type { JsonObject } from '../../../src/domain/json.ts';

/** The body of a small index in the likeness of a version: `doc`, `path`, `n`, strict. */
export function anIndexBody(given: { readonly meta?: JsonObject; readonly aliases?: JsonObject } = {}): IndexBody {
  return {
    settings: { 'index.number_of_shards': 1, 'index.number_of_replicas': 0 },
    mappings: {
      dynamic: 'strict',
      _meta: given.meta ?? {},
      properties: { doc: { type: 'keyword' }, path: { type: 'keyword' }, n: { type: 'integer' } },
    },
    ...(given.aliases === undefined ? {} : { aliases: given.aliases }),
  };
}

/** Lines of a bulk request as bytes. */
export function ndjson(...lines: readonly object[]): Uint8Array {
  return Buffer.from(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
}

/** An index operation whose version is a token, as our own runs write. */
export function fencedIndex(id: string, token: number, source: object): readonly object[] {
  return [{ index: { _id: id, version: token, version_type: 'external_gte' } }, source];
}

/** A delete operation whose version is a token. */
export function fencedDelete(id: string, token: number): readonly object[] {
  return [{ delete: { _id: id, version: token, version_type: 'external_gte' } }];
}
