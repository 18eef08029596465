import type { Key, KubeObject, NewObject, Resource } from '../api/object.ts';

/** Which objects of a collection are meant, each as the API server reads it: "a=b,c" of labels, "a.b=c" of fields. */
export type Selectors = { readonly labels?: string; readonly fields?: string };

/**
 * What the operator asks of Kubernetes. Expected outcomes are returned; a stale write is ConflictError, an
 * unreachable or overloaded server RetryableError, anything else is a bug.
 */
export interface Kube {
  get<T extends KubeObject>(resource: Resource, key: Key): Promise<T | undefined>;
  /** Paged (500 at a time). An empty namespace means all. */
  list<T extends KubeObject>(resource: Resource, namespace: string, selectors?: Selectors): Promise<readonly T[]>;
  create<T extends KubeObject>(resource: Resource, object: NewObject): Promise<T | 'exists'>;
  /** JSON merge patch of the status with a resourceVersion precondition; `gone` when the object is no more. */
  patchStatus<T extends KubeObject>(
    resource: Resource,
    key: Key,
    resourceVersion: string,
    status: object,
  ): Promise<T | 'gone'>;
  /** JSON merge patch of the object itself; without a resourceVersion the last writer wins. */
  patch<T extends KubeObject>(
    resource: Resource,
    key: Key,
    resourceVersion: string | undefined,
    patch: object,
  ): Promise<T | 'gone'>;
  /** JSON merge patch of metadata.finalizers with a resourceVersion precondition. */
  setFinalizers<T extends KubeObject>(
    resource: Resource,
    key: Key,
    resourceVersion: string,
    finalizers: readonly string[],
  ): Promise<T | 'gone'>;
  delete(resource: Resource, key: Key, uid: string): Promise<'deleted' | 'missing'>;
}

/** The groups that an object belongs to, from what is kept of it. Must depend on that alone. */
export type GroupsOf<T> = (value: T) => readonly string[];

/** Read side of a watch: a synced copy of what the operator needs of every object of a kind. */
export interface Cache<T> {
  get(key: Key): T | undefined;
  list(): readonly T[];
  /** Those that `groupsOf` puts in this group, found without a walk over all. */
  in(group: string): readonly T[];
  /** True once the first list (or the initial events) is in. */
  readonly synced: boolean;
}
