import type { SearchCluster } from '../api/search-cluster.ts';
import type { EngineAccess } from '../work/pod-place.ts';

/** How a worker's pod reaches the engine of this SearchCluster: Secrets by name, which the kubelet reads, not we. */
export function engineAccess(cluster: SearchCluster): EngineAccess {
  const { endpoints, auth, tls, settingsIndex } = cluster.spec;
  return {
    endpoints,
    settingsIndex,
    ...(auth?.basic && { credentialsSecret: auth.basic.secretRef.name }),
    ...(auth?.apiKey && { apiKey: auth.apiKey.secretRef }),
    ...(tls?.caSecretRef && { ca: { name: tls.caSecretRef.name, key: tls.caSecretRef.key } }),
  };
}
