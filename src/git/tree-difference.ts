import { readBlobs, type ObjectStore } from './objects.ts';
import { isFolder, itemsIn } from './tree-objects.ts';

/** The folders of one tree object: object names by folder name (one character per byte). */
export type Folders = ReadonlyMap<string, string>;

/** Two trees at the same path; '' = there is none on that side. */
export type TreePair = readonly [before: string, after: string];

/** Folders in the bytes of a tree object. Pure. */
export function foldersIn(tree: Buffer, oidBytes: number): Folders {
  return new Map(
    itemsIn(tree, oidBytes)
      .filter(isFolder)
      .map(({ name, oid }) => [name, oid]),
  );
}

/** The pairs of folders below a pair of trees that are not the same on both sides. Pure. */
export function differingFolders(before: Folders, after: Folders): readonly TreePair[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].flatMap(name => {
    const pair = [before.get(name) ?? '', after.get(name) ?? ''] as const;
    return pair[0] === pair[1] ? [] : [pair];
  });
}

export type TreeWalk = {
  readonly store: ObjectStore;
  /** Brings objects by name; those that are not to be had stay missing. */
  readonly bring: (oids: readonly string[]) => Promise<void>;
  /** More trees than this are no small difference. */
  readonly mostTrees: number;
  /** A change below more folders than this is not worth a request for each of them. */
  readonly mostLevels: number;
};

/**
 * Makes every tree readable in which two trees differ, level by level: one request for each level of the deepest
 * change, whatever lies beside it. False when there are too many, they lie too deep, or one of them is not to be had.
 */
export async function bringDifferingTrees(root: TreePair, walk: TreeWalk): Promise<boolean> {
  const { store, bring, mostTrees, mostLevels } = walk;
  const known = new Map<string, Folders>([['', new Map()]]);
  let pairs: readonly TreePair[] = [root];
  for (let level = 0; pairs.length > 0; level += 1) {
    if (level === mostLevels) return false;
    const wanted = [...new Set(pairs.flat())].filter(oid => !known.has(oid));
    if (known.size + wanted.length > mostTrees) return false;
    const missing = await readFolders(store, wanted, known);
    if (missing.length > 0) {
      await bring(missing);
      if ((await readFolders(store, missing, known)).length > 0) return false;
    }
    pairs = pairs.flatMap(([before, after]) =>
      differingFolders(known.get(before) ?? new Map(), known.get(after) ?? new Map()),
    );
  }
  return true;
}

/** Adds what can be read to `known`; answers what cannot. */
async function readFolders(
  store: ObjectStore,
  oids: readonly string[],
  known: Map<string, Folders>,
): Promise<readonly string[]> {
  const missing: string[] = [];
  let at = 0;
  for await (const { bytes } of readBlobs(store, oids)) {
    const oid = oids[at] ?? '';
    at += 1;
    if (bytes === undefined) missing.push(oid);
    else known.set(oid, foldersIn(bytes, oid.length / 2));
  }
  return missing;
}
