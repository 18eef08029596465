import { writerLeaseSeconds, type Holder } from '../../domain/records.ts';
import type { LeaseOf } from '../../registry/port.ts';
import type { LeaseRequest } from './held-lease.ts';

type Writer = { readonly alias: string; readonly index: string; readonly holder: Holder; readonly tokenFloor: number };

/** What a run asks for before it writes: the whole version, unless something else is named. */
export function writerLease(
  input: Writer,
  { settings, clock, signal }: Pick<LeaseRequest, 'settings' | 'clock' | 'signal'>,
  given: { readonly of?: LeaseOf; readonly holder?: Holder } = {},
): LeaseRequest {
  return {
    settings,
    of: given.of ?? { of: 'version', alias: input.alias, index: input.index },
    holder: given.holder ?? input.holder,
    leaseSeconds: writerLeaseSeconds,
    tokenFloor: input.tokenFloor,
    clock,
    signal,
  };
}
