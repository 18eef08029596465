import type { EngineHands } from '../alias/engine-hands.ts';
import type { LockRead, LockWatch } from '../alias/lock-watch.ts';
import { viewAliases, type AliasView } from '../alias/observe.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { Key } from '../api/object.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import type { SearchCluster } from '../api/search-cluster.ts';
import type { OperatorWatch } from '../cluster/operator-watch.ts';
import { settingsPlace } from '../cluster/standing.ts';
import { isAliasNews } from '../indexed-repo/alias-news.ts';
import type { Cache } from '../kube/port.ts';
import { holderRules } from '../runs/holder-rules.ts';
import type { SteadyClock } from '../runtime/clock.ts';
import { reposOfCluster } from '../search-cluster/groups.ts';

export type FloorLookParts = {
  readonly clock: SteadyClock;
  readonly repos: Cache<IndexedRepo>;
  readonly requests: Cache<ReindexRequest>;
  readonly operators: Pick<OperatorWatch, 'look' | 'side'>;
  readonly locks: LockWatch;
  readonly wake: (key: Key) => void;
  /** Everything that stands behind a SearchCluster has something else to say. */
  readonly wakeAll: (cluster: Key) => void;
  /** Between two looks at the same cluster, in ms. */
  readonly everyMs: number;
};

/** A lease that is shorter still is not hurried for. */
const soonestMs = 10_000;

/**
 * However rarely an IndexedRepo is looked at by its own schedule, all aliases of its cluster are looked at this often, in a
 * number of requests that does not grow with them. Whose alias is not what its status says is looked at in full; nothing
 * else comes of it. While a lock is held by who may be gone without a word, the next look is when its lease is over.
 * Nothing is written but the name of this process, once (operator-watch.ts).
 */
export class FloorLook {
  readonly #parts: FloorLookParts;
  /** By uid of the SearchCluster. */
  readonly #dueAtMs = new Map<string, number>();

  constructor(parts: FloorLookParts) {
    this.#parts = parts;
  }

  /** Looks if that is due. `uuid` is that of the engine which answers. Answers in how many ms the next look is. */
  async ifDue(cluster: SearchCluster, uuid: string, hands: EngineHands): Promise<number> {
    const { clock, everyMs, operators, wakeAll } = this.#parts;
    const { uid, namespace, name } = cluster.metadata;
    const nowMs = clock.elapsedMs();
    const dueInMs = (this.#dueAtMs.get(uid) ?? nowMs) - nowMs;
    if (dueInMs > 0) return dueInMs;
    this.#dueAtMs.set(uid, nowMs + everyMs);
    const { settings } = hands;
    if ((await operators.look(cluster, { uuid, settings, nowMs })) === 'changed') wakeAll({ namespace, name });
    const silentInMs = await this.#look(cluster, uuid, hands);
    const againInMs = Math.min(everyMs, Math.max(soonestMs, silentInMs));
    this.#dueAtMs.set(uid, nowMs + againInMs);
    return againInMs;
  }

  /** Forgets SearchClusters that are no more. */
  keepOnly(clusterUids: ReadonlySet<string>): void {
    for (const uid of [...this.#dueAtMs.keys()]) if (!clusterUids.has(uid)) this.#dueAtMs.delete(uid);
  }

  /** Answers in how many ms the first of the locks would be silent. */
  async #look(cluster: SearchCluster, uuid: string, hands: EngineHands): Promise<number> {
    const repos = this.#parts.repos.in(reposOfCluster(cluster.metadata)).filter(isStaying);
    if (repos.length === 0) return Infinity;
    const views = await viewAliases(
      repos.map(repo => repo.spec.alias),
      cluster.spec.settingsIndex,
      hands,
    );
    const silentInMs = repos.map((repo, at) => {
      const view = views[at];
      return view ? this.#judge(repo, view, this.#lockRead(cluster, uuid, repo, view)) : Infinity;
    });
    return Math.min(...silentInMs);
  }

  /** Wakes the IndexedRepo if its alias is another than it says. Answers in how many ms the lock would be silent. */
  #judge(repo: IndexedRepo, view: AliasView, lock: LockRead | undefined): number {
    const { locks, wake } = this.#parts;
    const { namespace, name } = repo.metadata;
    const lockSilentSince = lock && locks.silentSince(lock, repo.status.lock);
    if (isAliasNews(repo, { ...view, lockSilentSince })) wake({ namespace, name });
    return (lock && locks.silentInMs(lock)) ?? Infinity;
  }

  #lockRead(cluster: SearchCluster, uuid: string, repo: IndexedRepo, { lock }: AliasView): LockRead | undefined {
    const { operators, repos, requests } = this.#parts;
    const rules = holderRules(operators.side(cluster).operator, repo.metadata.namespace, { repos, requests });
    return lock && { place: settingsPlace(cluster, uuid), alias: repo.spec.alias, lock, ...rules };
  }
}

/** One that is being deleted looks every few seconds by itself. */
function isStaying({ metadata }: IndexedRepo): boolean {
  return metadata.deletionTimestamp === undefined;
}
