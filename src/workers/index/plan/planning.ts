import { join } from 'node:path';
import { selectionHash } from '../../../domain/document-model.ts';
import type { VersionRecord } from '../../../domain/records.ts';
import type { Repository } from '../../../git/repository.ts';
import type { IndexingInput, IndexingPorts } from '../input.ts';
import type { ManifestExpectation } from '../tree/change.ts';
import { readManifest } from '../tree/manifest.ts';
import type { TreeView } from '../tree/tree-view.ts';
import { Tally } from '../verify/tally.ts';
import { compareTree, type Difference } from './compare.ts';
import { PlanFile, type PlannedChange } from './plan-file.ts';

/** What a run will do, and what the version should hold afterwards as far as that is known before. */
export type Plan = {
  readonly changes: PlanFile;
  /** Already holds what stays; grows with every change that is put. */
  readonly expected: Tally;
  readonly counts: PlanCounts;
  /** The whole tree was compared with the whole manifest, or only what a diff names was looked at. */
  readonly by: 'comparison' | 'diff';
};

/**
 * Files by what becomes of them, to tell a change of content from a mistake in the globs. What other partitions fill
 * counts as there after the run: a part of a repository may well be empty.
 */
export type PlanCounts = {
  /** Entries of the tree, selected or not; what a diff does not look at counts as selected. */
  readonly inTree: number;
  readonly before: number;
  readonly after: number;
};

export type PlanningContext = {
  readonly input: IndexingInput;
  readonly ports: IndexingPorts;
  readonly repository: Repository;
  readonly record: VersionRecord;
  readonly tree: TreeView;
};

/** Compares the whole tree with the whole manifest: the truth, whatever happened before. Refresh the version first. */
export async function planByComparison({ input, ports, record, tree }: PlanningContext): Promise<Plan> {
  const expected = new Tally();
  const changes = new PlanFile(join(ports.workFolder, 'changes'));
  const counts = { before: 0, after: 0 };
  const { partition } = input;
  const manifest = readManifest(ports.engine.documents, input.index, partition);
  const select = { select: tree.select, partition };
  const differences = compareTree(tree.entries(), manifest, select, expectationOf(input, record));
  await changes.write(changesOf(differences, expected, counts));
  return { changes, expected, counts: { ...counts, inTree: tree.size }, by: 'comparison' };
}

export function expectationOf(input: IndexingInput, record: VersionRecord): ManifestExpectation {
  return {
    branch: input.branch,
    repoUrl: input.repoUrl,
    maxFileBytes: input.selection.maxFileBytes,
    selectionChanged: record.selectionHash !== selectionHash(input.selection),
  };
}

async function* changesOf(
  differences: AsyncIterable<readonly Difference[]>,
  expected: Tally,
  counts: { before: number; after: number },
): AsyncGenerator<PlannedChange> {
  for await (const batch of differences) {
    for (const difference of batch) {
      if (difference.is === 'elsewhere') {
        counts.after += 1;
        continue;
      }
      if (difference.is === 'same') {
        counts.before += 1;
        counts.after += 1;
        expected.keep(difference.found);
        continue;
      }
      const { change } = difference;
      if (change.previous !== undefined) counts.before += 1;
      if (change.do === 'put') counts.after += 1;
      yield { change };
    }
  }
}
