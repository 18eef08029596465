import type { ClusterNode } from '../engine/port.ts';

/**
 * Which of the declared endpoints are one of these nodes: by the address at which the node speaks HTTP, or by its name where
 * the endpoint has a host of that name. Nodes at other addresses are never spoken with: their certificates, the network and
 * whoever declared the endpoints know nothing of those. Pure.
 */
export function endpointsAt(nodes: readonly ClusterNode[], declared: readonly string[]): readonly string[] {
  return declared.filter(endpoint => nodes.some(node => isAt(node, new URL(endpoint))));
}

function isAt({ http, name }: ClusterNode, { hostname, port, protocol }: URL): boolean {
  if (http === undefined) return false;
  const at = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  if (http === `${hostname}:${at}`) return true;
  return http.endsWith(`:${at}`) && [hostname, hostname.split('.')[0]].includes(name.toLowerCase());
}
