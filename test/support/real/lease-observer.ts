import type { Key, KubeObject } from '../../../src/api/object.ts';
import { loadKubeConfig } from '../../../src/kube/kubeconfig.ts';
import { Transport } from '../../../src/kube/transport.ts';
import { watchResource } from '../../../src/kube/watch.ts';
import { eventually } from '../checks/eventually.ts';
import { recordingLog } from '../fakes/recording-log.ts';

/**
 * Who held the lease from when on, on this machine's steady clock; nobody = ''. A program that was started again in its pod
 * is another holder than its predecessor.
 */
export type Holding = { readonly identity: string; readonly podName: string; readonly atMs: number };

/** A third party that watches the Lease as any client can, and asks no replica anything. */
export type LeaseObserver = {
  readonly history: () => readonly Holding[];
  /** Waits until another holder than this one has the lease; who, and how many ms after `sinceMs` that was seen. */
  successor(
    of: Holding,
    sinceMs: number,
    withinMs: number,
  ): Promise<{ readonly podName: string; readonly tookMs: number }>;
  /** Who holds it now, as soon as somebody does. */
  holder(withinMs: number): Promise<Holding>;
  stop(): Promise<void>;
};

type Lease = KubeObject & { readonly spec?: { readonly holderIdentity?: string | null } };

export async function observeLease(kubeconfig: string, lease: Key): Promise<LeaseObserver> {
  const transport = new Transport(await loadKubeConfig(kubeconfig));
  const history: Holding[] = [];
  const note = (raw: KubeObject): Lease => {
    // A Lease as the API server has it; the identity is "{namespace}/{installation}/{pod}_{random}".
    const identity = (raw as Lease).spec?.holderIdentity ?? '';
    const podName = identity.replace(/_.*$/, '').replace(/^.*\//, '');
    if (history.at(-1)?.identity !== identity) history.push({ identity, podName, atMs: performance.now() });
    return raw as Lease;
  };
  const watch = watchResource<Lease>({
    transport,
    resource: { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease' },
    namespace: lease.namespace,
    project: raw => (raw.metadata.name === lease.name ? note(raw) : undefined),
    onChange: () => undefined,
    log: recordingLog().log,
  });
  watch.start();
  return {
    history: () => history,
    successor: async (of, sinceMs, withinMs) => {
      const taken = await eventually(
        `somebody else than ${of.identity} holds the lease`,
        withinMs,
        () => history.find(({ identity, atMs }) => atMs > sinceMs && identity !== '' && identity !== of.identity),
        () => history,
      );
      return { podName: taken.podName, tookMs: Math.round(taken.atMs - sinceMs) };
    },
    holder: async withinMs =>
      eventually(
        'somebody holds the lease',
        withinMs,
        () => {
          const last = history.at(-1);
          return last?.identity === '' ? undefined : last;
        },
        () => history,
      ),
    stop: async () => {
      await watch.stop();
      await transport.close();
    },
  };
}
