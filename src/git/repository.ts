import { appendFile, mkdir } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { TerminalError } from '../domain/errors.ts';
import type { GitCredentials } from './credentials.ts';
import { localGitEnvironment, remoteGitEnvironment } from './environment.ts';
import { fetchBlobs, fetchCommit, initStore, type BlobFilter } from './fetch.ts';
import { hasCommit, type ObjectStore } from './objects.ts';
import { GitFailedError, runGit } from './process.ts';
import { isCommit, refProblem } from './ref.ts';
import type { ResolvedRef } from './remote.ts';
import { parseRemote, remoteRule } from './url.ts';

/** One commit of a repository, ready to be read. */
export type Repository = {
  readonly store: ObjectStore;
  /** Makes these blobs readable, in as few requests as possible. */
  bring(oids: readonly string[]): Promise<void>;
  /** Brings another commit's trees; false when the repository no longer has it. */
  bringCommit(commit: string): Promise<boolean>;
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

/** Fetches one commit of a remote into a store below `folder`. Errors: see `fetchCommit`. */
export async function openRemote(source: RemoteSource): Promise<Repository> {
  const { commit, refName, blobs, folder, signal, credentials, addresses } = source;
  const remote = parseRemote(source.url);
  if (remote === undefined) throw new TerminalError('RepositoryNotFound', remoteRule);
  const environment = await remoteGitEnvironment({ remote, credentials, addresses }, folder);
  const store = await initStore(folder, commit, environment, signal);
  await fetchCommit(store, { remote, commit, refName, blobs });
  return {
    store,
    missingBlob: blobs === 'none' ? 'broken' : 'too-large',
    bring: oids => (blobs === 'none' ? fetchBlobs(store, remote, oids) : Promise.resolve()),
    bringCommit: async other => {
      try {
        await fetchCommit(store, { remote, commit: other, refName: '', blobs: 'none' });
        return true;
      } catch (error) {
        if (error instanceof TerminalError && error.reason === 'RefNotFound') return false;
        throw error;
      }
    },
  };
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
    bringCommit: other => hasCommit(store, other),
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
