import type { NewObject, Resource } from '../api/object.ts';
import { TerminalError } from '../domain/errors.ts';
import type { Kube } from '../kube/port.ts';

/** "Already there" is success only if what stands there has the same owner: a name alone proves nothing. */
export async function createOwned(kube: Kube, resource: Resource, object: NewObject): Promise<void> {
  if ((await kube.create(resource, object)) !== 'exists') return;
  const { namespace, name, ownerReferences } = object.metadata;
  const found = await kube.get(resource, { namespace, name });
  const ours = ownerReferences?.[0]?.uid;
  if (found && !found.metadata.ownerReferences?.some(reference => reference.uid === ours))
    throw new TerminalError('Unexpected', `a ${resource.kind} named ${name} exists and belongs to somebody else`);
}
