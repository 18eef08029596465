import type { VersionRecord } from '../domain/records.ts';
import { membersNamed, membersOf, type Member } from '../domain/version.ts';
import type { IndexDescription } from '../engine/port.ts';
import type { AliasSide } from './observe.ts';

/** One version: the indices that it is made of, and those of them that are there. */
export type VersionSet = {
  readonly number: number;
  readonly record: VersionRecord | undefined;
  readonly members: readonly Member[];
  readonly indices: readonly IndexDescription[];
  /** None of its indices is missing. */
  readonly isWhole: boolean;
};

/** A version by its number. Where its record is lost, the names of indices say what it is made of. */
export function versionSet(
  { versions, indices }: Pick<AliasSide, 'versions' | 'indices'>,
  alias: string,
  number: number,
): VersionSet {
  const record = versions.find(version => version.number === number);
  const names = indices.map(({ name }) => name);
  const members = record ? membersOf(record) : membersNamed(alias, number, names);
  const found = indices.filter(({ name }) => members.some(({ index }) => index === name));
  return { number, record, members, indices: found, isWhole: found.length === members.length };
}
