import type { ClusterNode, IndexDescription, ShardCopy } from '../../../src/engine/port.ts';

type Settings = IndexDescription['settings'];

/** A copy of a shard: `home` is the node that has its files, alive or not; undefined = none ever had. */
type Copy = { readonly index: string; readonly shard: number; primary: boolean; home: string | undefined };

/**
 * Where the shards of a fake engine lie: by the filters of each index, each copy on a node of its own, the emptiest first, in
 * no time. A shard whose only copy lay on a node that died has no node until that one is back.
 */
export class FakeAllocation {
  /** While true no copy is put anywhere or moved, as with `cluster.routing.allocation.enable: none`. */
  isHeld = false;
  #nodes: readonly ClusterNode[];
  readonly #dead = new Set<string>();
  readonly #copies = new Map<string, Copy[]>();

  constructor(nodes: readonly ClusterNode[]) {
    this.#nodes = nodes;
  }

  kill(name: string): void {
    this.#dead.add(name);
  }

  start(name: string): void {
    this.#dead.delete(name);
  }

  /** Those that are there, with the shards that they hold. */
  nodes(indices: readonly IndexDescription[]): readonly ClusterNode[] {
    const copies = this.shards(indices);
    return this.#alive().map(node => ({ ...node, shards: copies.filter(copy => copy.node === node.id).length }));
  }

  /** Every copy of every shard of these indices, which are all that there are. */
  shards(indices: readonly IndexDescription[]): readonly ShardCopy[] {
    this.#allot(indices);
    return indices.flatMap(({ name }) =>
      (this.#copies.get(name) ?? []).map(({ home, ...copy }): ShardCopy => {
        const node = this.#isAlive(home) ? home : undefined;
        return { ...copy, state: node === undefined ? 'UNASSIGNED' : 'STARTED', node };
      }),
    );
  }

  #allot(indices: readonly IndexDescription[]): void {
    const names = new Set(indices.map(({ name }) => name));
    for (const name of this.#copies.keys()) if (!names.has(name)) this.#copies.delete(name);
    for (const { name, settings } of indices)
      for (let shard = 0; shard < Number(settings['index.number_of_shards']); shard += 1)
        this.#allotShard(name, shard, settings);
  }

  #allotShard(index: string, shard: number, settings: Settings): void {
    const all = this.#copies.get(index) ?? [];
    const copies = all.filter(copy => copy.shard === shard);
    const [primary = { index, shard, primary: true, home: undefined }, ...others] = copies;
    const wanted = settings['index.auto_expand_replicas'] ? 0 : Number(settings['index.number_of_replicas']);
    const replicas = others.slice(0, wanted);
    while (replicas.length < wanted) replicas.push({ index, shard, primary: false, home: undefined });
    this.#promote(primary, replicas);
    if (!this.isHeld) for (const copy of [primary, ...replicas]) this.#place(copy, [primary, ...replicas], settings);
    this.#copies.set(index, [...all.filter(copy => copy.shard !== shard), primary, ...replicas]);
  }

  /** What is left of a shard goes on as its primary. */
  #promote(primary: Copy, replicas: readonly Copy[]): void {
    if (this.#isAlive(primary.home)) return;
    const heir = replicas.find(({ home }) => this.#isAlive(home));
    if (heir) [primary.home, heir.home] = [heir.home, undefined];
  }

  #place(copy: Copy, copies: readonly Copy[], settings: Settings): void {
    const isLost = copy.primary && copy.home !== undefined && !this.#isAlive(copy.home);
    const hasSource = copy.primary || this.#isAlive(copies[0]?.home);
    const node = this.#alive().find(({ id }) => id === copy.home);
    if (isLost || !hasSource || (node && takes(node, settings))) return;
    const taken = new Set(copies.map(({ home }) => home));
    const [free] = this.#alive()
      .filter(each => takes(each, settings) && !taken.has(each.id))
      .toSorted((one, other) => this.#load(one) - this.#load(other));
    if (free) copy.home = free.id;
  }

  #load({ id }: ClusterNode): number {
    return [...this.#copies.values()].flat().filter(({ home }) => home === id).length;
  }

  #alive(): readonly ClusterNode[] {
    return this.#nodes.filter(({ name }) => !this.#dead.has(name));
  }

  #isAlive(id: string | undefined): boolean {
    return this.#alive().some(node => node.id === id);
  }
}

const filters = 'index.routing.allocation.';

function takes({ takesShards, attributes }: ClusterNode, settings: Settings): boolean {
  return (
    takesShards &&
    Object.entries(settings).every(([key, value]) => {
      const [kind, attribute = ''] = key.startsWith(filters) ? key.slice(filters.length).split('.') : [];
      const isNamed = value.split(',').includes(attributes[attribute] ?? '');
      if (kind === 'exclude') return !isNamed;
      return kind === 'require' || kind === 'include' ? isNamed : true;
    })
  );
}
