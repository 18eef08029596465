import type { IndexedRepoStatus } from '../api/indexed-repo.ts';
import { isoSeconds } from '../domain/progress.ts';
import type { BreakNote, Holder, Lease, LockRecord } from '../domain/records.ts';
import type { Stored } from '../engine/port.ts';
import type { SteadyClock } from '../runtime/clock.ts';

/** The lock of one alias as it was just read, and who says whether a holder of ours still lives. */
export type LockRead = {
  /** The settings index that holds it, as `settingsPlace` names it. */
  readonly place: string;
  readonly alias: string;
  readonly lock: Stored<LockRecord>;
  readonly isOurs: (holder: Holder) => boolean;
  /** Asked of holders of ours only. */
  readonly isGone: (holder: Holder) => boolean;
};

type Unmoved = {
  readonly seqNo: number;
  readonly token: number;
  readonly sinceMs: number;
  readonly since: Date;
  /** This grant was seen to move: its holder was alive then. */
  readonly hasMoved: boolean;
};

/**
 * Remembers since when this process has seen each lock unmoved, by its sequence number: clocks of other machines are
 * never compared, and a restart starts counting anew.
 */
export class LockWatch {
  readonly #clock: SteadyClock;
  readonly #unmoved = new Map<string, Unmoved>();

  constructor(clock: SteadyClock) {
    this.#clock = clock;
  }

  seen(read: LockRead): LockSeen {
    const { lock, isOurs, isGone } = read;
    const { lease, broken } = lock.source;
    const stillMs = this.#clock.elapsedMs() - this.#look(read).sinceMs;
    const holderOurs = lease.holder !== null && isOurs(lease.holder);
    const holderGone = lease.holder !== null && holderOurs && isGone(lease.holder);
    return { lease, broken, seqNo: lock.stand.seqNo, stillMs, holderOurs, holderGone };
  }

  /**
   * Since when the holder has not renewed a lease that is over by now; undefined = it is not silent. A holder of ours that
   * Kubernetes knows lives, whatever its lease says: what keeps it from renewing is told of its request. `told` is the
   * status: it holds after a restart, until the lock is seen to move or was watched for a whole lease.
   */
  silentSince(read: LockRead, told: IndexedRepoStatus['lock']): string | undefined {
    const { lease, stillMs, holderOurs, holderGone } = this.seen(read);
    if (!lease.held || (holderOurs && !holderGone)) return undefined;
    const { since, hasMoved } = this.#look(read);
    const before = told?.token === lease.token && !hasMoved ? told.silentSince : undefined;
    return before ?? (stillMs < leaseMs(read) ? undefined : isoSeconds(since));
  }

  /** In how many ms the holder will be silent, unless it renews; undefined = it is already, or never will be. */
  silentInMs(read: LockRead): number | undefined {
    const { lease, stillMs, holderOurs, holderGone } = this.seen(read);
    if (!lease.held || (holderOurs && !holderGone) || stillMs >= leaseMs(read)) return undefined;
    return leaseMs(read) - stillMs;
  }

  #look({ place, alias, lock }: LockRead): Unmoved {
    const key = `${place}/${alias}`;
    const { seqNo } = lock.stand;
    const { token } = lock.source.lease;
    const known = this.#unmoved.get(key);
    if (known?.seqNo === seqNo) return known;
    const hasMoved = known?.token === token;
    const found = { seqNo, token, hasMoved, sinceMs: this.#clock.elapsedMs(), since: this.#clock.now() };
    this.#unmoved.set(key, found);
    return found;
  }
}

function leaseMs({ lock }: LockRead): number {
  return lock.source.lease.leaseSeconds * 1000;
}

/** The lock of the alias, and for how long this operator has seen it unmoved. */
export type LockSeen = {
  readonly lease: Lease;
  /** Who broke it last, from whom and why. */
  readonly broken?: BreakNote | undefined;
  readonly seqNo: number;
  readonly stillMs: number;
  /** The holder is a request of this operator's Kubernetes cluster, which then says whether it is no more. */
  readonly holderOurs: boolean;
  /** Kubernetes says that a holder of ours is no more: its request is gone or finished. */
  readonly holderGone: boolean;
};
