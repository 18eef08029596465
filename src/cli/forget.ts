import { exitCodes } from '../api/exit-codes.ts';
import { isBare } from '../domain/owner-name.ts';
import type { AliasRecord } from '../domain/records.ts';
import { versionName } from '../domain/version.ts';
import { cliOwnerUid, type CliContext } from './context.ts';
import { deleteVersion } from './delete-version.ts';
import { heldLeases } from './lock-break.ts';
import { lookAtLock, type LockLook } from './lock-look.ts';
import { holderText, ownerText } from './lock-show.ts';
import { holderOf } from './index-run.ts';
import { lockLeaseSeconds, takeLock } from './take-lock.ts';

/**
 * `reindeer forget ALIAS`: removes what a run that failed, or an alias that was taken off by hand, has left: versions of the
 * command line, and the claim. Refused (exit code 80) for what serves, for another owner, and while anybody is at work.
 */
export async function forgetVerb(context: CliContext, alias: string): Promise<number> {
  const { output, settings, engine } = context;
  const look = await lookAtLock(context, alias);
  const serving = (await engine.aliases.members(alias)).map(member => member.index);
  const why = whyNot(look, serving);
  if (why !== undefined) {
    output.note(`${why}; nothing was done`);
    return exitCodes.lockLost;
  }
  const lock = await takeLock(context, alias);
  try {
    for (const number of versionsOf(look.record)) await deleteVersion(context, alias, number);
    await settings.forgetAlias(alias, cliOwnerUid);
  } finally {
    await lock.release().catch(() => lock.abandon());
  }
  output.line(`${alias} is forgotten`);
  return exitCodes.done;
}

/** Why an alias is not to be forgotten, and what to do instead. Pure. */
export function whyNot(look: LockLook, serving: readonly string[]): string | undefined {
  const { alias, owner } = look.record;
  if (owner.uid !== cliOwnerUid) {
    const instead = owner.namespace === '' || isBare(owner) ? '' : ': delete that object instead';
    return `${alias} belongs to ${ownerText(owner)}${instead}`;
  }
  const [first] = serving;
  if (first !== undefined)
    return `${alias} serves ${serving.join(', ')}: take the alias off first (DELETE /${first}/_alias/${alias})`;
  const [held] = heldLeases(look);
  return held && `${holderText(held)} is at work behind ${alias}`;
}

function versionsOf({ live, candidate, retired }: AliasRecord): readonly number[] {
  return [live, candidate, ...retired].filter(number => number !== null);
}

/**
 * After a run that ended badly: gives an alias back behind which nothing was built, unless somebody is at work there. A
 * candidate that holds something is gone on with the next time.
 */
export async function giveBack(context: CliContext, alias: string): Promise<void> {
  const { settings } = context;
  const [of, holder] = [{ of: 'alias', alias } as const, holderOf(context)];
  const lock = await settings.acquire(of, holder, { leaseSeconds: lockLeaseSeconds, tokenFloor: 0 });
  if (lock.is !== 'granted') return;
  try {
    await forgetEmpty(context, alias);
  } finally {
    await settings.release(of, holder, lock.lease.token);
  }
}

async function forgetEmpty(context: CliContext, alias: string): Promise<void> {
  const { settings } = context;
  const record = (await settings.aliasRecord(alias))?.source;
  if (record === undefined || record.live !== null || record.retired.length > 0) return;
  if (record.candidate !== null) {
    if (await isFilled(context, versionName(alias, record.candidate))) return;
    await deleteVersion(context, alias, record.candidate);
  }
  await settings.forgetAlias(alias, cliOwnerUid);
}

async function isFilled({ engine }: CliContext, index: string): Promise<boolean> {
  const [found] = await engine.indices.describe(index);
  if (found?.meta['ownerUid'] !== cliOwnerUid) return false;
  await engine.indices.refresh(index);
  return (await engine.indices.count(index)) > 0;
}
