import type { Key, OwnerReference } from '../api/object.ts';
import { ConflictError } from '../domain/errors.ts';
import type { SteadyClock } from '../runtime/clock.ts';
import { isOlderHolder, leaseSeconds, leases, StandStill, type FormerHolder, type Lease } from './lease.ts';
import type { Kube } from './port.ts';
import { apiVersionOf, microTime } from './wire.ts';

/** What the operator of 0.1 called its Lease, in its own namespace. */
export const olderLeaseName = 'reindeer';
/** Signed instead of a holder: the name is kept from replicas of 0.1, by whichever leaders there are in the namespace. */
export const closedToOlder = 'reindeer.dev/later-releases';

export type OlderLeaseOptions = {
  readonly kube: Kube;
  readonly lease: Key;
  readonly clock: SteadyClock;
  readonly owner: OwnerReference | undefined;
};

/**
 * The Lease by which the operator of 0.1 elected its leader, whatever its release was called. While a rolling update (or
 * its way back) has replicas of both, a leader keeps that name closed as well, or there would be two. Leaders of several
 * releases keep it closed together. It is never given back: it runs out when none of them is left.
 */
export class OlderLease {
  readonly #options: OlderLeaseOptions;
  readonly #standStill: StandStill;
  /** When the name was surely closed, as of the sending of the request that showed it. */
  confirmedMs = -Infinity;
  formerHolder: FormerHolder = 'none';

  constructor(options: OlderLeaseOptions) {
    this.#options = options;
    this.#standStill = new StandStill(options.clock);
  }

  get key(): Key {
    return this.#options.lease;
  }

  /** Closes the name, or keeps it closed; answers the older replica that has it, if one lives. */
  async close(): Promise<string | undefined> {
    const { kube, lease, clock } = this.#options;
    const sentMs = clock.elapsedMs();
    const found = await kube.get<Lease>(leases, lease);
    if (found === undefined) {
      const created = await kube.create<Lease>(leases, this.#object());
      // The next look shows by whom.
      if (created === 'exists') throw new ConflictError(`${lease.name} was made meanwhile`);
      this.confirmedMs = sentMs;
      return undefined;
    }
    const holder = found.spec?.holderIdentity ?? '';
    const silent = this.#standStill.isSilent(found);
    if (holder !== '' && isOlderHolder(holder) && !silent) return holder;
    // A release of this very name elects its leader by this Lease: while that lives, no older replica can have it.
    const isLeader = holder !== '' && holder !== closedToOlder && !isOlderHolder(holder) && !silent;
    if (!isLeader) await this.#sign(found, silent);
    this.confirmedMs = sentMs;
    return undefined;
  }

  async #sign(found: Lease, silent: boolean): Promise<void> {
    const { kube, lease } = this.#options;
    const holder = found.spec?.holderIdentity ?? '';
    if (isOlderHolder(holder)) this.formerHolder = silent && holder !== '' ? 'silent' : 'released';
    const signed = await kube.patch(leases, lease, found.metadata.resourceVersion, { spec: this.#spec() });
    if (signed === 'gone') throw new ConflictError(`${lease.name} was deleted meanwhile`);
  }

  #spec(): object {
    const renewTime = microTime(this.#options.clock.now());
    return { holderIdentity: closedToOlder, leaseDurationSeconds: leaseSeconds, renewTime };
  }

  #object() {
    const { lease, owner } = this.#options;
    const metadata = { ...lease, ...(owner && { ownerReferences: [owner] }) };
    return { apiVersion: apiVersionOf(leases), kind: leases.kind, metadata, spec: this.#spec() };
  }
}
