import type { EngineHands } from './engine-hands.ts';
import type { IndexDescription, Stored } from '../engine/port.ts';
import type { AliasMember } from '../domain/alias-member.ts';
import type { AliasRecord, LockRecord, VersionRecord } from '../domain/records.ts';
import { parseVersionName, versionName } from '../domain/versions.ts';

/** What engine and settings index say of one alias. */
export type AliasSide = {
  /** Name of the settings index: the one index of ours that no alias may be named like. */
  readonly settingsIndex: string;
  readonly aliasIs: 'alias' | 'index' | 'none';
  readonly members: readonly AliasMember[];
  readonly record: AliasRecord | undefined;
  /** Records of the versions that the alias record names, and of those that have an index. */
  readonly versions: readonly VersionRecord[];
  /** Every concrete index named like a version of the alias, whoever made it. */
  readonly indices: readonly IndexDescription[];
};

/** What a look at all aliases of a cluster shows of each: whose it is, what it serves, and who holds it. */
export type AliasView = Pick<AliasSide, 'settingsIndex' | 'aliasIs' | 'members' | 'record'> & {
  readonly lock: Stored<LockRecord> | undefined;
};

/** Looks at many aliases in two requests, however many they are; reads only. Answers in their order. */
export async function viewAliases(
  aliases: readonly string[],
  settingsIndex: string,
  { engine, settings }: EngineHands,
): Promise<readonly AliasView[]> {
  const [seen, records] = await Promise.all([engine.aliases.seen(aliases), settings.aliasesAndLocks(aliases)]);
  return aliases.map((_alias, at) => ({
    settingsIndex,
    aliasIs: seen[at]?.is ?? 'none',
    members: seen[at]?.members ?? [],
    record: records[at]?.record?.source,
    lock: records[at]?.lock,
  }));
}

/** Looks at one alias and its lock. Reads records by their ids, in real time: a listing would need a refresh each time. */
export async function observeAlias(
  alias: string,
  settingsIndex: string,
  { engine, settings }: EngineHands,
): Promise<{ readonly side: AliasSide; readonly lock: Stored<LockRecord> | undefined }> {
  const [aliasIs, members, { record: stored, lock }, named] = await Promise.all([
    engine.aliases.kindOf(alias),
    engine.aliases.members(alias),
    settings.aliasAndLock(alias),
    engine.indices.describe(`${alias}-v*`),
  ]);
  const record = stored?.source;
  // The pattern also finds the versions of `kibana-vega`.
  const indices = named.filter(index => parseVersionName(index.name)?.alias === alias);
  const numbers = record ? [record.live, record.candidate, ...record.retired].filter(number => number !== null) : [];
  const names = new Set([...numbers.map(number => versionName(alias, number)), ...indices.map(index => index.name)]);
  const versions = (await settings.versionsNamed([...names])).filter(version => version.alias === alias);
  return { side: { settingsIndex, aliasIs, members, record, versions, indices }, lock };
}
