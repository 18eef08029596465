import { randomUUID } from 'node:crypto';
import type { Key, KubeObject, NewObject, ObjectMeta, Resource } from '../../../src/api/object.ts';
import { ConflictError } from '../../../src/domain/errors.ts';
import { WatchCache } from '../../../src/kube/cache.ts';
import type { Cache, GroupsOf, Kube, Selectors } from '../../../src/kube/port.ts';
import { aTurnLater } from './turns.ts';

type Stored = KubeObject & { readonly [field: string]: unknown };
type Json = { readonly [field: string]: unknown };

export type FakeWatchOptions<T> = {
  readonly resource: Resource;
  readonly namespace: string;
  readonly labelSelector?: string;
  readonly project: (raw: KubeObject) => T | undefined;
  readonly onChange: (key: Key) => void;
  readonly groupsOf?: GroupsOf<T>;
};

export type FakeWatch<T> = { readonly cache: Cache<T>; start(): void; stop(): Promise<void> };

/**
 * An API server in memory: the semantics that the contract suite of `Kube` also demands of a real one, and nothing
 * else (no schema, no defaults, no admission). Status is always a subresource.
 */
export class FakeKube implements Kube {
  readonly #now: () => Date;
  readonly #objects = new Map<string, Stored>();
  readonly #listeners = new Set<(resource: Resource, object: Stored, gone: boolean) => void>();
  readonly #newUid: () => string;
  readonly #soon: (act: () => void, plural: string) => void;
  #version = 0;

  /** `soon` decides how late a watch hears of a change. */
  constructor(
    now: () => Date = () => new Date(),
    newUid: () => string = randomUUID,
    soon: (act: () => void, plural: string) => void = aTurnLater,
  ) {
    this.#now = now;
    this.#newUid = newUid;
    this.#soon = soon;
  }

  async get<T extends KubeObject>(resource: Resource, key: Key): Promise<T | undefined> {
    return this.#objects.get(idOf(resource, key)) as T | undefined;
  }

  async list<T extends KubeObject>(
    resource: Resource,
    namespace: string,
    { labels = '', fields = '' }: Selectors = {},
  ): Promise<readonly T[]> {
    const found = this.#matching(resource, namespace, labels).filter(object => hasFields(fields, object));
    return found as unknown as readonly T[];
  }

  async create<T extends KubeObject>(resource: Resource, object: NewObject): Promise<T | 'exists'> {
    const id = idOf(resource, object.metadata);
    if (this.#objects.has(id)) return 'exists';
    const rest = without(structuredClone(object), ['status']);
    const creationTimestamp = this.#now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
    const metadata = { ...object.metadata, uid: this.#newUid(), creationTimestamp, generation: 1, resourceVersion: '' };
    return this.#store(resource, id, { ...rest, metadata }) as unknown as T;
  }

  async patchStatus<T extends KubeObject>(
    resource: Resource,
    key: Key,
    resourceVersion: string,
    status: object,
  ): Promise<T | 'gone'> {
    const change = (before: Stored): Stored => ({ ...before, status: merge(before.status, status) });
    return this.#change(resource, key, resourceVersion, change) as unknown as T | 'gone';
  }

  async patch<T extends KubeObject>(
    resource: Resource,
    key: Key,
    resourceVersion: string | undefined,
    patch: object,
  ): Promise<T | 'gone'> {
    const change = (before: Stored): Stored => {
      const merged = merge(before, patch) as Stored;
      const specMoved = !isEqual(withoutOwnFields(before), withoutOwnFields(merged));
      const generation = before.metadata.generation + (specMoved ? 1 : 0);
      const metadata = { ...merged.metadata, ...fixedMeta(before.metadata), generation };
      return {
        ...without(merged, ['status']),
        metadata,
        ...(before.status === undefined ? {} : { status: before.status }),
      };
    };
    return this.#change(resource, key, resourceVersion, change) as unknown as T | 'gone';
  }

  async setFinalizers<T extends KubeObject>(
    resource: Resource,
    key: Key,
    resourceVersion: string,
    finalizers: readonly string[],
  ): Promise<T | 'gone'> {
    return this.patch<T>(resource, key, resourceVersion, { metadata: { finalizers } });
  }

  async delete(resource: Resource, key: Key, uid: string): Promise<'deleted' | 'missing'> {
    const found = this.#objects.get(idOf(resource, key));
    if (found?.metadata.uid !== uid) return 'missing';
    this.#mark(resource, found);
    return 'deleted';
  }

  /** What `kubectl delete` does. */
  remove(resource: Resource, key: Key): void {
    const found = this.#objects.get(idOf(resource, key));
    if (found !== undefined) this.#mark(resource, found);
  }

  /** What the garbage collector would delete now: objects whose owner is no more. */
  collectGarbage(resource: Resource): void {
    const uids = new Set([...this.#objects.values()].map(object => object.metadata.uid));
    for (const object of this.#matching(resource, '', '')) {
      const owners = object.metadata.ownerReferences ?? [];
      if (owners.length > 0 && owners.every(owner => !uids.has(owner.uid))) this.#mark(resource, object);
    }
  }

  /** Delivers changes to a cache a little after they happened, as a real watch does. */
  watch<T>(options: FakeWatchOptions<T>): FakeWatch<T> {
    const { resource, namespace, labelSelector = '', project, onChange } = options;
    const cache = new WatchCache<T>(options.groupsOf);
    const deliver = (object: Stored, gone: boolean): void => {
      const { resourceVersion, name } = object.metadata;
      const key = { namespace: object.metadata.namespace, name };
      const value = gone || !selects(labelSelector, object) ? undefined : project(object);
      if (value !== undefined) cache.set(key, resourceVersion, value);
      else if (!cache.remove(key)) return;
      onChange(key);
    };
    const listener = (of: Resource, object: Stored, gone: boolean): void => {
      const watched = of.plural === resource.plural && of.group === resource.group;
      if (!watched || (namespace !== '' && namespace !== object.metadata.namespace)) return;
      this.#soon(() => {
        if (this.#listeners.has(listener)) deliver(object, gone);
      }, resource.plural);
    };
    return {
      cache,
      start: () => {
        this.#listeners.add(listener);
        const present = this.#matching(resource, namespace, labelSelector);
        this.#soon(() => {
          for (const object of present) deliver(object, false);
          cache.finishList(new Set(present.map(object => WatchCache.idOf(object.metadata))));
        }, resource.plural);
      },
      stop: async () => void this.#listeners.delete(listener),
    };
  }

  #change(resource: Resource, key: Key, version: string | undefined, to: (before: Stored) => Stored): Stored | 'gone' {
    const id = idOf(resource, key);
    const before = this.#objects.get(id);
    if (before === undefined) return 'gone';
    if (version !== undefined && version !== before.metadata.resourceVersion) {
      throw new ConflictError(`${id}: resourceVersion is ${before.metadata.resourceVersion}, not ${version}`);
    }
    const after = structuredClone(to(before));
    // A patch that changes nothing writes nothing.
    if (isEqual(before, after)) return before;
    return this.#store(resource, id, after);
  }

