import { readBlobs, type ObjectStore } from './objects.ts';

/** The folders of one tree object: object names by folder name (one character per byte). */
export type Folders = ReadonlyMap<string, string>;

/** Two trees at the same path; '' = there is none on that side. */
export type TreePair = readonly [before: string, after: string];

const folderMode = '40000';

/** Folders in the bytes of a tree object: `MODE SPACE NAME NUL OID`, one after another. Pure. */
export function foldersIn(tree: Buffer, oidBytes: number): Folders {
  const folders = new Map<string, string>();
  for (let at = 0; at < tree.length;) {
    const space = tree.indexOf(0x20, at);
    const end = tree.indexOf(0, space);
    const next = end + 1 + oidBytes;
    if (tree.toString('latin1', at, space) === folderMode) {
      folders.set(tree.toString('latin1', space + 1, end), tree.toString('hex', end + 1, next));
    }
    at = next;
  }
  return folders;
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

/** The tree of a commit out of the commit alone; undefined where the store lacks it. */
export async function rootTree(store: ObjectStore, commit: string): Promise<string | undefined> {
  for await (const { bytes } of readBlobs(store, [commit])) {
    return /^tree ([0-9a-f]+)\n/.exec(bytes?.toString('latin1', 0, 80) ?? '')?.[1];
  }
  return undefined;
}
