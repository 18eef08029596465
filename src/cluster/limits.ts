import type { SearchCluster } from '../api/search-cluster.ts';
import { expectedUuid } from './standing.ts';

/** How many runs of a kind an engine takes at once, and which SearchCluster ("namespace/name") says so. */
export type RunLimit = { readonly runs: number; readonly by: string };

/**
 * The smallest number that any SearchCluster declares which has reached the same engine: a limit protects the engine, so
 * nobody lifts it by an object of his own. One that only names the uuid, and was never answered by it, counts for itself alone.
 */
export function runLimit(of: 'heavyRuns' | 'lightRuns', mine: SearchCluster, all: readonly SearchCluster[]): RunLimit {
  const uuid = expectedUuid(mine);
  const sharing = all.filter(
    ({ status, metadata }) => uuid !== '' && status.engine?.uuid === uuid && metadata.deletionTimestamp === undefined,
  );
  const [smallest = mine] = [mine, ...sharing].toSorted((a, b) => a.spec.limits[of] - b.spec.limits[of]);
  const { namespace, name } = smallest.metadata;
  return { runs: smallest.spec.limits[of], by: `${namespace}/${name}` };
}

/**
 * Runs of one namespace that may stand beside the limit, since no pod of theirs runs. One that stands holds nobody up, but
 * a node pool that is gone shall not be met with a pod for each repository: those beyond this number count again.
 */
const mostStanding = 10;

/** Whether it takes a place, as far as the limit is concerned. */
export type Placed = { readonly namespace: string; readonly stands: boolean };

/** Those that hold a place against a run of this namespace: all that work, and what stands in it beyond the allowance. */
export function holdingPlaces<T extends Placed>(running: readonly T[], namespace: string): readonly T[] {
  const standing = running.filter(each => each.stands && each.namespace === namespace);
  return [...running.filter(each => !each.stands), ...standing.slice(mostStanding)];
}
