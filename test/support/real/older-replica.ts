import type { Key } from '../../../src/api/object.ts';
import { ConflictError } from '../../../src/domain/errors.ts';
import { leases, StandStill, type Lease } from '../../../src/kube/lease.ts';
import type { Kube } from '../../../src/kube/port.ts';
import { apiVersionOf, microTime } from '../../../src/kube/wire.ts';
import type { SteadyClock } from '../../../src/runtime/clock.ts';

export type OlderReplica = { readonly leading: boolean; release(): Promise<void>; kill(): Promise<void> };

/**
 * A replica of the operator of 0.1 as far as its election goes: it knows one Lease, signs it with its pod alone, takes it
 * when it is free or stood still for its duration, and renews it every 5 s.
 */
export function startOlderReplica(kube: Kube, lease: Key, podName: string, clock: SteadyClock): OlderReplica {
  const identity = `${podName}_0`;
  const stopped = new AbortController();
  const standStill = new StandStill(clock);
  let held: string | undefined;
  const signed = (): object => ({
    holderIdentity: identity,
    leaseDurationSeconds: 15,
    renewTime: microTime(clock.now()),
  });
  const step = async (): Promise<void> => {
    const found = await kube.get<Lease>(leases, lease);
    const mayTake = found && (!found.spec?.holderIdentity || standStill.isSilent(found));
    const isOurs = found?.spec?.holderIdentity === identity;
    held = isOurs ? found.metadata.resourceVersion : undefined;
    if (found === undefined) {
      const object = { apiVersion: apiVersionOf(leases), kind: 'Lease', metadata: lease, spec: signed() };
      const made = await kube.create<Lease>(leases, object);
      if (made !== 'exists') held = made.metadata.resourceVersion;
    } else if (mayTake || isOurs) {
      const taken = await kube.patch<Lease>(leases, lease, found.metadata.resourceVersion, { spec: signed() });
      if (taken !== 'gone') held = taken.metadata.resourceVersion;
    }
  };
  const run = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await step().catch((error: unknown) => {
        if (!(error instanceof ConflictError)) throw error;
      });
      await clock.sleep(held === undefined ? 1_000 : 5_000, stopped.signal);
    }
  };
  const running = run();
  const kill = async (): Promise<void> => {
    stopped.abort();
    await running;
  };
  return {
    get leading() {
      return held !== undefined && !stopped.signal.aborted;
    },
    kill,
    release: async () => {
      await kill();
      if (held !== undefined)
        await kube.patch(leases, lease, held, { spec: { holderIdentity: null, leaseDurationSeconds: 1 } });
    },
  };
}
