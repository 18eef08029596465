import { membersElsewhere } from '../alias/observe.ts';
import type { AliasRecord, Lease, LockRecord, RunRecord, VersionRecord } from '../domain/records.ts';
import { versionName } from '../domain/version.ts';
import type { Stored } from '../engine/port.ts';
import { writeAliasesIn } from '../domain/fence-names.ts';
import type { CliContext } from './context.ts';
import { unknownAlias } from './status.ts';

/** A version as far as it matters who writes into it. */
export type VersionLook = {
  readonly version: Stored<VersionRecord>;
  /** One while nobody takes the version over, none when the index is gone. */
  readonly writeAliases: readonly string[];
  readonly hasIndex: boolean;
  /** What the holder of the writer lease says of its own run, by its own clock. */
  readonly run: RunRecord | undefined;
};

/** Everything that is held behind one alias, as it stood at one moment. */
export type LockLook = {
  readonly record: AliasRecord;
  readonly lock: Stored<LockRecord> | undefined;
  readonly lockRun: RunRecord | undefined;
  /** By number. */
  readonly versions: readonly VersionLook[];
  /** No token that was ever given out is larger: what records and indices say between them. */
  readonly highestToken: number;
};

/** Reads lock, writers and write aliases of one alias. Throws what `reindeer status` throws for an unknown one. */
export async function lookAtLock(context: CliContext, alias: string): Promise<LockLook> {
  const { settings, engine } = context;
  const { record: found, lock } = await settings.aliasAndLock(alias);
  if (found === undefined) throw await unknownAlias(context, alias);
  const named = await engine.indices.describe(`${alias}-v*`);
  const records = await settings.versionRecords(alias);
  const indices = [...named, ...(await membersElsewhere(records, named, engine))];
  const versions = await Promise.all(
    records.map(async ({ index, number }) => {
      const version = await settings.versionRecord(versionName(alias, number));
      const description = indices.find(each => each.name === index);
      return version && { version, ...aliasesOf(description), run: await runOf(context, version.source.writer) };
    }),
  );
  const tokens = indices.map(({ meta }) => Number(meta['token'] ?? 0)).filter(Number.isFinite);
  const looks = versions.filter(version => version !== undefined);
  return {
    record: found.source,
    lock,
    lockRun: await runOf(context, lock?.source.lease),
    versions: looks,
    highestToken: Math.max(
      0,
      found.source.tokenCounter,
      lock?.source.lease.token ?? 0,
      ...looks.map(({ version }) => version.source.writer.token),
      ...tokens,
    ),
  };
}

function aliasesOf(index: Parameters<typeof writeAliasesIn>[0] | undefined) {
  return { hasIndex: index !== undefined, writeAliases: index === undefined ? [] : writeAliasesIn(index) };
}

/** A worker's run carries the uid of its Job, which is the uid of the holder too; a ReindexRequest has no run itself. */
async function runOf({ settings }: CliContext, lease: Lease | undefined): Promise<RunRecord | undefined> {
  return lease?.held === true && lease.holder ? settings.runRecord(lease.holder.uid) : undefined;
}