  #mark(resource: Resource, object: Stored): void {
    const id = idOf(resource, object.metadata);
    if (object.metadata.deletionTimestamp !== undefined) return;
    const deletionTimestamp = this.#now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
    const metadata = { ...object.metadata, deletionTimestamp, generation: object.metadata.generation + 1 };
    this.#store(resource, id, { ...object, metadata });
  }

  /** Gives the object its next version; one that is being deleted and has no finalizer left vanishes. */
  #store(resource: Resource, id: string, object: Stored): Stored {
    this.#version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    const gone = stored.metadata.deletionTimestamp !== undefined && (stored.metadata.finalizers ?? []).length === 0;
    if (gone) this.#objects.delete(id);
    else this.#objects.set(id, frozen(stored));
    for (const tell of this.#listeners) tell(resource, stored, gone);
    return stored;
  }

  #matching(resource: Resource, namespace: string, labelSelector: string): readonly Stored[] {
    const prefix = idOf(resource, { namespace, name: '' }).slice(0, namespace === '' ? -1 : undefined);
    return [...this.#objects.entries()]
      .filter(([id, object]) => id.startsWith(prefix) && selects(labelSelector, object))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }
}

const idOf = (resource: Resource, key: Key): string =>
  `${resource.group}/${resource.plural}/${key.namespace}/${key.name}`;

/** `a=b,c` : label a is b, and label c exists. */
const selects = (selector: string, object: Stored): boolean =>
  selector
    .split(',')
    .filter(term => term !== '')
    .every(term => {
      const [name = '', value] = term.split('=');
      const label = object.metadata.labels?.[name];
      return value === undefined ? label !== undefined : label === value;
    });

/** `a.b=c`: what stands at that path is c. A real server knows some paths only. */
const hasFields = (selector: string, object: Stored): boolean =>
  selector
    .split(',')
    .filter(term => term !== '')
    .every(term => {
      const [path = '', wanted] = term.split('=');
      const found = path
        .split('.')
        .reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), object);
      return found === wanted;
    });

const fixedMeta = ({ uid, name, namespace, creationTimestamp, resourceVersion, deletionTimestamp }: ObjectMeta) => ({
  ...{ uid, name, namespace, creationTimestamp, resourceVersion },
  ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
});

const without = (object: object, names: readonly string[]): Json =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

const withoutOwnFields = (object: Stored): Json => without(object, ['metadata', 'status']);

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON merge patch (RFC 7386). */
const merge = (before: unknown, patch: unknown): unknown => {
  if (!isObject(patch)) return patch;
  const base = isObject(before) ? before : {};
  const removed = Object.keys(patch).filter(name => patch[name] === null);
  const changed = Object.entries(without(patch, removed)).map(([name, value]) => [name, merge(base[name], value)]);
  return { ...without(base, removed), ...Object.fromEntries(changed) };
};

/** What is read is what is stored: whoever writes into it fails. */
const frozen = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
};

/** As JSON: in whatever order the fields stand, absent ones left out. */
const isEqual = (a: unknown, b: unknown): boolean => {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => isEqual(item, b[at]));
  if (!isObject(a) || !isObject(b)) return a === b;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every(name => isEqual(a[name], b[name]));
};
