import { randomUUID } from 'node:crypto';
import { group } from '../api/meta.ts';
import type { Key, OwnerReference } from '../api/object.ts';
import { ConflictError } from '../domain/errors.ts';
import type { SteadyClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import {
  holderIdentity,
  isOfInstallation,
  leaseSeconds,
  leases,
  StandStill,
  type FormerHolder,
  type Installation,
  type Lease,
  type LeaseSpec,
} from './lease.ts';
import { closedToOlder, OlderLease } from './older-lease.ts';
import type { Kube } from './port.ts';
import { watchdog, type Watchdog } from './watchdog.ts';
import { apiVersionOf, microTime } from './wire.ts';

export type LeaderElectionOptions = {
  /** A client of its own with a short time-out (3 s), so that a renewal never queues behind other calls. */
  readonly kube: Kube;
  /** The Lease; made when it is missing. */
  readonly lease: Key;
  /** The Lease of the operator of 0.1, kept closed beside it where that is another one. */
  readonly olderLease: Key;
  readonly installation: Installation;
  readonly podName: string;
  /** Goes when the operator is uninstalled, and the Lease of its namespace with it. */
  readonly owner?: OwnerReference | undefined;
  readonly clock: SteadyClock;
  readonly log: Logger;
  /** Called once when the lease was held and cannot be confirmed any more. The process must end: others write now. */
  readonly onLost: (why: string) => void;
  /** In [0, 1); default Math.random. */
  readonly random?: () => number;
};

/** Who has what this replica waits for. */
export type Waiting = { readonly lease: Key; readonly holder: string };

/** Annotation of a Lease that is free: the identity that gave it back. */
export const releasedBy = `${group}/released-by`;
const renewEveryMs = 5_000;
const retryRenewalMs = 1_000;
/** Writing ends this long after the last confirmed renewal was *sent*: before the earliest take-over. */
const confirmedForMs = 10_000;
/** A released lease is taken within this, a dead leader's within this after its 15 s. */
const lookEveryMs = 1_000;

/**
 * One writer among several replicas, by a Lease. `start()`, then `await elected`; ask `leading` right before each
 * write; `release()` on SIGTERM hands over within 3 s, a killed leader is replaced within 20 s. Times on the Lease are
 * written for people and never read: what counts is how long this replica saw no change.
 */
export class LeaderElection {
  /** Resolves when this replica leads for the first time; never when it is stopped before. */
  readonly elected: Promise<void>;
  readonly identity: string;
  readonly #options: LeaderElectionOptions;
  readonly #older: OlderLease | undefined;
  readonly #standStill: StandStill;
  readonly #stopped = new AbortController();
  readonly #tellElected: () => void;
  #running: Promise<void> | undefined;
  #guard: Watchdog | undefined;
  #held: { readonly resourceVersion: string; readonly confirmedMs: number } | undefined;
  #isElected = false;
  #former: FormerHolder = 'none';
  #formerIdentity = '';
  #waiting: Waiting | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    const { kube, lease, olderLease, clock, installation, podName } = options;
    this.identity = holderIdentity(installation, podName, randomUUID());
    this.#standStill = new StandStill(clock);
    this.#older = isSame(lease, olderLease)
      ? undefined
      : new OlderLease({ kube, lease: olderLease, clock, owner: this.#ownerIn(olderLease) });
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.elected = promise;
    this.#tellElected = () => resolve(undefined);
  }

  /** True while the lease is surely ours. */
  get leading(): boolean {
    if (!this.#isElected || this.#held === undefined || this.#stopped.signal.aborted) return false;
    return this.#options.clock.elapsedMs() - this.#confirmedMs() < confirmedForMs;
  }

  /** How the one before ended; true once `elected` has resolved. */
  get formerHolder(): FormerHolder {
    const both = [this.#former, this.#older?.formerHolder ?? 'none'];
    return both.find(former => former === 'silent') ?? both.find(former => former === 'released') ?? 'none';
  }

  /** The identity of the one before; '' = not known. */
  get formerIdentity(): string {
    return this.#formerIdentity;
  }

  /** What this replica waits for while another *installation* has it: unlike that of its own leader, its turn may never come. */
  get shutOut(): Waiting | undefined {
    const waiting = this.#waiting;
    return waiting && !isOfInstallation(waiting.holder, this.#options.installation) ? waiting : undefined;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Stops; gives the lease back when it was held. `leading` is false from the call on. */
  async release(): Promise<void> {
    const { kube, lease, clock, log } = this.#options;
    this.#stopped.abort();
    this.#guard?.stop();
    // A renewal or a take-over that is on its way decides what there is to give back.
    await this.#running;
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return;
    try {
      const spec: LeaseSpec = { holderIdentity: null, leaseDurationSeconds: 1, renewTime: microTime(clock.now()) };
      const metadata = { annotations: { [releasedBy]: this.identity } };
      await kube.patch(leases, lease, held.resourceVersion, { metadata, spec });
      log.info({ lease: lease.name }, 'lease released');
    } catch (error) {
      log.warn({ message: String(error) }, 'lease not released, it runs out by itself');
    }
  }

  async #run(): Promise<void> {
    const { clock, random = Math.random } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const failed = await this.#step();
      if (!this.#isElected) await clock.sleep(lookEveryMs * (0.9 + 0.2 * random()), signal);
      else await clock.sleep(failed ? retryRenewalMs : renewEveryMs, signal);
    }
  }

  /** One look at each Lease, and a write when it is ours or free. True when the API server could not be asked. */
  async #step(): Promise<boolean> {
    try {
      if (this.#held === undefined) await this.#tryToTake();
      else if (this.#isElected || this.#ageMs(this.#held.confirmedMs) >= renewEveryMs)
        await this.#renew(this.#held.resourceVersion);
      await this.#closeOlder();
      return false;
    } catch (error) {
      // Somebody else was faster: the next look shows who.
      if (error instanceof ConflictError) return false;
      this.#options.log.warn({ message: String(error) }, 'lease could not be read or written');
      return true;
    }
  }

  async #tryToTake(): Promise<void> {
    const { kube, lease, clock } = this.#options;
    const sentMs = clock.elapsedMs();
    const found = await kube.get<Lease>(leases, lease);
    const owner = this.#ownerIn(lease);
    if (found === undefined) {
      const metadata = { ...lease, ...(owner && { ownerReferences: [owner] }) };
      const object = { apiVersion: apiVersionOf(leases), kind: leases.kind, metadata, spec: this.#claim(0) };
      const created = await kube.create<Lease>(leases, object);
      if (created !== 'exists') this.#take(created, sentMs, 'none');
      return;
    }
    const former = this.#endOf(found);
    if (former === undefined) {
      this.#waitFor(lease, found.spec?.holderIdentity ?? '');
      return;
    }
    const spec = this.#claim((found.spec?.leaseTransitions ?? 0) + 1);
    const isOrphan = (found.metadata.ownerReferences ?? []).length === 0;
    const patch = { spec, ...(owner && isOrphan && { metadata: { ownerReferences: [owner] } }) };
    const taken = await kube.patch<Lease>(leases, lease, found.metadata.resourceVersion, patch);
    if (taken === 'gone') return;
    this.#formerIdentity = found.spec?.holderIdentity || (found.metadata.annotations?.[releasedBy] ?? '');
    this.#take(taken, sentMs, former);
  }

  /** How the holder ended; undefined while it lives. */
  #endOf(found: Lease): FormerHolder | undefined {
    const holder = found.spec?.holderIdentity;
    if (!holder) return 'released';
    // Signed by the leader of another release over whoever held it before: nobody leads by it.
    if (this.#standStill.isSilent(found) || holder === closedToOlder) return 'silent';
    return undefined;
  }

  /** Leads as soon as no replica of 0.1 can. */
  async #closeOlder(): Promise<void> {
    if (this.#held === undefined || this.#stopped.signal.aborted) return;
    const olderHolder = await this.#older?.close();
    if (olderHolder === undefined) this.#lead();
    else if (this.#isElected) this.#lose(`an older replica took its own lease: ${olderHolder}`);
    else if (this.#older) this.#waitFor(this.#older.key, olderHolder);
  }

  async #renew(resourceVersion: string): Promise<void> {
    const { kube, lease, clock } = this.#options;
    const sentMs = clock.elapsedMs();
    const renewal = { spec: { renewTime: microTime(clock.now()) } };
    try {
      const renewed = await kube.patch<Lease>(leases, lease, resourceVersion, renewal);
      if (renewed === 'gone') this.#lose('the Lease was deleted');
      else this.#confirm(renewed, sentMs);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      // A label was added, or a renewal arrived whose answer was lost; or it is not ours any more.
      const found = await kube.get<Lease>(leases, lease);
      if (found?.spec?.holderIdentity === this.identity) this.#confirm(found, sentMs);
      else this.#lose(`the lease is held by ${found?.spec?.holderIdentity ?? 'nobody'}`);
    }
  }

  #claim(leaseTransitions: number): LeaseSpec {
    const now = microTime(this.#options.clock.now());
    const holder = { holderIdentity: this.identity, leaseDurationSeconds: leaseSeconds };
    return { ...holder, acquireTime: now, renewTime: now, leaseTransitions };
  }

  #take(lease: Lease, sentMs: number, former: FormerHolder): void {
    this.#held = { resourceVersion: lease.metadata.resourceVersion, confirmedMs: sentMs };
    this.#former = former;
  }

  #lead(): void {
    if (this.#isElected) return;
    this.#isElected = true;
    this.#waiting = undefined;
    const rule = { what: 'confirmed renewal', limitMs: confirmedForMs, sinceMs: () => this.#confirmedMs() };
    this.#guard = watchdog(this.#options.clock, [rule]);
    this.#guard.barked.addEventListener('abort', () => this.#lose(this.#guard?.reason()?.message ?? 'no renewal'));
    const { lease, log } = this.#options;
    log.info({ lease: lease.name, identity: this.identity, formerHolder: this.formerHolder }, 'lease taken');
    this.#tellElected();
  }

  #confirm(lease: Lease, sentMs: number): void {
    if (this.#held === undefined) return;
    this.#held = { resourceVersion: lease.metadata.resourceVersion, confirmedMs: sentMs };
  }

  /** Since when every Lease that counts is surely ours; Infinity when none is held. */
  #confirmedMs(): number {
    return Math.min(this.#held?.confirmedMs ?? Infinity, this.#older?.confirmedMs ?? Infinity);
  }

  #ageMs(sinceMs: number): number {
    return this.#options.clock.elapsedMs() - sinceMs;
  }

  #waitFor(lease: Key, holder: string): void {
    const before = this.#waiting?.lease;
    this.#waiting = { lease, holder };
    if (before && isSame(before, lease)) return;
    this.#options.log.info({ lease: `${lease.namespace}/${lease.name}`, holder }, 'waiting for the lease');
  }

  /** The garbage collector knows no owner in another namespace. */
  #ownerIn({ namespace }: Key): OwnerReference | undefined {
    const { owner, installation } = this.#options;
    return namespace === installation.namespace ? owner : undefined;
  }

  #lose(why: string): void {
    if (this.#held === undefined) return;
    this.#held = undefined;
    // Nothing was written yet: it may try again.
    if (!this.#isElected) return;
    this.#stopped.abort();
    this.#guard?.stop();
    this.#options.log.error({ why }, 'lease lost');
    this.#options.onLost(why);
  }
}

const isSame = (one: Key, other: Key): boolean => one.namespace === other.namespace && one.name === other.name;
