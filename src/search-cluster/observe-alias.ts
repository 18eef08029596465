import type { EngineHands } from '../plan/apply-engine.ts';
import type { AliasMember } from '../engine/port.ts';
import type { AliasRecord, VersionRecord } from '../engine/settings-port.ts';

/** What engine and settings index say of one alias. */
export type AliasSide = {
  readonly aliasIs: 'alias' | 'index' | 'none';
  readonly members: readonly AliasMember[];
  readonly record: AliasRecord | undefined;
  readonly versions: readonly VersionRecord[];
};

export async function observeAlias(alias: string, { engine, settings }: EngineHands): Promise<AliasSide> {
  const [aliasIs, members, record, versions] = await Promise.all([
    engine.aliases.kindOf(alias),
    engine.aliases.members(alias),
    settings.aliasRecord(alias),
    settings.versionRecords(alias),
  ]);
  return { aliasIs, members, record: record?.source, versions };
}
