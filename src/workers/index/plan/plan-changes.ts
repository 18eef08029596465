import type { Run, Trust } from '../run.ts';
import { viewTree } from '../tree/tree-view.ts';
import { planByDiff } from './planning-by-diff.ts';
import { expectationOf, planByComparison, type Plan } from './planning.ts';

/** The changes of a run, found in the cheapest way that is safe. */
export async function planChanges(run: Run, trust: Trust): Promise<Plan> {
  const { input, ports, repository } = run;
  await ports.engine.indices.refresh(input.index);
  if (trust === 'trusted' && isDiffEnough(run)) {
    const plan = await planByDiff(run);
    if (plan !== undefined) return plan;
  }
  await repository.bringTrees();
  const tree = await viewTree(repository, input.commit, input.selection);
  return planByComparison({ ...run, tree });
}

/**
 * A diff between two commits says everything as long as nothing but the commit is new. One run in sixteen, picked by the
 * commit, compares the whole all the same and repairs what nobody foresaw.
 */
function isDiffEnough({ input, record }: Run): boolean {
  const { branch, repoUrl, selectionChanged } = expectationOf(input, record);
  const isSame = record.branch === branch && record.repoUrl === repoUrl && !selectionChanged;
  return record.commit !== null && isSame && !input.commit.startsWith('0');
}
