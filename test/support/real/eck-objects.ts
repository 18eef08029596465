import { readFileSync } from 'node:fs';
import { ECK_NAME } from '../../bed/eck.ts';
import type { BedState } from '../../bed/state.ts';
import { secret } from './installed.ts';
import type { Manifest } from './kubectl.ts';

/** What ECK lays out beside an Elasticsearch object, as far as anything connects by it. */
export function eckObjects({ engine }: BedState): readonly Manifest[] {
  const { hostname, port } = new URL(engine.url);
  const ca = readFileSync(engine.caFile, 'utf8');
  const services = ['http', 'internal-http'].map(kind => `${ECK_NAME}-es-${kind}`);
  return [
    ...services.flatMap(name => [service(name), endpointsOf(name, { address: hostname, port: Number(port) })]),
    secret(`${ECK_NAME}-es-http-certs-public`, { 'ca.crt': ca, 'tls.crt': ca }),
    secret(`${ECK_NAME}-es-elastic-user`, { [engine.username]: engine.password }),
  ];
}

/** Without a selector: the engine of a bed is no pod. */
function service(name: string): Manifest {
  const spec = { type: 'ClusterIP', ports: [{ name: portName, port: 9200, protocol: 'TCP' }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
}

const portName = 'https';

function endpointsOf(name: string, { address, port }: { readonly address: string; readonly port: number }): Manifest {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-bed`, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: portName, port, protocol: 'TCP' }],
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  };
}
