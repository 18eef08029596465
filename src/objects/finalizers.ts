import { keys } from '../api/meta.ts';
import type { Key, ObjectMeta, Resource } from '../api/object.ts';
import type { Effect } from '../plan/effect.ts';
import { kubeEffect, type OnKube } from './kube-effect.ts';

type Finalizers = {
  readonly resource: Resource;
  readonly key: Key;
  readonly resourceVersion: string;
  readonly finalizers: readonly string[];
};

/** Owed as long as there is something to clean up outside of Kubernetes. */
export function addFinalizer(resource: Resource, metadata: ObjectMeta): Effect<OnKube> {
  return adding(finalizersOf(resource, metadata, [...others(metadata), keys.finalizer]));
}

export function removeFinalizer(resource: Resource, metadata: ObjectMeta): Effect<OnKube> {
  return removing(finalizersOf(resource, metadata, others(metadata)));
}

const [adding, removing] = [setting('add-finalizer'), setting('remove-finalizer')];

function setting(name: string): (args: Finalizers) => Effect<OnKube> {
  return kubeEffect({
    name,
    marks: ['moves-object'],
    target: ({ key }: Finalizers) => key.name,
    run: async ({ resource, key, resourceVersion, finalizers }, kube) => {
      await kube.setFinalizers(resource, key, resourceVersion, finalizers);
    },
  });
}

function others({ finalizers = [] }: ObjectMeta): readonly string[] {
  return finalizers.filter(each => each !== keys.finalizer);
}

function finalizersOf(
  resource: Resource,
  { namespace, name, resourceVersion }: ObjectMeta,
  finalizers: readonly string[],
): Finalizers {
  return { resource, key: { namespace, name }, resourceVersion, finalizers };
}
