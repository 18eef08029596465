import { exitCodes } from '../api/exit-codes.ts';
import { bounded } from '../domain/bounded-text.ts';
import { isoSeconds } from '../domain/progress.ts';
import type { BreakNote, BrokenLease, Holder, Lease } from '../domain/records.ts';
import { breakWriter } from './break-writer.ts';
import type { CliContext } from './context.ts';
import { lookAtLock, type LockLook } from './lock-look.ts';
import { holderText, lockLines } from './lock-show.ts';
import { UsageError } from './usage-error.ts';

export type BreakRequest = {
  readonly reason: string;
  /** As `lock show` printed it: a lock that changed hands since is left alone. Absent: what is found now. */
  readonly token?: number | undefined;
};

/**
 * `reindeer lock break ALIAS`: takes lock and writer leases away from whoever holds them, and writes down who did it and
 * why. What it takes is what it printed: a grant that came since is left alone (exit code 80). Token and epoch grow, and
 * write aliases move and are drained, so a holder that was only asleep can write nothing more; it ends with exit code 80.
 */
export async function lockBreakVerb(context: CliContext, alias: string, request: BreakRequest): Promise<number> {
  const { output, settings } = context;
  const reason = reasonOf(request.reason);
  const look = await lookAtLock(context, alias);
  for (const line of lockLines(look)) output.line(line);
  const lock = look.lock?.source.lease ?? { held: false, token: 0 };
  if (request.token !== undefined && request.token !== lock.token)
    return changed(context, `the lock has token ${lock.token} now, not ${request.token}`);
  const held = heldLeases(look);
  if (held.length === 0) {
    output.note(`nothing is held behind ${alias}: nothing was done`);
    return exitCodes.done;
  }
  await settings.ensure();
  const note: BreakNote = { by: context.user, reason, at: isoSeconds(context.clock.now()), held };
  // First of all, so that whatever happens next, everybody can read who did it.
  const broken = await settings.breakLock(alias, lock, note, look.highestToken);
  if (broken === 'changed') return changed(context, 'the lock changed hands in this moment');
  if (lock.held) output.note(`took the lock from ${holderText({ holder: held[0]?.holder ?? null })}`);
  return breakWriters(context, look);
}

/** Kept in the settings index and shown in statuses: at most 1 kB, nothing that steers a terminal. */
export function reasonOf(text: string): string {
  const reason = bounded(text.trim());
  if (reason === '') throw new UsageError('--reason must say why: whoever held it will read it');
  return reason;
}

function changed({ output }: CliContext, what: string): number {
  output.note(`${what}: nothing was taken; look again with \`reindeer lock show\``);
  return exitCodes.lockLost;
}

/** What is held now, the lock first. Pure. */
export function heldLeases({ lock, versions }: LockLook): readonly BrokenLease[] {
  const writers = versions.map(({ version }) => ({ of: version.source.index, lease: version.source.writer }));
  const all: readonly { readonly of: string; readonly lease: Lease | undefined }[] = [
    { of: 'lock', lease: lock?.source.lease },
    ...writers,
  ];
  return all.flatMap(({ of, lease }) =>
    lease?.held === true ? [{ of, holder: lease.holder, token: lease.token }] : [],
  );
}

async function breakWriters(context: CliContext, look: LockLook): Promise<number> {
  const by: Holder = {
    kind: 'External',
    name: `reindeer lock break, ${context.user}`,
    uid: context.processUid,
    pod: '',
  };
  let exitCode: number = exitCodes.done;
  for (const { version, hasIndex } of look.versions) {
    const { index, writer } = version.source;
    if (!writer.held) continue;
    const request = { version: version.source, hasIndex, by, tokenFloor: look.highestToken };
    const broken = await breakWriter(context, request);
    if (broken === 'changed') exitCode = changed(context, `the writer of ${index} changed hands in this moment`);
    else context.output.note(`took ${index} from ${holderText(writer)}; its late writes are shut out`);
  }
  return exitCode;
}
