import type { KubeObject } from '../../src/kube/port.ts';
import { loadKubeConfig } from '../../src/kube/kubeconfig.ts';
import { Transport } from '../../src/kube/transport.ts';
import { watchResource } from '../../src/kube/watch.ts';
import { eventually } from './eventually.ts';
import { recordingLog } from './recording-log.ts';

/** Who held the lease from when on, on this machine's steady clock; nobody = ''. */
export type Holding = { readonly podName: string; readonly atMs: number };

/** A third party that watches the Lease as any client can, and asks no replica anything. */
export type LeaseObserver = {
  readonly history: () => readonly Holding[];
  /** Waits until another pod than this one holds the lease; who, and how many ms after `sinceMs` that was seen. */
  successor(
    of: string,
    sinceMs: number,
    withinMs: number,
  ): Promise<{ readonly podName: string; readonly tookMs: number }>;
  /** The pod that holds it now, as soon as one does. */
  holder(withinMs: number): Promise<string>;
  stop(): Promise<void>;
};

type Lease = KubeObject & { readonly spec?: { readonly holderIdentity?: string | null } };

export async function observeLease(kubeconfig: string, namespace: string): Promise<LeaseObserver> {
  const transport = new Transport(await loadKubeConfig(kubeconfig));
  const history: Holding[] = [];
  const note = (raw: KubeObject): Lease => {
    // A Lease as the API server has it; the identity is "{pod}_{random}".
    const podName = ((raw as Lease).spec?.holderIdentity ?? '').replace(/_.*$/, '');
    if (history.at(-1)?.podName !== podName) history.push({ podName, atMs: performance.now() });
    return raw as Lease;
  };
  const watch = watchResource<Lease>({
    transport,
    resource: { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease' },
    namespace,
    project: raw => (raw.metadata.name === 'reindeer' ? note(raw) : undefined),
    onChange: () => undefined,
    log: recordingLog().log,
  });
  watch.start();
  return {
    history: () => history,
    successor: async (of, sinceMs, withinMs) => {
      const taken = await eventually(
        `somebody else than ${of} holds the lease`,
        withinMs,
        () => history.find(({ podName, atMs }) => atMs > sinceMs && podName !== '' && podName !== of),
        () => history,
      );
      return { podName: taken.podName, tookMs: Math.round(taken.atMs - sinceMs) };
    },
    holder: async withinMs =>
      eventually(
        'somebody holds the lease',
        withinMs,
        () => history.at(-1)?.podName || undefined,
        () => history,
      ),
    stop: async () => {
      await watch.stop();
      await transport.close();
    },
  };
}
