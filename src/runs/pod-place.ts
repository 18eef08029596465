import type { IndexedRepo } from '../api/indexed-repo.ts';
import { apiVersion } from '../api/meta.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import type { SearchCluster } from '../api/search-cluster.ts';
import { engineAccess } from '../cluster/access.ts';
import { podShape, type JobDefaults, type PodPlace, type PodShape } from '../work/pod-place.ts';

/** A pod that was evicted, killed or met a passing trouble is replaced this often before the run counts as failed. */
const podRetries = 6;

/** What the pods of a run are declared to be, by its objects and by the installation. */
export function podPlace(
  { metadata: { namespace, name, uid } }: ReindexRequest,
  { repo, cluster }: { readonly repo: IndexedRepo; readonly cluster: SearchCluster },
  defaults: JobDefaults & { readonly heavy: PodShape },
): PodPlace {
  const { source, worker, heavy } = repo.spec;
  return {
    namespace,
    owner: { apiVersion, kind: 'ReindexRequest', name, uid, controller: true },
    repo: repo.metadata.name,
    imagePullSecrets: (worker?.imagePullSecrets ?? []).map(secret => secret.name),
    pod: podShape(heavy, defaults.heavy),
    workers: defaults.workers,
    engine: engineAccess(cluster),
    gitSecret: source.secretRef?.name,
    allowedGitHosts: defaults.allowedGitHosts,
    podRetries,
  };
}
