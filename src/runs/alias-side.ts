import type { VersionSet } from '../alias/version-set.ts';
import type { JsonObject } from '../domain/json.ts';
import { mainRole, servedBy } from '../domain/version.ts';

/** One version as the alias shows it, or will: where it is searched, and through which filter. */
export type AliasSide = { readonly index: string; readonly filter: JsonObject | undefined };

export function aliasSide({ members }: VersionSet): AliasSide | undefined {
  const main = members.find(({ role }) => role === mainRole);
  return servedBy(main ? [main] : []).map(({ index, properties }) => ({ index, filter: properties.filter }))[0];
}

/** What a search through the alias asks of the index itself. */
export function throughFilter({ filter }: AliasSide, query: JsonObject): JsonObject {
  return filter ? { bool: { must: [query], filter: [filter] } } : query;
}
