import { randomUUID } from 'node:crypto';
import { ConflictError } from '../domain/errors.ts';
import type { SteadyClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import type { Key, Kube, KubeObject, Resource } from './port.ts';
import { watchdog } from './watchdog.ts';
import type { Watchdog } from './watchdog.ts';
import { apiVersionOf, microTime } from './wire.ts';

export type LeaderElectionOptions = {
  /** A client of its own with a short time-out (3 s), so that a renewal never queues behind other calls. */
  readonly kube: Kube;
  /** The Lease; made when it is missing. */
  readonly lease: Key;
  /** Pod name; a random part is added, because a restarted container must not take itself for its predecessor. */
  readonly podName: string;
  readonly clock: SteadyClock;
  readonly log: Logger;
  /** Called once when the lease was held and cannot be confirmed any more. The process must end: others write now. */
  readonly onLost: (why: string) => void;
  /** In [0, 1); default Math.random. */
  readonly random?: () => number;
};

type LeaseSpec = {
  readonly holderIdentity?: string | null;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
};
type Lease = KubeObject & { readonly spec?: LeaseSpec };

const leases: Resource = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease' };
/** Others may take over when they have seen no change for this long. */
const leaseSeconds = 15;
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
  readonly #stopped = new AbortController();
  readonly #tellElected: () => void;
  #running: Promise<void> | undefined;
  #guard: Watchdog | undefined;
  /** What the Lease said last, and since when it has said so. */
  #observed: { readonly spec: string; readonly sinceMs: number } | undefined;
  #held: { readonly resourceVersion: string; readonly confirmedMs: number } | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.identity = `${options.podName}_${randomUUID()}`;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.elected = promise;
    this.#tellElected = () => resolve(undefined);
  }

  /** True while the lease is surely ours. */
  get leading(): boolean {
    if (this.#held === undefined || this.#stopped.signal.aborted) return false;
    return this.#options.clock.elapsedMs() - this.#held.confirmedMs < confirmedForMs;
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
      await kube.patch(leases, lease, held.resourceVersion, { spec });
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
      if (this.#held === undefined) await clock.sleep(lookEveryMs * (0.9 + 0.2 * random()), signal);
      else await clock.sleep(failed ? retryRenewalMs : renewEveryMs, signal);
    }
  }

  /** One look at the Lease, and a write when it is ours or free. True when the API server could not be asked. */
  async #step(): Promise<boolean> {
    try {
      if (this.#held === undefined) await this.#tryToTake();
      else await this.#renew(this.#held.resourceVersion);
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
    if (found === undefined) {
      const object = { apiVersion: apiVersionOf(leases), kind: leases.kind, metadata: lease, spec: this.#claim(0) };
      const created = await kube.create<Lease>(leases, object);
      if (created !== 'exists') this.#take(created, sentMs);
      return;
    }
    if (!this.#isFree(found)) return;
    const claim = this.#claim((found.spec?.leaseTransitions ?? 0) + 1);
    const taken = await kube.patch<Lease>(leases, lease, found.metadata.resourceVersion, { spec: claim });
    if (taken !== 'gone') this.#take(taken, sentMs);
  }

  /** Nobody holds it, or whoever does has not touched it for as long as it says. */
  #isFree({ spec = {} }: Lease): boolean {
    if (!spec.holderIdentity) return true;
    const nowMs = this.#options.clock.elapsedMs();
    const text = JSON.stringify(spec);
    if (this.#observed?.spec !== text) this.#observed = { spec: text, sinceMs: nowMs };
    return nowMs - this.#observed.sinceMs > (spec.leaseDurationSeconds ?? leaseSeconds) * 1000;
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

  #take(lease: Lease, sentMs: number): void {
    this.#held = { resourceVersion: lease.metadata.resourceVersion, confirmedMs: sentMs };
    if (this.#stopped.signal.aborted) return;
    const sinceMs = (): number => this.#held?.confirmedMs ?? Infinity;
    this.#guard = watchdog(this.#options.clock, [{ what: 'confirmed renewal', limitMs: confirmedForMs, sinceMs }]);
    this.#guard.barked.addEventListener('abort', () => this.#lose(this.#guard?.reason()?.message ?? 'no renewal'));
    this.#options.log.info({ lease: lease.metadata.name, identity: this.identity }, 'lease taken');
    this.#tellElected();
  }

  #confirm(lease: Lease, sentMs: number): void {
    if (this.#held === undefined) return;
    this.#held = { resourceVersion: lease.metadata.resourceVersion, confirmedMs: sentMs };
  }

  #lose(why: string): void {
    if (this.#held === undefined) return;
    this.#held = undefined;
    this.#stopped.abort();
    this.#guard?.stop();
    this.#options.log.error({ why }, 'lease lost');
    this.#options.onLost(why);
  }
}
