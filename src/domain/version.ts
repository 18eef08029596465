import { createHash } from 'node:crypto';
import type { AliasMember, AliasProperties } from './alias-member.ts';
import { publicAlias } from './document-model.ts';

/** One index of a version. */
export type Member = {
  /** What it is for: `main`, or another word of lower-case letters, digits and underscores. */
  readonly role: string;
  readonly index: string;
  /** What the alias has on it. Absent: what the alias of an index that is fed from Git has. */
  readonly properties?: AliasProperties | undefined;
};

/** The member that every version has: the one that workers write into. */
export const mainRole = 'main';

/** What people and records call version `number` of an alias: `kibana`, 7 -> `kibana-v7`. */
export function versionName(alias: string, number: number): string {
  return `${alias}-v${number}`;
}

/** The name of a version that has a record. */
export function nameOf({ alias, number }: { readonly alias: string; readonly number: number }): string {
  return versionName(alias, number);
}

/** The index that is made for a member: `kibana-v7` for the main one, `kibana-v7_locations` for another. */
export function memberName(alias: string, number: number, role: string): string {
  return role === mainRole ? versionName(alias, number) : `${versionName(alias, number)}_${role}`;
}

/**
 * The index that a request tries a body on, from a hash of its uid. No version has the number 0, and no alias may be named
 * like a version: such a name is nobody else's, and what holds for `{alias}-v*` (roles, templates) holds for it.
 */
export function scratchName(alias: string, requestUid: string): string {
  const hash = createHash('sha256').update(requestUid).digest('hex').slice(0, 12);
  return `${versionName(alias, 0)}_${hash}`;
}

/** Is it named like an index that some request tried the body of a version of this alias on? */
export function isScratchName(alias: string, index: string): boolean {
  return index.startsWith(`${versionName(alias, 0)}_`);
}

/** What the name of a member is made of; undefined for any other name, `kibana-v07` and `kibana-v7_` included. */
export function versionNamed(
  index: string,
): { readonly alias: string; readonly number: number; readonly role: string } | undefined {
  const [, alias, number, role = mainRole] = /^(.+)-v([1-9][0-9]{0,14})(?:_([a-z0-9_]+))?$/.exec(index) ?? [];
  return alias === undefined ? undefined : { alias, number: Number(number), role };
}

/** The indices that a version is made of, by its record: an earlier release wrote down its only one. */
export function membersOf(record: {
  readonly index: string;
  readonly members?: readonly Member[] | undefined;
}): readonly Member[] {
  return record.members ?? [{ role: mainRole, index: record.index }];
}

/** The members of a version of which no record is left: those of these indices that are named so, and the main one. */
export function membersNamed(alias: string, number: number, indices: readonly string[]): readonly Member[] {
  const main = { role: mainRole, index: memberName(alias, number, mainRole) };
  const others = indices.flatMap(index => {
    const named = versionNamed(index);
    const isOther = named?.alias === alias && named.number === number && named.role !== mainRole;
    return isOther ? [{ role: named.role, index }] : [];
  });
  return [main, ...others];
}

/** What an alias has behind it while it serves the version of these members. */
export function servedBy(members: readonly Member[]): readonly AliasMember[] {
  return members.map(({ index, properties = publicAlias }) => ({ index, properties }));
}
