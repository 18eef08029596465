import { appendFile, mkdir, rm } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { TerminalError } from '../domain/errors.ts';
import type { GitCredentials } from './credentials.ts';
import { localGitEnvironment, remoteGitEnvironment } from './environment.ts';
import { fetchRoots, fetchBlobs, fetchCommit, fetchTrees, initStore, type BlobFilter } from './fetch.ts';
import { hasCommit, type ObjectStore } from './objects.ts';
import { GitFailedError, runGit } from './process.ts';
import { isCommit, refProblem } from './ref.ts';
import type { ResolvedRef } from './remote.ts';
import { bringDifferingTrees } from './tree-difference.ts';
import { rootTree } from './tree-objects.ts';
import { parseRemote, remoteRule, type GitRemote } from './url.ts';

/** One commit of a repository, ready to be read. */
export type Repository = {
  readonly store: ObjectStore;
  /** Makes these blobs readable, in as few requests as possible. */
  bring(oids: readonly string[]): Promise<void>;
  /** Makes all trees of the commit readable. */
  bringTrees(): Promise<void>;
  /**
   * Makes readable whatever trees differ between an older commit and this one, in as many requests as the deepest change
   * has folders above it. False when that commit is gone, or the difference is not small: then `bringTrees`.
   */
  bringDifference(base: string): Promise<boolean>;
  /** What a blob that is still missing after `bring` means. */
  readonly missingBlob: 'too-large' | 'broken';
};

export type RemoteSource = {
  readonly url: string;
  readonly credentials: GitCredentials;
  /** As `allowedAddresses` gives them. */
  readonly addresses: readonly string[];
  readonly commit: string;
  /** Where the commit was found; '' if unknown. */
  readonly refName: string;
  readonly blobs: BlobFilter;
  /** Private, empty, and removed by the caller. */
  readonly folder: string;
  readonly signal?: AbortSignal;
};

/**
 * One commit of a remote, in a store below `folder`. With blobs it is fetched at once, else with the first call of
 * `bringTrees` or `bringDifference`. Errors: see `fetchCommit`.
 */
export async function openRemote(source: RemoteSource): Promise<Repository> {
  const { commit, refName, blobs, folder, signal, credentials, addresses } = source;
  const remote = parseRemote(source.url);
  if (remote === undefined) throw new TerminalError('RepositoryNotFound', remoteRule);
  const environment = await remoteGitEnvironment({ remote, credentials, addresses }, folder);
  const store = await initStore(folder, commit, environment, signal);
  if (blobs !== 'none') {
    await fetchCommit(store, { remote, commit, refName, blobs });
    return {
      store,
      missingBlob: 'too-large',
      bring: () => Promise.resolve(),
      bringTrees: () => Promise.resolve(),
      bringDifference: () => Promise.resolve(false),
    };
  }
  return {
    store,
    missingBlob: 'broken',
    bring: oids => fetchBlobs(store, remote, oids),
    bringTrees: async () => {
      // A commit that is here without its trees would not be fetched again.
      await rm(store.gitDir, { recursive: true, force: true });
      await initStore(folder, commit, environment, signal);
      await fetchCommit(store, { remote, commit, refName, blobs });
    },
    bringDifference: base => bringDifference({ store, remote, commit, base }),
  };
}

/** A change in more trees than this, on both sides, is no small one: all of them at once are as cheap. */
const mostTrees = 4000;
/** More than people nest folders; a path of 4 kB can have two thousand. */
const mostLevels = 32;

async function bringDifference({
  store,
  remote,
  commit,
  base,
}: {
  readonly store: ObjectStore;
  readonly remote: GitRemote;
  readonly commit: string;
  readonly base: string;
}): Promise<boolean> {
  if (!(await fetchRoots(store, remote, [base, commit]))) return false;
  const [before, after] = [await rootTree(store, base), await rootTree(store, commit)];
  if (before === undefined || after === undefined) return false;
  const bring = (oids: readonly string[]) => fetchTrees(store, remote, oids);
  return bringDifferingTrees([before, after], { store, bring, mostTrees, mostLevels });
}

