import type { Stored } from '../engine/port.ts';
import type { Holder, LockRecord } from '../engine/settings-port.ts';
import type { LockSeen } from '../reindex-request/observed.ts';
import type { SteadyClock } from '../runtime/clock.ts';

/** The lock of one alias as it was just read, and who says whether a holder of ours still lives. */
export type LockRead = {
  readonly cluster: string;
  readonly alias: string;
  readonly lock: Stored<LockRecord>;
  readonly isOurs: (holder: Holder) => boolean;
  /** Asked of holders of ours only. */
  readonly isGone: (holder: Holder) => boolean;
};

/**
 * Remembers since when this process has seen each lock unmoved, by its sequence number: clocks of other machines are
 * never compared, and a restart starts counting anew.
 */
export class LockWatch {
  readonly #clock: SteadyClock;
  readonly #since = new Map<string, { readonly seqNo: number; readonly atMs: number }>();

  constructor(clock: SteadyClock) {
    this.#clock = clock;
  }

  seen({ cluster, alias, lock, isOurs, isGone }: LockRead): LockSeen {
    const key = `${cluster}/${alias}`;
    const { seqNo } = lock.stand;
    const nowMs = this.#clock.elapsedMs();
    const known = this.#since.get(key);
    const atMs = known?.seqNo === seqNo ? known.atMs : nowMs;
    this.#since.set(key, { seqNo, atMs });
    const { lease, broken } = lock.source;
    const holderOurs = lease.holder !== null && isOurs(lease.holder);
    const holderGone = lease.holder !== null && holderOurs && isGone(lease.holder);
    return { lease, broken, seqNo, stillMs: nowMs - atMs, holderOurs, holderGone };
  }
}
