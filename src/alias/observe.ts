import type { AliasMember } from '../domain/alias-member.ts';
import { blockNamesIn, writeAliasesIn } from '../domain/fence-names.ts';
import {
  servingNumbers,
  type AliasRecord,
  type LockRecord,
  type Owner,
  type VersionMembers,
  type VersionRecord,
} from '../domain/records.ts';
import { isScratchName, membersOf, versionName, versionNamed } from '../domain/version.ts';
import type { Engine, IndexDescription, Stored } from '../engine/port.ts';
import type { EngineHands } from './engine-hands.ts';

/** What engine and settings index say of one alias. */
export type AliasSide = {
  /** Name of the settings index: the one index of ours that no alias may be named like. */
  readonly settingsIndex: string;
  readonly aliasIs: 'alias' | 'index' | 'none';
  readonly members: readonly AliasMember[];
  readonly record: AliasRecord | undefined;
  /** Records of the versions that the alias record names, and of those that have an index. */
  readonly versions: readonly VersionRecord[];
  /** Every concrete index named like a version of the alias, whoever made it, and the other members of versions. */
  readonly indices: readonly IndexDescription[];
  /** What requests tried the body of a version on and have not deleted, whoever made it. */
  readonly scratch: readonly IndexDescription[];
  /** Of an alias that no IndexedRepo declares: the other aliases of what it serves, which would move with it; else []. */
  readonly beside: readonly BesideAlias[];
};

/** An alias of an index that another alias serves, with everything behind it. */
export type BesideAlias = {
  readonly alias: string;
  readonly members: readonly AliasMember[];
  /** Whom the records name; undefined = they do not know this alias. */
  readonly owner: Owner | undefined;
};

/** What a look at all aliases of a cluster shows of each: whose it is, what it serves and should, and who holds it. */
export type AliasView = Pick<AliasSide, 'settingsIndex' | 'aliasIs' | 'members' | 'record'> & {
  readonly versions: readonly VersionMembers[];
  readonly lock: Stored<LockRecord> | undefined;
};

/** Looks at many aliases in three requests, however many they are; reads only. Answers in their order. */
export async function viewAliases(
  aliases: readonly string[],
  settingsIndex: string,
  { engine, settings }: EngineHands,
): Promise<readonly AliasView[]> {
  const [seen, records] = await Promise.all([engine.aliases.seen(aliases), settings.aliasesAndLocks(aliases)]);
  const serving = records.flatMap(({ record }) => (record ? servingNames(record.source) : []));
  const versions = Map.groupBy(await settings.versionMembers(serving), version => version.alias);
  return aliases.map((alias, at) => ({
    settingsIndex,
    aliasIs: seen[at]?.is ?? 'none',
    members: seen[at]?.members ?? [],
    record: records[at]?.record?.source,
    versions: versions.get(alias) ?? [],
    lock: records[at]?.lock,
  }));
}

/** Looks at one alias and its lock. Reads records by their ids, in real time: a listing would need a refresh each time. */
export async function observeAlias(
  alias: string,
  settingsIndex: string,
  { engine, settings }: EngineHands,
): Promise<{ readonly side: AliasSide; readonly lock: Stored<LockRecord> | undefined }> {
  const [aliasIs, members, { record: stored, lock }, found] = await Promise.all([
    engine.aliases.kindOf(alias),
    engine.aliases.members(alias),
    settings.aliasAndLock(alias),
    engine.indices.describe(`${alias}-v*`),
  ]);
  const record = stored?.source;
  // The pattern also finds the versions of `kibana-vega`.
  const named = found.filter(({ name }) => versionNamed(name)?.alias === alias);
  const numbers = new Set([
    ...(record ? [...servingNumbers(record), ...record.retired] : []),
    ...named.flatMap(({ name }) => versionNamed(name)?.number ?? []),
  ]);
  const names = [...numbers].map(number => versionName(alias, number));
  const versions = (await settings.versionsNamed(names)).filter(version => version.alias === alias);
  const indices = [...named, ...(await membersElsewhere(versions, named, engine))];
  const scratch = found.filter(({ name }) => isScratchName(alias, name));
  const side = { settingsIndex, aliasIs, members, record, versions, indices, scratch, beside: [] };
  return { side, lock };
}

/**
 * Looks at an alias that applications made, or write to: describes also what it serves when no record names that, and the
 * other aliases of it.
 */
export async function observeBareAlias(
  alias: string,
  settingsIndex: string,
  hands: EngineHands,
): ReturnType<typeof observeAlias> {
  const { side, lock } = await observeAlias(alias, settingsIndex, hands);
  const known = new Set(side.indices.map(({ name }) => name));
  const unknown = side.members.map(({ index }) => index).filter(index => !known.has(index));
  const others = unknown.length === 0 ? [] : await hands.engine.indices.describe(unknown.join(','));
  const indices = [...side.indices, ...others];
  const served = indices.filter(({ name }) => side.members.some(({ index }) => index === name));
  const names = served.flatMap(index => {
    const own = [alias, ...writeAliasesIn(index), ...blockNamesIn(index)];
    return Object.keys(index.aliases).filter(each => !own.includes(each));
  });
  return { side: { ...side, indices, beside: await besideAliases([...new Set(names)].toSorted(), hands) }, lock };
}

async function besideAliases(
  names: readonly string[],
  { engine, settings }: EngineHands,
): Promise<readonly BesideAlias[]> {
  if (names.length === 0) return [];
  const [seen, records] = await Promise.all([engine.aliases.seen(names), settings.aliasesAndLocks(names)]);
  return names.map((alias, at) => ({
    alias,
    members: seen[at]?.members ?? [],
    owner: records[at]?.record?.source.owner,
  }));
}

/**
 * Members that were not found by the pattern of their alias: they have other names, or the credentials may not see them, and
 * are not gone for that.
 */
export async function membersElsewhere(
  versions: readonly VersionRecord[],
  named: readonly IndexDescription[],
  { indices }: Pick<Engine, 'indices'>,
): Promise<readonly IndexDescription[]> {
  const known = new Set(named.map(({ name }) => name));
  const others = versions.flatMap(membersOf).filter(({ index }) => !known.has(index));
  return others.length === 0 ? [] : indices.describe(others.map(({ index }) => index).join(','));
}

function servingNames(record: AliasRecord): readonly string[] {
  return servingNumbers(record).map(number => versionName(record.alias, number));
}
