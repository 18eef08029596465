import { TerminalError } from '../domain/errors.ts';
import { isBare, ownerName } from '../domain/owner-name.ts';
import { isBuiltFromGit, type AliasRecord, type Lease, type Owner, type VersionRecord } from '../domain/records.ts';
import { shortRef } from '../domain/ref.ts';
import { membersOf, versionName } from '../domain/version.ts';
import type { Engine } from '../engine/port.ts';
import { readSkipCounts, skipText, type SkipCounts } from '../workers/index/verify/skips.ts';
import type { CliContext } from './context.ts';
import { nearestName } from '../domain/nearest.ts';

/** `reindeer status ALIAS`: what is live, from which commit, who holds it, what else is kept. */
export async function statusVerb(context: CliContext, alias: string): Promise<number> {
  const { engine, settings, output } = context;
  const { record: found, lock } = await settings.aliasAndLock(alias);
  if (found === undefined) throw await unknownAlias(context, alias);
  const { source: record } = found;
  const live = record.live === null ? undefined : await settings.versionRecord(versionName(alias, record.live));
  const skips = live === undefined || !isBuiltFromGit(live.source) ? {} : await skipsOf(engine, live.source.index);
  for (const [name, value] of statusRows(record, live && { ...live.source, skips }, lock?.source.lease))
    output.line(`${name.padEnd(12)}${value}`);
  return 0;
}

/** What is recorded can be told also of an index that somebody deleted. */
async function skipsOf(engine: Engine, index: string): Promise<SkipCounts> {
  const [found] = await engine.indices.describe(index);
  return found === undefined ? {} : readSkipCounts(engine, index);
}

/** An alias behind which nothing can be searched: unfinished, or unknown, with the one that was probably meant. */
export async function unknownAlias({ settings }: CliContext, alias: string): Promise<TerminalError> {
  const known = (await settings.aliasRecords()).map(record => record.alias);
  if (known.includes(alias)) {
    const what = `no version serves "${alias}": its first run has not ended`;
    return new TerminalError('NoLiveVersion', `${what}; \`reindeer status ${alias}\` says more`);
  }
  const near = nearestName(alias, known);
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
  return [
    ['alias', record.alias],
    ['owner', ownerOf(record.owner)],
    ['live', record.live === null ? 'no version yet' : `version ${record.live}`],
    ...(live === undefined ? [] : liveRows(live)),
    ...(record.candidate === null ? [] : [['candidate', `version ${record.candidate}`] as const]),
    ['retired', record.retired.length === 0 ? 'none' : record.retired.map(number => `version ${number}`).join(', ')],
    ['lock', lockText(lock)],
  ];
}

function ownerOf(owner: Owner): string {
  if (owner.namespace === '' || isBare(owner)) return ownerName(owner);
  return `${owner.namespace}/${owner.name}`;
}

function liveRows(live: ShownVersion): readonly (readonly [string, string])[] {
  if (!isBuiltFromGit(live)) {
    const indices = membersOf(live).map(({ index }) => index);
    return [
      ['indices', indices.join(', ')],
      ['since', live.since],
    ];
  }
  return [
    ['repository', live.repoUrl],
    ...(live.folder === undefined ? [] : [['folder', live.folder] as const]),
    ['branch', branchText(live)],
    ['commit', live.commit ?? 'none verified yet'],
    ['files', `${live.files}, ${live.skipped} of them skipped`],
    ...(live.skipped === 0 ? [] : [['skipped', skipText(live.skips)] as const]),
    ['chunks', String(live.chunks)],
    ['last run', live.clean ? 'ended well' : 'did not end well: the next one compares everything'],
  ];
}

/** `HEAD (main)`: what HEAD stood for when it was indexed. */
function branchText({ branch, head }: VersionRecord): string {
  if (branch !== '') return branch;
  return head === undefined || head === 'HEAD' ? 'HEAD' : `HEAD (${shortRef(head)})`;
}

function lockText(lock: Lease | undefined): string {
  return lock?.held === true ? `held by ${lock.holder?.name ?? 'somebody'}` : 'free';
}
