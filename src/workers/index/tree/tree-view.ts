import type { Selection } from '../../../domain/document-model.ts';
import { withAttributes } from '../../../git/attributes.ts';
import { listTree, objectSizes, readBlobs, writeBlob, type ObjectStore, type TreeEntry } from '../../../git/objects.ts';
import type { Repository } from '../../../git/repository.ts';
import type { Attributed, AttributedEntry } from '../plan/compare.ts';
import { configurationBytes } from './decode.ts';
import { parseIgnoreFile } from './ignore-file.ts';
import { createSelector, type Selector } from './selection.ts';

/** The tree of a commit as this run sees it. */
export type TreeView = {
  /** Entries, selected or not. */
  readonly size: number;
  readonly select: Selector;
  /** All entries with what the attributes say about them, by path in byte order. */
  entries(): AsyncIterable<readonly AttributedEntry[]>;
  /** The same for some entries only. */
  attributed<Entry extends TreeEntry>(
    entries: AsyncIterable<readonly Entry[]>,
  ): AsyncIterable<readonly Attributed<Entry>[]>;
};

/** A file at the root that leaves files out, in the syntax of `.gitignore`. */
export const ignoreFileName = '.indexerignore';
export const attributesFileName = '.gitattributes';
const linguist = ['linguist-generated', 'linguist-vendored'] as const;
/** Larger ones are no configuration that a human wrote. */
const maxConfigurationBytes = 1024 * 1024;

/** Looks through a tree once for what decides about its files: attributes and the ignore file. */
export async function viewTree(repository: Repository, commit: string, selection: Selection): Promise<TreeView> {
  const found = await survey(repository, commit);
  return treeView(repository, commit, selection, found);
}

/** What decides about the files of a tree. */
export type TreeRules = {
  readonly size: number;
  readonly attributeFiles: readonly TreeEntry[];
  readonly ignoreFile: TreeEntry | undefined;
  /** Paths do not come in order, or one comes twice: then the last one counts, as where Git checks such a tree out. */
  readonly isUnsound?: boolean;
};

/** As {@link viewTree}, with the rules found in another way. */
export async function treeView(
  repository: Repository,
  commit: string,
  selection: Selection,
  rules: TreeRules,
): Promise<TreeView> {
  const { size } = rules;
  const { attributeFiles, ignoreFile } = await readable(repository, rules);
  const ignored = ignoreFile ? parseIgnoreFile(await configurationOf(repository, ignoreFile)) : () => false;
  // Most repositories use attributes for line ends only: not worth asking about every file.
  const attributes = await linguistFiles(repository, attributeFiles);
  const attributed = <Entry extends TreeEntry>(entries: AsyncIterable<readonly Entry[]>) =>
    attributes === undefined ? entries : linguistAttributes(repository, attributes, entries);
  return {
    size,
    select: createSelector(selection, ignored),
    entries: () => attributed(listed(repository.store, commit, rules)),
    attributed,
  };
}

/** The rules without those files that are too large for configuration: they are not even read. */
async function readable(repository: Repository, { size, attributeFiles, ignoreFile }: TreeRules): Promise<TreeRules> {
  const files = [...attributeFiles, ...(ignoreFile ? [ignoreFile] : [])];
  await repository.bring(files.map(file => file.oid));
  const small = new Set<string>();
  for await (const { oid, sizeBytes } of objectSizes(
    repository.store,
    files.map(file => file.oid),
  )) {
    if (sizeBytes !== undefined && sizeBytes <= maxConfigurationBytes) small.add(oid);
  }
  return {
    size,
    attributeFiles: attributeFiles.filter(file => small.has(file.oid)),
    ignoreFile: ignoreFile && small.has(ignoreFile.oid) ? ignoreFile : undefined,
  };
}

async function survey({ store }: Repository, commit: string): Promise<TreeRules> {
  const attributeFiles = new Map<string, TreeEntry>();
  let ignoreFile: TreeEntry | undefined;
  let size = 0;
  let last: Buffer | undefined;
  let isUnsound = false;
  for await (const entries of listTree(store, commit)) {
    size += entries.length;
    for (const entry of entries) {
      const { path } = entry;
      isUnsound ||= last !== undefined && last.compare(path) >= 0;
      last = path;
      if (!entry.mode.startsWith('100')) continue;
      if (isNamed(path, attributesFileName)) attributeFiles.set(path.toString('latin1'), keep(entry));
      else if (path.equals(Buffer.from(ignoreFileName))) ignoreFile = keep(entry);
    }
  }
  return { size, attributeFiles: [...attributeFiles.values()], ignoreFile, isUnsound };
}

/** Put in order in memory; no tree that Git wrote needs it. */
const mostUnsound = 100_000;

/** Every entry by path in byte order, each path once. */
async function* listed(
  store: ObjectStore,
  commit: string,
  { isUnsound }: TreeRules,
): AsyncGenerator<readonly TreeEntry[]> {
  if (isUnsound !== true) {
    yield* listTree(store, commit);
    return;
  }
  const byPath = new Map<string, TreeEntry>();
  for await (const entries of listTree(store, commit, mostUnsound)) {
    for (const entry of entries) byPath.set(entry.path.toString('latin1'), keep(entry));
  }
  yield [...byPath.values()].sort((one, other) => one.path.compare(other.path));
}

/** True when the last part of the path is this name. */
export function isNamed(path: Buffer, name: string): boolean {
  const start = path.length - name.length;
  return start >= 0 && (start === 0 || path[start - 1] === 0x2f) && path.toString('latin1', start) === name;
}

/** A copy that does not hold the whole piece of the stream that it came in. */
function keep(entry: TreeEntry): TreeEntry {
  return { ...entry, path: Buffer.from(entry.path) };
}

async function* linguistAttributes<Entry extends TreeEntry>(
  { store }: Repository,
  attributeFiles: readonly TreeEntry[],
  entries: AsyncIterable<readonly Entry[]>,
): AsyncGenerator<readonly Attributed<Entry>[]> {
  for await (const batch of withAttributes(store, attributeFiles, linguist, entries)) {
    yield batch.map(({ entry, set }) => ({
      ...entry,
      attributes: { generated: set.has('linguist-generated'), vendored: set.has('linguist-vendored') },
    }));
  }
}

/** The attribute files as Git takes them, kept in our own store where they are not so; undefined where none says what is asked. */
async function linguistFiles(
  { store }: Repository,
  files: readonly TreeEntry[],
): Promise<readonly TreeEntry[] | undefined> {
  const plain: TreeEntry[] = [];
  let isMentioned = false;
  let at = 0;
  for await (const { bytes } of readBlobs(
    store,
    files.map(file => file.oid),
  )) {
    const file = files[at++];
    if (file === undefined || bytes === undefined) continue;
    const content = configurationBytes(bytes);
    isMentioned ||= linguist.some(name => content.includes(name));
    plain.push(content.equals(bytes) ? file : { ...file, oid: await writeBlob(store, content) });
  }
  return isMentioned ? plain : undefined;
}

async function configurationOf({ store }: Repository, { oid }: TreeEntry): Promise<Buffer> {
  for await (const { bytes } of readBlobs(store, [oid])) return configurationBytes(bytes ?? Buffer.alloc(0));
  return Buffer.alloc(0);
}
