import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from './json.ts';

/** What an alias has on one of its members. Engines leave out what is false or absent. */
export type AliasProperties = {
  readonly filter?: JsonObject | undefined;
  readonly is_hidden?: boolean | undefined;
  readonly is_write_index?: boolean | undefined;
  readonly index_routing?: string | undefined;
  readonly search_routing?: string | undefined;
};

export type AliasMember = { readonly index: string; readonly properties: AliasProperties };

/** Are these the same properties, whatever of them is left out? */
export function sameProperties(one: AliasProperties, other: AliasProperties): boolean {
  const fields = ['filter', 'is_hidden', 'is_write_index', 'index_routing', 'search_routing'] as const;
  return fields.every(field => isDeepStrictEqual(one[field] ?? false, other[field] ?? false));
}

/** Does an alias serve exactly these members, each with exactly these properties? Their order means nothing. */
export function isServed(found: readonly AliasMember[], wanted: readonly AliasMember[]): boolean {
  if (found.length !== wanted.length) return false;
  return wanted.every(({ index, properties }) => {
    const member = found.find(each => each.index === index);
    return member !== undefined && sameProperties(member.properties, properties);
  });
}
