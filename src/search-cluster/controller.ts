import type { EngineHands } from '../alias/engine-hands.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import { keys } from '../api/meta.ts';
import { reasons } from '../api/reasons.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import { searchClusterResource, type SearchCluster } from '../api/search-cluster.ts';
import type { ClusterConnections } from '../cluster/connections.ts';
import type { OperatorWatch } from '../cluster/operator-watch.ts';
import { hasReason, RetryableError } from '../domain/errors.ts';
import type { Reconciler } from '../kube/controller.ts';
import type { Cache, Kube } from '../kube/port.ts';
import { writeStatus, type StatusWriter } from '../objects/status-writer.ts';
import { requestsOfCluster } from '../runs/groups.ts';
import { isFinished } from '../runs/queue.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { reposOfCluster } from './groups.ts';
import { changedCluster, clusterStatus, type Probe } from './status.ts';

export type SearchClusterParts = StatusWriter & {
  readonly kube: Pick<Kube, 'setFinalizers'>;
  readonly clock: Clock;
  readonly clusters: Cache<SearchCluster>;
  readonly repos: Cache<IndexedRepo>;
  readonly requests: Cache<ReindexRequest>;
  readonly connections: ClusterConnections;
  readonly aliases: AliasLook;
  readonly operators: Pick<OperatorWatch, 'side'>;
};

/** The look at all aliases of a cluster. */
export type AliasLook = {
  /** Looks if that is due; answers in how many ms the next look is. */
  ifDue(cluster: SearchCluster, uuid: string, hands: EngineHands): Promise<number>;
  keepOnly(clusterUids: ReadonlySet<string>): void;
};

/** How often an engine is asked whether it is there; nothing is written when nothing has changed. */
const probeEveryMs = 30_000;
const retryEveryMs = 5_000;
const leavingEveryMs = 2_000;

/** Keeps `Ready` of a SearchCluster true to what answers behind its endpoints. */
export function searchClusterReconciler(parts: SearchClusterParts): Reconciler {
  return async (key, log) => {
    const cluster = parts.clusters.get(key);
    if (!cluster) {
      const uids = new Set(parts.clusters.list().map(each => each.metadata.uid));
      parts.connections.keepOnly(uids);
      parts.aliases.keepOnly(uids);
      return { is: 'done' };
    }
    const finalizers = wantedFinalizers(cluster, parts);
    if (finalizers !== undefined) {
      await parts.kube.setFinalizers(searchClusterResource, key, cluster.metadata.resourceVersion, finalizers);
      log.info({ finalizers }, 'finalizers changed');
      return { is: 'done' }; // the watch brings it back, or takes it away
    }
    const probe = await look(cluster, parts);
    await writeStatus(parts, {
      resource: searchClusterResource,
      object: cluster,
      status: clusterStatus(cluster, { probe, users: usersOf(cluster, parts), now: parts.clock.now() }),
      log,
    });
    const lookInMs = await lookAtAliases(cluster, probe, parts, log);
    if (cluster.metadata.deletionTimestamp !== undefined) return { is: 'again', inMs: leavingEveryMs };
    return { is: 'again', inMs: Math.min(lookInMs, probe.is === 'answered' ? probeEveryMs : retryEveryMs) };
  };
}

/** An engine that answers its probe and not this is asked again by the next probe, which then says what is wrong. */
async function lookAtAliases(
  cluster: SearchCluster,
  probe: Probe,
  { connections, aliases }: SearchClusterParts,
  log: Logger,
): Promise<number> {
  if (probe.is !== 'answered' || changedCluster(cluster, probe.info)) return Infinity;
  try {
    return await aliases.ifDue(cluster, probe.info.uuid, await connections.forProbe(cluster));
  } catch (error) {
    if (!hasReason(error)) throw error;
    log.warn({ reason: error.reason, message: error.message }, 'the aliases of the cluster could not be looked at');
    return Infinity;
  }
}

/**
 * A SearchCluster stays as long as an IndexedRepo names it, or a request that is not over: when a whole namespace is deleted,
 * versions can only be cleaned up while it is still known how to reach their engine. Undefined = the finalizers are as they should be.
 */
function wantedFinalizers({ metadata }: Pick<SearchCluster, 'metadata'>, users: Users): readonly string[] | undefined {
  const { finalizers = [], deletionTimestamp } = metadata;
  const isNamed = usersOf({ metadata }, users).length > 0;
  const isHeld = finalizers.includes(keys.finalizer);
  if (isHeld && !isNamed) return finalizers.filter(each => each !== keys.finalizer);
  // An object that is being deleted takes no new finalizer.
  return isNamed && !isHeld && deletionTimestamp === undefined ? [...finalizers, keys.finalizer] : undefined;
}

type Users = Pick<SearchClusterParts, 'repos' | 'requests'>;

/** Those that name it, for people. */
function usersOf({ metadata }: Pick<SearchCluster, 'metadata'>, { repos, requests }: Users): readonly string[] {
  const { namespace, name } = metadata;
  const unfinished = requests.in(requestsOfCluster({ namespace, name })).filter(each => !isFinished(each));
  return [
    ...repos.in(reposOfCluster({ namespace, name })).map(repo => `IndexedRepo ${repo.metadata.name}`),
    ...unfinished.map(request => `ReindexRequest ${request.metadata.name}`),
  ];
}

async function look(cluster: SearchCluster, { connections, operators }: SearchClusterParts): Promise<Probe> {
  try {
    const hands = await connections.forProbe(cluster);
    const info = await hands.engine.info();
    if (changedCluster(cluster, info)) return { is: 'answered', info, blocks: [] };
    await hands.settings.ensure();
    const blocks = await hands.engine.indices.writeBlocks(cluster.spec.settingsIndex);
    return { is: 'answered', info, blocks, doubt: operators.side(cluster).doubt };
  } catch (error) {
    if (!hasReason(error)) throw error;
    const { reason, message } = error;
    if (reasons[reason].doubtsCredentials) connections.distrust(cluster.metadata.uid);
    return { is: 'problem', lasting: !(error instanceof RetryableError), problem: { reason, message } };
  }
}
