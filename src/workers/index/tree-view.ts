import type { Selection } from '../../domain/document-model.ts';
import { withAttributes } from '../../git/attributes.ts';
import { listTree, objectSizes, readBlobs, type TreeEntry } from '../../git/objects.ts';
import type { Repository } from '../../git/repository.ts';
import type { Attributed, AttributedEntry } from './compare.ts';
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
  const ignored = ignoreFile ? parseIgnoreFile(await textOf(repository, ignoreFile)) : () => false;
  // Most repositories use attributes for line ends only: not worth asking about every file.
  const isAsked = await mentionsLinguist(repository, attributeFiles);
  const attributed = <Entry extends TreeEntry>(entries: AsyncIterable<readonly Entry[]>) =>
    isAsked ? linguistAttributes(repository, attributeFiles, entries) : entries;
  return {
    size,
    select: createSelector(selection, ignored),
    entries: () => attributed(listTree(repository.store, commit)),
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
  const attributeFiles: TreeEntry[] = [];
  let ignoreFile: TreeEntry | undefined;
  let size = 0;
  for await (const entries of listTree(store, commit)) {
    size += entries.length;
    for (const entry of entries) {
      if (!entry.mode.startsWith('100')) continue;
      if (isNamed(entry.path, attributesFileName)) attributeFiles.push(keep(entry));
      else if (entry.path.equals(Buffer.from(ignoreFileName))) ignoreFile = keep(entry);
    }
  }
  return { size, attributeFiles, ignoreFile };
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

async function mentionsLinguist({ store }: Repository, files: readonly TreeEntry[]): Promise<boolean> {
  if (files.length === 0) return false;
  let mentioned = false;
  for await (const { bytes } of readBlobs(
    store,
    files.map(file => file.oid),
  )) {
    mentioned ||= bytes !== undefined && linguist.some(name => bytes.includes(name));
  }
  return mentioned;
}

async function textOf({ store }: Repository, { oid }: TreeEntry): Promise<string> {
  for await (const { bytes } of readBlobs(store, [oid])) {
    return bytes === undefined ? '' : bytes.toString('utf8');
  }
  return '';
}
