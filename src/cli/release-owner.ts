import { noOwner, releaseAlias } from '../alias/transfer.ts';
import { exitCodes } from '../api/exit-codes.ts';
import { isoSeconds } from '../domain/progress.ts';
import type { CliContext } from './context.ts';
import { heldLeases, reasonOf } from './lock-break.ts';
import { lookAtLock } from './lock-look.ts';
import { heirOf, ownerText } from './lock-show.ts';

export type ReleaseRequest = {
  readonly reason: string;
  /** The owner to let go, as `lock show` and the status of the IndexedRepo that waits print it. */
  readonly uid: string;
};

/**
 * `reindeer lock release-owner ALIAS`: lets an alias go in the name of an owner that is gone for good, as a deletion with
 * policy Retain does: it serves on, and the next IndexedRepo that declares it takes it over with all versions; what requests copied, the next request that
 * adopts it. An owner that lives simply claims it again. Refused (exit code 80) for another owner than the one named, and while anybody is at
 * work behind the alias.
 */
export async function releaseOwnerVerb(context: CliContext, alias: string, request: ReleaseRequest): Promise<number> {
  const { output, settings } = context;
  const reason = reasonOf(request.reason);
  const look = await lookAtLock(context, alias);
  const { owner } = look.record;
  if (owner.uid === noOwner) {
    output.note(`${alias} belongs to nobody already: nothing was done`);
    return exitCodes.done;
  }
  if (owner.uid !== request.uid) return refused(context, `${alias} belongs to ${ownerText(owner)}`);
  const [held] = heldLeases(look);
  if (held) return refused(context, `somebody is at work behind ${alias}: end that with \`reindeer lock break\``);
  await settings.ensure();
  const note = { by: context.user, reason, at: isoSeconds(context.clock.now()), owner };
  await releaseAlias({ alias, ownerUid: owner.uid, note }, context);
  output.line(`${alias} belonged to ${ownerText(owner)} and now to nobody: the next ${heirOf(owner)} it gets it`);
  return exitCodes.done;
}

function refused({ output }: CliContext, why: string): number {
  output.note(`${why}; nothing was done`);
  return exitCodes.lockLost;
}
