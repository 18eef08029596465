import { takeLease, type HeldLease } from '../workers/run/held-lease.ts';
import type { CliContext } from './context.ts';
import { holderOf } from './index-run.ts';

/** Short: a command that is run again need not wait long for one that died. */
export const lockLeaseSeconds = 15;

/** The lock of an alias, for this process. */
export function takeLock(context: CliContext, alias: string): Promise<HeldLease> {
  return takeLease({
    settings: context.settings,
    of: { of: 'alias', alias },
    holder: holderOf(context),
    leaseSeconds: lockLeaseSeconds,
    tokenFloor: 0,
    clock: context.clock,
    signal: context.signal,
  });
}
