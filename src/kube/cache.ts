import type { Cache, Key } from './port.ts';

type Entry<T> = { readonly key: Key; readonly resourceVersion: string; readonly value: T };

const idOf = (key: Key): string => `${key.namespace}/${key.name}`;

/** The copy that one watch keeps: what was projected of each object, and which version of the object that was. */
export class WatchCache<T> implements Cache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  #synced = false;

  get synced(): boolean {
    return this.#synced;
  }

  get(key: Key): T | undefined {
    return this.#entries.get(idOf(key))?.value;
  }

  list(): readonly T[] {
    return [...this.#entries.values()].map(entry => entry.value);
  }

  /** True when this very version of the object is what the cache holds. */
  holds(key: Key, resourceVersion: string): boolean {
    return this.#entries.get(idOf(key))?.resourceVersion === resourceVersion;
  }

  set(key: Key, resourceVersion: string, value: T): void {
    this.#entries.set(idOf(key), { key, resourceVersion, value });
  }

  /** False when there was nothing to remove. */
  remove(key: Key): boolean {
    return this.#entries.delete(idOf(key));
  }

  /** A whole list was taken in: drops what it did not contain, and answers those keys. */
  finishList(seen: ReadonlySet<string>): readonly Key[] {
    this.#synced = true;
    const vanished: Key[] = [];
    for (const [id, { key }] of this.#entries) {
      if (seen.has(id)) continue;
      this.#entries.delete(id);
      vanished.push(key);
    }
    return vanished;
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
  get synced() {
    return caches.every(cache => cache.synced);
  },
});
