import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { SearchCluster } from '../api/search-cluster.ts';
import { isAliasNews } from '../indexed-repo/alias-news.ts';
import type { Cache, Key } from '../kube/port.ts';
import type { EngineHands } from '../plan/apply-engine.ts';
import type { SteadyClock } from '../runtime/clock.ts';
import type { OperatorWatch } from '../search-cluster/operator-watch.ts';
import { reposOfCluster } from '../search-cluster/groups.ts';
import { viewAliases } from '../search-cluster/observe-alias.ts';

export type FloorLookParts = {
  readonly clock: SteadyClock;
  readonly repos: Cache<IndexedRepo>;
  readonly operators: Pick<OperatorWatch, 'look'>;
  readonly wake: (key: Key) => void;
  /** Everything that stands behind a SearchCluster has something else to say. */
  readonly wakeAll: (cluster: Key) => void;
  /** Between two looks at the same cluster, in ms. */
  readonly everyMs: number;
};

/**
 * However rarely an IndexedRepo is looked at by its own schedule, all aliases of its cluster are looked at this often, in a
 * number of requests that does not grow with them. Whose alias is not what its status says is looked at in full; nothing
 * else comes of it. Nothing is written but the name of this process, once (operator-watch.ts).
 */
export class FloorLook {
  readonly #parts: FloorLookParts;
  /** By uid of the SearchCluster. */
  readonly #lookedAtMs = new Map<string, number>();

  constructor(parts: FloorLookParts) {
    this.#parts = parts;
  }

  /** Looks if that is due. `uuid` is that of the engine which answers. Answers in how many ms the next look is. */
  async ifDue(cluster: SearchCluster, uuid: string, hands: EngineHands): Promise<number> {
    const { clock, everyMs, operators, wakeAll } = this.#parts;
    const { uid, namespace, name } = cluster.metadata;
    const nowMs = clock.elapsedMs();
    const dueInMs = (this.#lookedAtMs.get(uid) ?? -Infinity) + everyMs - nowMs;
    if (dueInMs > 0) return dueInMs;
    this.#lookedAtMs.set(uid, nowMs);
    if ((await operators.look(cluster, uuid, hands.settings)) === 'changed') wakeAll({ namespace, name });
    await this.#look(cluster, hands);
    return everyMs;
  }

  /** Forgets SearchClusters that are no more. */
  keepOnly(clusterUids: ReadonlySet<string>): void {
    for (const uid of [...this.#lookedAtMs.keys()]) if (!clusterUids.has(uid)) this.#lookedAtMs.delete(uid);
  }

  async #look({ metadata, spec }: SearchCluster, hands: EngineHands): Promise<void> {
    const repos = this.#parts.repos.in(reposOfCluster(metadata)).filter(isStaying);
    if (repos.length === 0) return;
    const views = await viewAliases(
      repos.map(repo => repo.spec.alias),
      spec.settingsIndex,
      hands,
    );
    repos.forEach((repo, at) => {
      const view = views[at];
      const { namespace, name } = repo.metadata;
      if (view && isAliasNews(repo, view)) this.#parts.wake({ namespace, name });
    });
  }
}

/** One that is being deleted looks every few seconds by itself. */
function isStaying({ metadata }: IndexedRepo): boolean {
  return metadata.deletionTimestamp === undefined;
}
