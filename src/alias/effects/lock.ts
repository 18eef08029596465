import { ConflictError } from '../../domain/errors.ts';
import type { Holder } from '../../domain/records.ts';
import type { Granted, Refused } from '../../registry/port.ts';
import { engineEffect } from './engine-effect.ts';

type Wanted = {
  readonly alias: string;
  readonly holder: Holder;
  readonly leaseSeconds: number;
  readonly tokenFloor: number;
};
type Held = { readonly alias: string; readonly holder: Holder; readonly token: number };

const lockOf = (alias: string) => ({ of: 'alias', alias }) as const;

/** What is done with the lock of an alias. */
export const aliasLock = {
  take: engineEffect({
    name: 'take-lock',
    marks: ['takes-lock'],
    target: ({ alias }: Wanted) => alias,
    run: async (wanted, { settings }) => {
      granted(await settings.acquire(lockOf(wanted.alias), wanted.holder, wanted));
    },
  }),
  /** From a holder that was last seen at this sequence number. */
  takeOver: engineEffect({
    name: 'take-over-lock',
    marks: ['takes-lock'],
    target: ({ alias }: Wanted & { readonly seqNo: number }) => alias,
    run: async (wanted, { settings }) => {
      const { alias, holder, seqNo } = wanted;
      const record = await settings.lockRecord(alias);
      if (!record || record.stand.seqNo !== seqNo) throw new ConflictError('the lock moved: its holder is alive');
      const seen: Refused = { is: 'held', lease: record.source.lease, seqNo };
      granted(await settings.takeOver(lockOf(alias), holder, seen, wanted));
    },
  }),
  renew: engineEffect({
    name: 'renew-lock',
    marks: ['is-routine'],
    target: ({ alias }: Held) => alias,
    run: async ({ alias, holder, token }, { settings }) => {
      if ((await settings.renew(lockOf(alias), holder, token)) === 'lost')
        throw new ConflictError(`the lock of ${alias} went to somebody else`);
    },
  }),
  release: engineEffect({
    name: 'release-lock',
    target: ({ alias }: Held) => alias,
    run: async ({ alias, holder, token }, { settings }) => settings.release(lockOf(alias), holder, token),
  }),
};

export function granted(answer: Granted | Refused): Granted {
  if (answer.is === 'granted') return answer;
  throw new ConflictError(`the lock is held by ${answer.lease.holder?.name ?? 'somebody'}`);
}
