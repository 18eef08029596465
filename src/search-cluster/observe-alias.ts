import type { EngineHands } from '../plan/apply-engine.ts';
import { versionName } from '../domain/versions.ts';
import type { AliasMember } from '../engine/port.ts';
import type { AliasRecord, VersionRecord } from '../engine/settings-port.ts';

/** What engine and settings index say of one alias. */
export type AliasSide = {
  readonly aliasIs: 'alias' | 'index' | 'none';
  readonly members: readonly AliasMember[];
  readonly record: AliasRecord | undefined;
  readonly versions: readonly VersionRecord[];
};

/** Reads records by their ids, in real time: a listing would need a refresh of the settings index at every look. */
export async function observeAlias(alias: string, { engine, settings }: EngineHands): Promise<AliasSide> {
  const [aliasIs, members, stored] = await Promise.all([
    engine.aliases.kindOf(alias),
    engine.aliases.members(alias),
    settings.aliasRecord(alias),
  ]);
  const record = stored?.source;
  const numbers = record ? [record.live, record.candidate, ...record.retired].filter(number => number !== null) : [];
  const versions = await Promise.all(numbers.map(async number => settings.versionRecord(versionName(alias, number))));
  return { aliasIs, members, record, versions: versions.flatMap(version => version?.source ?? []) };
}
