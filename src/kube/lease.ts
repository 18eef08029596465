import type { KubeObject, Resource } from '../api/object.ts';
import type { SteadyClock } from '../runtime/clock.ts';

/** The Lease of Kubernetes, and what one replica saw of it. */

export type LeaseSpec = {
  readonly holderIdentity?: string | null;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
};
export type Lease = KubeObject & { readonly spec?: LeaseSpec };

export const leases: Resource = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease' };
/** Others may take over when they have seen no change for this long. */
export const leaseSeconds = 15;

/** What became of the one before, as far as its successor saw: a silent one may believe for a while that it still leads. */
export type FormerHolder = 'none' | 'released' | 'silent';

/** How long a Lease has said the same, on this replica's own clock: times written on it are other machines'. */
export class StandStill {
  readonly #clock: SteadyClock;
  #observed: { readonly spec: string; readonly sinceMs: number } | undefined;

  constructor(clock: SteadyClock) {
    this.#clock = clock;
  }

  /** Whether its holder has not touched it for as long as it says. */
  isSilent({ spec = {} }: Lease): boolean {
    const nowMs = this.#clock.elapsedMs();
    const text = JSON.stringify(spec);
    if (this.#observed?.spec !== text) this.#observed = { spec: text, sinceMs: nowMs };
    return nowMs - this.#observed.sinceMs > (spec.leaseDurationSeconds ?? leaseSeconds) * 1000;
  }
}

/** Which installation of the operator a replica belongs to: its namespace, and the full name of its release. */
export type Installation = { readonly namespace: string; readonly name: string };

/**
 * How a replica signs a Lease: its installation, its pod, and a random part, because a restarted container must not take
 * itself for its predecessor. The operator of 0.1 signed `{pod}_{random}`: no slash.
 */
export function holderIdentity({ namespace, name }: Installation, podName: string, random: string): string {
  return `${namespace}/${name}/${podName}_${random}`;
}

/** Whether a holder is a replica of 0.1, which knows the name `reindeer` alone. */
export function isOlderHolder(holder: string): boolean {
  return !holder.includes('/');
}

/** Whether a holder is a replica of this installation; one of 0.1 says its pod, whose name begins with its Deployment's. */
export function isOfInstallation(holder: string, { namespace, name }: Installation): boolean {
  return holder.startsWith(isOlderHolder(holder) ? `${name}-` : `${namespace}/${name}/`);
}
