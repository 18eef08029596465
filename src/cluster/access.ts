import type { SearchCluster } from '../api/search-cluster.ts';
import type { EngineAccess } from '../work/pod-place.ts';

/**
 * How the engine of this SearchCluster is reached, by the operator and by a worker's pod: Secrets by name. What ECK lays out
 * for an Elasticsearch object stands where nothing else is declared.
 */
export function engineAccess({ metadata: { namespace }, spec }: SearchCluster): EngineAccess {
  const { endpoints, elasticsearchRef, auth, tls, settingsIndex } = spec;
  const eck = elasticsearchRef && laidOutByEck(elasticsearchRef, namespace);
  const { basic, apiKey } = auth ?? {};
  const user = basic ? userIn(basic.secretRef.name) : auth ? undefined : eck?.user;
  const ca = tls?.caSecretRef ?? eck?.ca;
  return {
    endpoints: endpoints ?? eck?.endpoints ?? [],
    settingsIndex,
    ...(user && { user }),
    ...(apiKey && { apiKey: { name: apiKey.secretRef.name, key: apiKey.secretRef.key ?? 'apiKey' } }),
    ...(ca && { ca }),
  };
}

function userIn(name: string): NonNullable<EngineAccess['user']> {
  return { name: { name, key: 'username' }, password: { name, key: 'password' } };
}

type EckRef = NonNullable<SearchCluster['spec']['elasticsearchRef']>;

function laidOutByEck({ name, serviceName }: EckRef, namespace: string) {
  return {
    endpoints: [`https://${serviceName ?? `${name}-es-http`}.${namespace}.svc:9200`],
    user: { name: 'elastic', password: { name: `${name}-es-elastic-user`, key: 'elastic' } },
    ca: { name: `${name}-es-http-certs-public`, key: 'ca.crt' },
  };
}
