import { readObject, type Kind, type ObjectOf } from '../api/kind.ts';
import { group } from '../api/meta.ts';
import type { KubeObject } from '../api/object.ts';
import type { WorkQueue } from '../kube/workqueue.ts';
import type { Logger } from '../runtime/log.ts';
import type { UnreadableObjects } from './unreadable.ts';

type Aside = { readonly queue: WorkQueue; readonly unreadable: UnreadableObjects; readonly log: Logger };

/** What is kept of an object of ours. One that we cannot read is set aside, and its queue told. */
export function projected<K extends Kind>(
  kind: K,
  raw: KubeObject,
  { queue, unreadable, log }: Aside,
): ObjectOf<K> | undefined {
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, ...rest } = raw.metadata;
  const { deletionTimestamp, finalizers, labels, annotations, ownerReferences } = rest;
  const kept = { name, namespace, uid, resourceVersion, generation, creationTimestamp };
  const metadata = {
    ...kept,
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(finalizers && { finalizers }),
    ...(labels && { labels }),
    ...(annotations && { annotations: ours(annotations) }),
    ...(ownerReferences && { ownerReferences }),
  };
  const read = readObject(kind, { ...raw, metadata });
  if (read.is === 'valid') {
    unreadable.forget(kind.resource, metadata);
    return read.object;
  }
  log.error({ kind: kind.resource.kind, namespace, name, message: read.message }, 'object not understood, left alone');
  unreadable.note(kind.resource, { ...raw, metadata }, read.message);
  queue.add({ namespace, name });
  return undefined;
}

/** Annotations of others, such as kubectl's copy of the whole object, are nothing that we ask for. */
function ours(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => key.startsWith(`${group}/`)));
}
