import type { BreakNote, Lease, Owner, ReleaseNote, RunRecord } from '../domain/records.ts';
import { isBare, ownerName } from '../domain/owner-name.ts';
import type { Stand } from '../engine/port.ts';
import type { CliContext } from './context.ts';
import { lookAtLock, type LockLook, type VersionLook } from './lock-look.ts';
import { table } from './output.ts';

/**
 * `reindeer lock show ALIAS`: who holds what behind an alias. With a watch it looks twice, which is the only way to tell
 * a dead holder from a quiet one: clocks of two machines say nothing about each other.
 */
export async function lockShowVerb(context: CliContext, alias: string, watchSeconds: number): Promise<number> {
  const first = await lookAtLock(context, alias);
  if (watchSeconds === 0) return tell(context, lockLines(first));
  context.output.note(`watching for ${watchSeconds} s whether anything is renewed ...`);
  await context.clock.sleep(watchSeconds * 1000, context.signal);
  context.signal.throwIfAborted();
  const second = await lookAtLock(context, alias);
  return tell(context, lockLines(second, { before: first, seconds: watchSeconds }));
}

function tell({ output }: CliContext, lines: readonly string[]): number {
  for (const line of lines) output.line(line);
  return 0;
}

/** What was seen some seconds earlier. */
type Watch = { readonly before: LockLook; readonly seconds: number };

/** Names and values, then a table of the versions. Pure. */
export function lockLines(look: LockLook, watch?: Watch): readonly string[] {
  const rows = [
    ['alias', look.record.alias],
    ['owner', ownerText(look.record.owner)],
    ...lockRows(look, watch),
    ...(look.record.released ? [['last owner', releaseText(look.record.released)]] : []),
    ...(look.lock?.source.broken ? [['last broken', breakText(look.lock.source.broken)]] : []),
  ];
  const versions = look.versions.map(version => versionRow(version, watch));
  const head = ['VERSION', 'PHASE', 'WRITER', 'TOKEN', 'EPOCH', 'SINCE', 'RENEWED', 'WRITE ALIAS'];
  return [
    ...rows.map(([name = '', value = '']) => `${name.padEnd(12)}${value}`),
    ...(versions.length > 0 ? ['', ...table(head, versions)] : []),
  ];
}

export function ownerText(owner: Owner): string {
  if (owner.uid === '') return `nobody: the next ${heirOf(owner)} the alias gets it`;
  return `${ownerName(owner)} (uid ${owner.uid})`;
}

/** Who gets what an owner lets go, up to the word that names it. */
export function heirOf(owner: Owner): string {
  return isBare(owner) ? 'request that adopts' : 'IndexedRepo that declares';
}

function lockRows(look: LockLook, watch: Watch | undefined): readonly (readonly string[])[] {
  const lease = look.lock?.source.lease;
  if (lease === undefined) return [['lock', 'free, and was never held']];
  const counters = [
    ['token', String(lease.token)],
    ['epoch', String(lease.epoch)],
  ];
  if (!lease.held) return [['lock', 'free'], ...counters];
  return [
    ['lock', `held by ${holderText(lease)} (${lease.holder?.kind ?? 'External'})`],
    ...counters,
    ['since', look.lockRun ? ownClock(look.lockRun) : statusHint(look.record.owner)],
    ['renewed', renewalText({ lease, stand: look.lock?.stand }, watch && lockStand(watch), watch)],
  ];
}

export function holderText({ holder }: Pick<Lease, 'holder'>): string {
  return holder === null || holder.name === '' ? 'somebody' : holder.name;
}

/** The settings index knows no time of a grant; the operator noted when it first saw this token. */
function statusHint(owner: Owner): string {
  const { namespace, name } = owner;
  return namespace === '' || isBare(owner)
    ? 'not known'
    : `not recorded here: status.lock.since of IndexedRepo ${namespace}/${name} says when the operator saw it`;
}

function ownClock({ started, heartbeat, done, total }: RunRecord): string {
  return `${started} by its own clock, ${done} of ${total} files, last sign ${heartbeat}`;
}

type Standing = { readonly lease: Lease; readonly stand: Stand | undefined };

function lockStand({ before }: Watch): Standing | undefined {
  return before.lock && { lease: before.lock.source.lease, stand: before.lock.stand };
}

/** Whether the record of a held lease moved while it was watched. */
function renewalText(now: Standing, before: Standing | undefined, watch: Watch | undefined): string {
  if (watch === undefined) return 'not watched: --watch SECONDS tells whether its holder is alive';
  if (before?.lease.token !== now.lease.token || !before.lease.held) return 'changed hands while it was watched';
  if (before.stand?.seqNo !== now.stand?.seqNo) return `yes, within ${watch.seconds} s: its holder is alive`;
  return `not in ${watch.seconds} s of a ${now.lease.leaseSeconds} s lease`;
}

function versionRow({ version, writeAliases, run, hasIndex }: VersionLook, watch: Watch | undefined): string[] {
  const { index, phase, writer } = version.source;
  const earlier = watch?.before.versions.find(each => each.version.source.index === index)?.version;
  const before = earlier && { lease: earlier.source.writer, stand: earlier.stand };
  const renewed = renewalText({ lease: writer, stand: version.stand }, before, watch);
  return [
    index,
    phase,
    writer.held ? `${holderText(writer)} (${writer.holder?.kind ?? 'External'})` : 'free',
    String(writer.token),
    String(writer.epoch),
    run?.started ?? '-',
    writer.held && watch !== undefined ? renewed : '-',
    writeAliases.join(', ') || (hasIndex ? 'none' : 'none: the index is gone'),
  ];
}

function releaseText({ at, by, reason, owner }: ReleaseNote): string {
  return `${ownerText(owner)}, let go ${at} by ${by}: ${reason}`;
}

function breakText({ at, by, reason, held }: BreakNote): string {
  const from = held.map(({ of, holder }) => `${of} of ${holderText({ holder })}`).join(', ');
  return `${at} by ${by}: ${reason} (${from})`;
}