export type LocalSource = {
  readonly path: string;
  readonly commit: string;
  readonly folder: string;
  readonly signal?: AbortSignal;
};

/**
 * Reads a repository on this machine in place, through a store of ours that borrows its objects: its configuration,
 * hooks, attributes and work tree have no say, and nothing is copied or written.
 */
export async function openLocal({ path, commit, folder, signal }: LocalSource): Promise<Repository> {
  const environment = await localGitEnvironment(folder);
  const objects = await objectsFolder(path, folder);
  const store = await initStore(folder, commit, environment, signal);
  await mkdir(join(store.gitDir, 'objects', 'info'), { recursive: true });
  await appendFile(join(store.gitDir, 'objects', 'info', 'alternates'), `${quoted(objects)}\n`);
  if (!(await hasCommit(store, commit))) throw new TerminalError('RefNotFound', `${path} has no commit ${commit}`);
  return {
    store,
    missingBlob: 'broken',
    bring: () => Promise.resolve(),
    bringTrees: () => Promise.resolve(),
    bringDifference: base => hasCommit(store, base),
  };
}

/** What a branch, tag or commit of a repository on this machine stands for; '' = its HEAD. As `resolveRef`. */
export async function resolveLocalRef(path: string, ref: string, folder: string): Promise<ResolvedRef> {
  const problem = refProblem(ref);
  if (problem !== undefined) throw new TerminalError('RefNotFound', `ref ${problem}`);
  const commitOf = (name: string) => ask(path, folder, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]);
  if (isCommit(ref)) {
    const commit = await commitOf(ref);
    return commit === '' ? notFound(path, ref) : { is: 'found', commit, refName: '' };
  }
  const names = ref === '' ? ['HEAD'] : ref.startsWith('refs/') ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
  const found: { commit: string; refName: string }[] = [];
  for (const refName of names) {
    const commit = await commitOf(refName);
    if (commit !== '') found.push({ commit, refName });
  }
  const [first, second] = found;
  if (first === undefined) return notFound(path, ref, await ask(path, folder, ['rev-list', '--all', '--max-count=1']));
  if (second !== undefined) {
    const message = `a branch and a tag are named "${ref}": write refs/heads/${ref} or refs/tags/${ref}`;
    return { is: 'RefAmbiguous', message };
  }
  if (first.refName !== 'HEAD') return { is: 'found', ...first };
  const head = await ask(path, folder, ['symbolic-ref', '--quiet', 'HEAD']);
  return { is: 'found', commit: first.commit, refName: head === '' ? 'HEAD' : head };
}

function notFound(path: string, ref: string, anyCommit = 'unknown'): ResolvedRef {
  if (anyCommit === '') return { is: 'EmptyRepository', message: `${path} has no commit yet` };
  return { is: 'RefNotFound', message: `${path} has no ${ref === '' ? 'HEAD commit' : `branch or tag "${ref}"`}` };
}

async function objectsFolder(path: string, folder: string): Promise<string> {
  const objects = await ask(path, folder, ['rev-parse', '--git-path', 'objects']);
  if (objects === '') throw new TerminalError('RepositoryNotFound', `${path} is not a Git repository`);
  return isAbsolute(objects) ? objects : resolve(path, objects);
}

/** One line of an answer; '' when Git has none. Throws TerminalError(RepositoryNotFound) where there is no repository. */
async function ask(path: string, folder: string, args: readonly string[]): Promise<string> {
  const environment = await localGitEnvironment(folder);
  try {
    const output = await runGit({ args: ['-C', path, ...args], environment });
    return output.toString('utf8').trim();
  } catch (error) {
    if (!(error instanceof GitFailedError)) throw error;
    if (error.exitCode === 1) return '';
    throw new TerminalError('RepositoryNotFound', `${path} is not a Git repository`, { cause: error });
  }
}

/** The alternates file takes a quoted name where the plain one could be misread. */
function quoted(path: string): string {
  return /^["#]|[\n]/.test(path) ? JSON.stringify(path) : path;
}
