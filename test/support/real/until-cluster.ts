import { searchClusterResource, type SearchCluster } from '../../../src/api/search-cluster.ts';
import { eventually } from '../checks/eventually.ts';
import type { ControlStage } from './control-stage.ts';

/** Waits until the SearchCluster of a stage says of `Ready` why it is not so. */
export async function untilNotReady({ kube, namespace, operator }: ControlStage, reason: string, withinMs: number) {
  let last: SearchCluster | undefined;
  await eventually(
    `the SearchCluster says ${reason}`,
    withinMs,
    async () => {
      last = await kube.get<SearchCluster>(searchClusterResource, { namespace, name: 'main' });
      return last?.status?.conditions?.some(each => each.type === 'Ready' && each.reason === reason) === true;
    },
    () => ({ status: last?.status, operator: operator().output.slice(-2000) }),
  );
}
