import type { Flags, Lookup } from '../cli/complete.ts';
import { createKube } from '../kube/client.ts';
import { contextNames, loadKubeConfig } from '../kube/kubeconfig.ts';
import type { Desk } from '../reading/desk.ts';
import { namespaceNames, repoNames, runNames } from '../reading/names.ts';
import { systemClock as clock } from '../runtime/clock.ts';

/** Who waits for a word to be completed does not wait for longer. */
const atMostMs = 2_000;

/** Asks the cluster that the line so far names; what cannot be asked is empty. */
export const clusterLookup: Lookup = {
  contexts: async ({ kubeconfig }) => contextNames(kubeconfig).catch(() => []),
  namespaces: async flags => peek(flags, namespaceNames),
  runs: async flags => peek(flags, runNames),
  repos: async flags => peek(flags, repoNames),
};

async function peek<T>(flags: Flags, look: (desk: Desk) => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    const access = await loadKubeConfig(flags['kubeconfig'], flags['context']);
    const kube = createKube(access, { timeoutMs: atMostMs });
    const namespace = flags['namespace'] ?? access.namespace ?? 'default';
    const late = clock.sleep(atMostMs).then(() => []);
    const desk = { kube, trial: kube, namespace, clock, signal: AbortSignal.timeout(atMostMs) };
    return await Promise.race([look(desk), late]).finally(async () => kube.close());
  } catch {
    return [];
  }
}
