import type { IndexedRepo } from '../api/indexed-repo.ts';
import { apiVersion } from '../api/meta.ts';
import type { KubeObject } from '../api/object.ts';
import type { SearchCluster } from '../api/search-cluster.ts';
import { podShape, type JobDefaults, type PodPlace, type PodShape } from '../work/pod-place.ts';
import { engineAccess } from './access.ts';

/** Whose Jobs they are, and what they do otherwise than the others of the same IndexedRepo. */
export type JobsOf = {
  readonly owner: Pick<KubeObject, 'metadata'>;
  readonly kind: 'IndexedRepo' | 'ReindexRequest';
  /** What the object says of its pods, and the installation where it says nothing. */
  readonly pod: { readonly said: PodShape; readonly given: PodShape };
  readonly podRetries: number;
};

/** What the pods of Jobs are declared to be, by the objects and by the installation. Without an IndexedRepo they have no source. */
export function podPlace(
  { owner, kind, pod, podRetries }: JobsOf,
  { repo, cluster }: { readonly repo: IndexedRepo | undefined; readonly cluster: SearchCluster },
  { workers, allowedGitHosts }: JobDefaults,
): PodPlace {
  const { source, worker } = repo?.spec ?? {};
  const { namespace, name, uid } = owner.metadata;
  return {
    namespace,
    owner: { apiVersion, kind, name, uid, controller: true },
    repo: repo?.metadata.name,
    imagePullSecrets: (worker?.imagePullSecrets ?? []).map(secret => secret.name),
    pod: podShape(pod.said, pod.given),
    workers,
    engine: engineAccess(cluster),
    gitSecret: source?.secretRef?.name,
    allowedGitHosts,
    podRetries,
  };
}
