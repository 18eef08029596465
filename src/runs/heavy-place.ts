import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import type { SearchCluster } from '../api/search-cluster.ts';
import { podPlace } from '../cluster/pod-place.ts';
import type { JobDefaults, PodPlace, PodShape } from '../work/pod-place.ts';

/** A pod that was evicted, killed or met a passing trouble is replaced this often before the run counts as failed. */
const podRetries = 6;

/** Where the Jobs of a request run. */
export function heavyPlace(
  request: ReindexRequest,
  declared: { readonly repo: IndexedRepo | undefined; readonly cluster: SearchCluster },
  defaults: JobDefaults & { readonly heavy: PodShape },
): PodPlace {
  const pod = { said: declared.repo?.spec.heavy ?? {}, given: defaults.heavy };
  return podPlace({ owner: request, kind: 'ReindexRequest', pod, podRetries }, declared, defaults);
}
