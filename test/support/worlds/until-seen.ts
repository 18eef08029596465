import { indexedRepoResource, type IndexedRepo } from '../../../src/api/indexed-repo.ts';
import { team, type ControlStage } from '../real/control-stage.ts';
import { eventually } from '../checks/eventually.ts';

/** Declares a paused IndexedRepo and answers after how many milliseconds its status says that the operator has seen it. */
export async function untilSeen(stage: ControlStage, name: string, withinMs: number): Promise<number> {
  const startedMs = performance.now();
  await stage.kube.create(indexedRepoResource, {
    apiVersion: 'reindeer.dev/v1alpha1',
    kind: 'IndexedRepo',
    metadata: { name, namespace: team },
    spec: {
      clusterRef: { name: 'main' },
      alias: name,
      source: { url: `${stage.git.url}/${name}.git`, ref: 'main' },
      light: { schedule: '@every 24h' },
      paused: true,
    },
  });
  let last: IndexedRepo | undefined;
  await eventually(
    `${name} is seen`,
    withinMs,
    async () => {
      last = await stage.kube.get<IndexedRepo>(indexedRepoResource, { namespace: team, name });
      return last !== undefined && last.status?.observedGeneration === last.metadata.generation;
    },
    () => ({ last, operator: stage.operator().output.slice(-2000) }),
  );
  return performance.now() - startedMs;
}
