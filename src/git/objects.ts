import { TerminalError } from '../domain/errors.ts';
import { CatFile, type Names, type ObjectInfo } from './cat-file.ts';
import type { GitEnvironment } from './environment.ts';
import { tooDeep } from './failure.ts';
import { readOutput, runGit, startGit, type GitCall, type GitProcess } from './process.ts';
import { nulRecords } from './records.ts';

/** A bare object store that is ours, read with its own environment. Nothing is ever checked out of it. */
export type ObjectStore = {
  readonly gitDir: string;
  readonly environment: GitEnvironment;
  readonly signal?: AbortSignal;
  readonly catFile: CatFile;
};

/** The store in a folder that Git has made one of. */
export function objectStore(gitDir: string, environment: GitEnvironment, signal?: AbortSignal): ObjectStore {
  const at = { gitDir, environment, ...(signal && { signal }) };
  return { ...at, catFile: new CatFile(at) };
}

/** One file, symlink (120000) or submodule (160000) of a tree. `path` is what Git holds, in whatever encoding. */
export type TreeEntry = { readonly mode: string; readonly oid: string; readonly path: Buffer };

/** Added, modified, deleted, or changed in type. For `D` mode and oid are those of the deleted entry. */
export type TreeChange = TreeEntry & { readonly status: 'A' | 'M' | 'D' | 'T' };

/**
 * More paths than any repository of people has. A few hundred bytes of trees that hold each other ten times over ten levels
 * stand for ten billion, and would be walked until the deadline.
 */
const mostPaths = 5_000_000;

/** Throws TerminalError(RepositoryTooLarge) for the first path too many. */
async function* atMost<T>(batches: AsyncIterable<readonly T[]>, most: number): AsyncGenerator<readonly T[]> {
  let count = 0;
  for await (const batch of batches) {
    count += batch.length;
    if (count > most) throw new TerminalError('RepositoryTooLarge', `a tree of more than ${most} paths is not indexed`);
    yield batch;
  }
}

/**
 * Every entry of a commit's tree, in batches, by path in byte order where its trees are sound. Throws
 * TerminalError(RepositoryTooLarge) beyond `most` of them, and for folders too deep in each other.
 */
export async function* listTree(
  store: ObjectStore,
  commit: string,
  most = mostPaths,
): AsyncGenerator<readonly TreeEntry[]> {
  const git = startGit(call(store, ['ls-tree', '-r', '-z', '--full-tree', commit]));
  git.stdin.end();
  for await (const records of atMost(treeOutput(git), most)) yield records.map(treeEntry);
}

/** What Git prints while it walks a tree, which it does once for each folder in a folder: some are too deep for its stack. */
async function* treeOutput(git: GitProcess): AsyncGenerator<readonly Buffer[]> {
  try {
    yield* readOutput(git, nulRecords);
  } catch (error) {
    throw tooDeep(error) ?? error;
  }
}

/** `100644 blob OID TAB PATH` */
function treeEntry(record: Buffer): TreeEntry {
  const tab = record.indexOf(0x09);
  const [mode = '', , oid = ''] = record.toString('latin1', 0, tab).split(' ');
  return { mode, oid, path: record.subarray(tab + 1) };
}

/** What differs between the trees of two commits, in batches. A rename is a D and an A. Throws as `listTree`. */
export async function* diffTrees(
  store: ObjectStore,
  base: string,
  target: string,
): AsyncGenerator<readonly TreeChange[]> {
  const git = startGit(call(store, ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', base, target]));
  git.stdin.end();
  // A record and its path may come in two batches.
  let header: Buffer | undefined;
  for await (const records of treeOutput(git)) {
    const changes: TreeChange[] = [];
    for (const record of records) {
      if (header === undefined) {
        header = record;
      } else {
        changes.push(treeChange(header, record));
        header = undefined;
      }
    }
    yield changes;
  }
}

/** `:100644 100755 OLD NEW M`, and the path */
function treeChange(header: Buffer, path: Buffer): TreeChange {
  const [oldMode = '', mode = '', oldOid = '', oid = '', letter] = header.toString('latin1', 1).split(' ');
  if (letter === 'D') return { status: 'D', mode: oldMode, oid: oldOid, path };
  if (letter !== 'A' && letter !== 'M' && letter !== 'T') {
    throw new Error(`git diff-tree answered with an unexpected status ${letter ?? 'none'}`);
  }
  return { status: letter, mode, oid, path };
}

/** Size of an object in bytes; oid '' and size undefined for one that is not in the store. */
export type ObjectSize = { readonly oid: string; readonly sizeBytes: number | undefined };

/** Sizes in the order asked for, by name or by `COMMIT:PATH`. */
export async function* objectSizes({ catFile }: ObjectStore, names: Names): AsyncGenerator<ObjectSize> {
  for await (const { info } of catFile.ask('info', names)) yield { oid: info?.oid ?? '', sizeBytes: info?.sizeBytes };
}

/** Bytes of an object; oid '' and bytes undefined for one that is not in the store. */
export type Blob = { readonly oid: string; readonly bytes: Buffer | undefined };

/** Contents in the order asked for; memory is bounded by one object. Ask for the sizes first: an object is read whole. */
export async function* readBlobs({ catFile }: ObjectStore, names: Names): AsyncGenerator<Blob> {
  for await (const { info, bytes } of catFile.ask('contents', names)) yield { oid: info?.oid ?? '', bytes };
}

/** Keeps a blob in the store, which is ours, and gives its name. */
export async function writeBlob(store: ObjectStore, bytes: Buffer): Promise<string> {
  const output = await runGit({ ...call(store, ['hash-object', '-w', '--stdin']), input: bytes });
  return output.toString('latin1').trim();
}

/** The tree of a commit. Throws where the store lacks it. */
export async function treeOf(store: ObjectStore, commit: string): Promise<string> {
  const tree = await infoOf(store, `${commit}^{tree}`);
  if (tree === undefined) throw new Error(`there is no tree of ${commit}`);
  return tree.oid;
}

/** True when the store holds this commit. */
export async function hasCommit(store: ObjectStore, commit: string): Promise<boolean> {
  return (await infoOf(store, `${commit}^{commit}`)) !== undefined;
}

/** `commit`, `tree`, `blob` or `tag`; '' for an object that is not in the store. */
export async function typeOf(store: ObjectStore, oid: string): Promise<string> {
  return (await infoOf(store, oid))?.type ?? '';
}

async function infoOf({ catFile }: ObjectStore, name: string): Promise<ObjectInfo | undefined> {
  for await (const { info } of catFile.ask('info', [name])) return info;
  return undefined;
}

function call(store: ObjectStore, args: readonly string[]): GitCall {
  return {
    args,
    gitDir: store.gitDir,
    environment: store.environment,
    ...(store.signal && { signal: store.signal }),
  };
}
