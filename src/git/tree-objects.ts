import { readBlobs, type ObjectStore, type TreeEntry } from './objects.ts';

/** One entry of one tree object, as it is written there; the name has one character per byte. */
export type TreeItem = { readonly mode: string; readonly name: string; readonly oid: string };

/** The entries in the bytes of a tree object: `MODE SPACE NAME NUL OID`, one after another. Pure. */
export function itemsIn(tree: Buffer, oidBytes: number): readonly TreeItem[] {
  const items: TreeItem[] = [];
  for (let at = 0; at < tree.length;) {
    const space = tree.indexOf(0x20, at);
    const end = tree.indexOf(0, space);
    const next = end + 1 + oidBytes;
    items.push({
      mode: tree.toString('latin1', at, space),
      name: tree.toString('latin1', space + 1, end),
      oid: tree.toString('hex', end + 1, next),
    });
    at = next;
  }
  return items;
}

/** True for a folder, however its mode is written. */
export function isFolder({ mode }: TreeItem): boolean {
  return mode === '40000' || mode === '040000';
}

/** The paths below a tree come in order, and each once. Git writes no other trees, but reads them. Pure. */
export function isSound(items: readonly TreeItem[]): boolean {
  const keys = items.map(item => (isFolder(item) ? `${item.name}/` : item.name));
  return keys.every((key, i) => (i === 0 || (keys[i - 1] ?? '') < key) && items[i]?.name.includes('/') === false);
}

/** The tree of a commit out of the commit alone; undefined where the store lacks it. */
export async function rootTree(store: ObjectStore, commit: string): Promise<string | undefined> {
  for await (const { bytes } of readBlobs(store, [commit])) {
    return /^tree ([0-9a-f]+)\n/.exec(bytes?.toString('latin1', 0, 80) ?? '')?.[1];
  }
  return undefined;
}

/** A change below more folders than this is not worth a look at each level. */
const mostLevels = 128;

/**
 * The files of one name in these folders of a commit (`''` is the root; one character per byte), read level by level: no path is
 * ever an argument, however long it is and whatever it means to Git. Undefined where one of the trees is not sound or not to be
 * had, or they lie too deep.
 */
export async function filesNamed(
  store: ObjectStore,
  commit: string,
  names: readonly string[],
  folders: ReadonlySet<string>,
): Promise<readonly TreeEntry[] | undefined> {
  const root = await rootTree(store, commit);
  if (root === undefined) return undefined;
  const files: TreeEntry[] = [];
  let level: readonly { readonly path: string; readonly oid: string }[] = [{ path: '', oid: root }];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === mostLevels) return undefined;
    const below: { path: string; oid: string }[] = [];
    let at = 0;
    for await (const { bytes } of readBlobs(
      store,
      level.map(({ oid }) => oid),
    )) {
      const { path, oid } = level[at++] as (typeof level)[number]; // one answer for each
      const items = bytes && itemsIn(bytes, oid.length / 2);
      if (items === undefined || !isSound(items)) return undefined;
      for (const item of items) {
        const itemPath = path === '' ? item.name : `${path}/${item.name}`;
        if (isFolder(item)) {
          if (folders.has(itemPath)) below.push({ path: itemPath, oid: item.oid });
        } else if (names.includes(item.name)) {
          files.push({ mode: item.mode, oid: item.oid, path: Buffer.from(itemPath, 'latin1') });
        }
      }
    }
    level = below;
  }
  return files;
}
