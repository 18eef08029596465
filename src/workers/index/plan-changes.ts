import type { Run } from './apply-changes.ts';
import { planByComparison, type Plan } from './planning.ts';
import { viewTree } from './tree-view.ts';

/** The changes of a run, found in the cheapest way that is safe. */
export async function planChanges(run: Run): Promise<Plan> {
  const { input, ports, repository } = run;
  await ports.engine.indices.refresh(input.index);
  const tree = await viewTree(repository, input.commit, input.selection);
  return planByComparison({ ...run, tree });
}
