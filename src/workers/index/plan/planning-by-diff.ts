import { join } from 'node:path';
import { TerminalError } from '../../../domain/errors.ts';
import { diffTrees, type TreeChange } from '../../../git/objects.ts';
import { filesNamed } from '../../../git/tree-objects.ts';
import type { Run } from '../run.ts';
import { changeOf, removalOf, type Change, type ManifestExpectation } from '../tree/change.ts';
import { lookUpManifest, type ManifestEntry } from '../tree/manifest.ts';
import { filePathOf } from '../tree/paths.ts';
import { fitsDocument } from '../tree/selection.ts';
import {
  attributesFileName,
  ignoreFileName,
  isNamed,
  treeView,
  type TreeRules,
  type TreeView,
} from '../tree/tree-view.ts';
import { Tally } from '../verify/tally.ts';
import type { Attributed } from './compare.ts';
import { PlanFile, type PlannedChange } from './plan-file.ts';
import { expectationOf, type Plan } from './planning.ts';

/** A change in more folders than this is no small one: the comparison is as fast. */
const mostFolders = 2000;

/**
 * Looks only at what differs between the commit of the version and the wanted one. Undefined where that does not say
 * everything: the old commit is gone from the repository, what decides about other files changed with it, or trees are
 * not as Git writes them.
 */
export async function planByDiff(run: Run): Promise<Plan | undefined> {
  const { input, ports, repository, record } = run;
  const { commit: base } = record;
  if (base === null || !(await repository.bringDifference(base))) return undefined;
  const diff = () => withDocuments(diffTrees(repository.store, base, input.commit));
  const folders = await foldersOf(diff()).catch(undefinedIfTooLarge);
  const rules = folders && (await rulesFor(run, base, folders));
  if (rules === undefined) return undefined;
  const tree = await treeView(repository, input.commit, input.selection, rules);
  const changes = new PlanFile(join(ports.workFolder, 'changes'));
  const counts = { inTree: 0, before: record.files, after: record.files };
  await changes.write(changesOf(run, tree, diff(), counts));
  return { changes, expected: new Tally(record), counts, by: 'diff' };
}

/** Git compares two trees to a smaller depth than it lists one. */
function undefinedIfTooLarge(error: unknown): undefined {
  if (error instanceof TerminalError && error.reason === 'RepositoryTooLarge') return undefined;
  throw error;
}

/** What can have documents at all: longer paths are not even looked up, in the version or in Git. */
async function* withDocuments(diff: AsyncIterable<readonly TreeChange[]>): AsyncGenerator<readonly TreeChange[]> {
  for await (const changes of diff) yield changes.filter(({ path }) => fitsDocument(filePathOf(path)));
}

/** Every folder above a changed file, the root included, one character per byte; undefined where the diff is not enough. */
async function foldersOf(diff: AsyncIterable<readonly TreeChange[]>): Promise<ReadonlySet<string> | undefined> {
  const folders = new Set(['']);
  for await (const changes of diff) {
    for (const { path } of changes) {
      if (isNamed(path, attributesFileName) || isNamed(path, ignoreFileName)) return undefined;
      const name = path.toString('latin1');
      for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
        if (folders.has(name.slice(0, end))) break;
        folders.add(name.slice(0, end));
      }
      if (folders.size > mostFolders) return undefined;
    }
  }
  return folders;
}

/** The files that decide about these folders; those of other folders have no say. */
async function rulesFor(
  { repository: { store }, input }: Run,
  base: string,
  folders: ReadonlySet<string>,
): Promise<TreeRules | undefined> {
  // A name twice on either side, and the difference says nothing about which of the two counts.
  if ((await filesNamed(store, base, [], folders)) === undefined) return undefined;
  const entries = await filesNamed(store, input.commit, [attributesFileName, ignoreFileName], folders);
  const files = entries?.filter(entry => entry.mode.startsWith('100'));
  return (
    files && {
      size: 0,
      attributeFiles: files.filter(entry => isNamed(entry.path, attributesFileName)),
      ignoreFile: files.find(entry => entry.path.equals(Buffer.from(ignoreFileName))),
    }
  );
}

type Counts = { inTree: number; before: number; after: number };

async function* changesOf(
  { input, ports, record }: Run,
  tree: TreeView,
  diff: AsyncIterable<readonly TreeChange[]>,
  counts: Counts,
): AsyncGenerator<PlannedChange> {
  const expectation = expectationOf(input, record);
  for await (const entries of tree.attributed(diff)) {
    const paths = entries.map(entry => filePathOf(entry.path));
    const found = await lookUpManifest(ports.engine.documents, input.index, paths);
    for (const entry of entries) {
      const change = changeFor(entry, found, tree, expectation);
      if (entry.status !== 'D') counts.inTree += 1;
      if (change === undefined) continue;
      counts.after += change.do === 'remove' ? -1 : change.previous === undefined ? 1 : 0;
      yield { change };
    }
  }
}

function changeFor(
  { status, path, mode, oid, attributes }: Attributed<TreeChange>,
  manifest: ReadonlyMap<string, ManifestEntry>,
  tree: TreeView,
  expectation: ManifestExpectation,
): Change | undefined {
  const filePath = filePathOf(path);
  const found = manifest.get(filePath);
  const judged = status === 'D' ? 'excluded' : tree.select(filePath, mode, attributes);
  if (judged === 'excluded') return found && removalOf(found);
  return changeOf({ filePath, mode, oid, judged }, found, expectation);
}
