import type { Resource } from '../api/object.ts';
import type { Kube } from './port.ts';

const namespaces: Resource = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace' };

/** Uid of a namespace, which stands for the Kubernetes cluster. Throws RetryableError(KubernetesDenied) where it may not be read. */
export async function namespaceUid(kube: Pick<Kube, 'get'>, name: string): Promise<string> {
  const found = await kube.get(namespaces, { namespace: '', name });
  if (found === undefined) throw new Error(`there is no namespace ${name}`);
  return found.metadata.uid;
}
