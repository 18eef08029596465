import { TerminalError } from '../domain/errors.ts';
import { versionName } from '../domain/versions.ts';
import type { Engine } from '../engine/port.ts';
import type { AliasRecord, Lease, VersionRecord } from '../engine/settings-port.ts';
import type { CliContext } from './context.ts';
import { readSkipCounts, skipText, type SkipCounts } from '../workers/index/skips.ts';
import { nearestAlias } from './nearest.ts';

/** `reindeer status ALIAS`: what is live, from which commit, who holds it, what else is kept. */
export async function statusVerb(context: CliContext, alias: string): Promise<number> {
  const { engine, settings, output } = context;
  const { record: found, lock } = await settings.aliasAndLock(alias);
  if (found === undefined) throw await unknownAlias(context, alias);
  const { source: record } = found;
  const live = record.live === null ? undefined : await settings.versionRecord(versionName(alias, record.live));
  const skips = live === undefined ? {} : await skipsOf(engine, live.source.index);
  for (const [name, value] of statusRows(record, live && { ...live.source, skips }, lock?.source.lease))
    output.line(`${name.padEnd(12)}${value}`);
  return 0;
}

/** What is recorded can be told also of an index that somebody deleted. */
async function skipsOf(engine: Engine, index: string): Promise<SkipCounts> {
  const [found] = await engine.indices.describe(index);
  return found === undefined ? {} : readSkipCounts(engine, index);
}

/** An alias that nobody indexed, with the one that was probably meant. */
export async function unknownAlias({ settings }: CliContext, alias: string): Promise<TerminalError> {
  const near = nearestAlias(
    alias,
    (await settings.aliasRecords()).map(record => record.alias),
  );
  const meant = near === undefined ? '' : `; did you mean "${near}"?`;
  return new TerminalError('NoLiveVersion', `nothing is indexed under "${alias}"${meant}`);
}

type ShownVersion = VersionRecord & { readonly skips: SkipCounts };

/** Names and values in the order that they are printed. Pure. */
export function statusRows(
  record: AliasRecord,
  live: ShownVersion | undefined,
  lock: Lease | undefined,
): readonly (readonly [string, string])[] {
  const owner = record.owner.namespace === '' ? record.owner.name : `${record.owner.namespace}/${record.owner.name}`;
  return [
    ['alias', record.alias],
    ['owner', owner],
    ['live', record.live === null ? 'no version yet' : `version ${record.live}`],
    ...(live === undefined ? [] : liveRows(live)),
    ...(record.candidate === null ? [] : [['candidate', `version ${record.candidate}`] as const]),
    ['retired', record.retired.length === 0 ? 'none' : record.retired.map(number => `version ${number}`).join(', ')],
    ['lock', lockText(lock)],
  ];
}

function liveRows(live: ShownVersion): readonly (readonly [string, string])[] {
  return [
    ['repository', live.repoUrl],
    ['branch', live.branch === '' ? 'HEAD' : live.branch],
    ['commit', live.commit ?? 'none verified yet'],
    ['files', `${live.files}, ${live.skipped} of them skipped`],
    ...(live.skipped === 0 ? [] : [['skipped', skipText(live.skips)] as const]),
    ['chunks', String(live.chunks)],
    ['last run', live.clean ? 'ended well' : 'did not end well: the next one compares everything'],
  ];
}

function lockText(lock: Lease | undefined): string {
  return lock?.held === true ? `held by ${lock.holder?.name ?? 'somebody'}` : 'free';
}
