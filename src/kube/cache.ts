import type { Key } from '../api/object.ts';
import type { Cache, GroupsOf } from './port.ts';

type Entry<T> = { readonly key: Key; readonly resourceVersion: string; readonly value: T };

const idOf = (key: Key): string => `${key.namespace}/${key.name}`;

/** The copy that one watch keeps: what was projected of each object, and which version of the object that was. */
export class WatchCache<T> implements Cache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #groups = new Map<string, Map<string, T>>();
  readonly #groupsOf: GroupsOf<T>;
  #synced = false;

  constructor(groupsOf: GroupsOf<T> = () => []) {
    this.#groupsOf = groupsOf;
  }

  get synced(): boolean {
    return this.#synced;
  }

  get(key: Key): T | undefined {
    return this.#entries.get(idOf(key))?.value;
  }

  list(): readonly T[] {
    return [...this.#entries.values()].map(entry => entry.value);
  }

  in(group: string): readonly T[] {
    return [...(this.#groups.get(group)?.values() ?? [])];
  }

  /** True when this very version of the object is what the cache holds. */
  holds(key: Key, resourceVersion: string): boolean {
    return this.#entries.get(idOf(key))?.resourceVersion === resourceVersion;
  }

  set(key: Key, resourceVersion: string, value: T): void {
    const id = idOf(key);
    this.#leaveGroups(id);
    this.#entries.set(id, { key, resourceVersion, value });
    for (const group of this.#groupsOf(value)) {
      const members = this.#groups.get(group) ?? new Map<string, T>();
      this.#groups.set(group, members.set(id, value));
    }
  }

  /** False when there was nothing to remove. */
  remove(key: Key): boolean {
    const id = idOf(key);
    this.#leaveGroups(id);
    return this.#entries.delete(id);
  }

  /** A whole list was taken in: drops what it did not contain, and answers those keys. */
  finishList(seen: ReadonlySet<string>): readonly Key[] {
    this.#synced = true;
    const vanished: Key[] = [];
    for (const [id, { key }] of this.#entries) {
      if (seen.has(id)) continue;
      this.remove(key);
      vanished.push(key);
    }
    return vanished;
  }

  #leaveGroups(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    for (const group of this.#groupsOf(entry.value)) {
      const members = this.#groups.get(group);
      members?.delete(id);
      if (members?.size === 0) this.#groups.delete(group);
    }
  }

  /** The spelling of a key in the set given to {@link WatchCache.finishList}. */
  static idOf(key: Key): string {
    return idOf(key);
  }
}

/** Several caches of one kind, each of other namespaces, read as one; synced when all of them are. */
export const joinCaches = <T>(caches: readonly Cache<T>[]): Cache<T> => ({
  get: key => caches.map(cache => cache.get(key)).find(value => value !== undefined),
  list: () => caches.flatMap(cache => cache.list()),
  in: group => caches.flatMap(cache => cache.in(group)),
  get synced() {
    return caches.every(cache => cache.synced);
  },
});
