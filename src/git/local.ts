import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { TerminalError } from '../domain/errors.ts';
import { localGitEnvironment, type GitEnvironment } from './environment.ts';
import { isNoRepository, localError } from './failure.ts';
import { initStore } from './fetch.ts';
import { hasCommit, objectStore } from './objects.ts';
import { GitFailedError, runGit } from './process.ts';
import { candidateRefs, isCommit, isHead, isLikeCommit, refProblem } from '../domain/ref.ts';
import type { ResolvedRef } from './remote.ts';
import type { Repository } from './repository.ts';

/** A repository on this machine, as a path names it; what lies above the path is never taken for it. */

export type LocalSource = {
  readonly path: string;
  readonly commit: string;
  /** Private, empty, and removed by the caller. */
  readonly folder: string;
  readonly signal?: AbortSignal;
};

/**
 * Reads a repository on this machine in place, through a store of ours whose objects are those of the repository: its
 * configuration, hooks, attributes and work tree have no say, and nothing is copied or written.
 */
export async function openLocal({ path, commit, folder, signal }: LocalSource): Promise<Repository> {
  const environment = await localGitEnvironment(folder);
  const { gitDir } = await initStore(folder, commit, environment, signal);
  // Not by an alternate, which would use up one of the few that Git follows in a row.
  const there = { ...environment, GIT_OBJECT_DIRECTORY: await objectsFolder(path, folder) };
  const store = objectStore(gitDir, there, signal);
  if (!(await hasCommit(store, commit))) throw new TerminalError('RefNotFound', `${path} has no commit ${commit}`);
  return {
    store,
    missingBlob: 'absent',
    bring: () => Promise.resolve(),
    bringTrees: () => Promise.resolve(),
    bringDifference: base => hasCommit(store, base),
    close: () => store.catFile.close(),
  };
}

/** Where a path lies: at a repository, or in a folder of one that lies above it, whose `folder` it is. */
export type Place =
  { readonly is: 'repository' } | { readonly is: 'inside'; readonly repository: string; readonly folder: string };

/** Throws TerminalError(RepositoryNotFound) where there is no repository, or one that Git cannot read. */
export async function locate(path: string, folder: string): Promise<Place> {
  try {
    await look(path, await boundTo(path, folder), ['rev-parse', '--git-dir']);
    return { is: 'repository' };
  } catch (error) {
    if (!(error instanceof GitFailedError) || !isNoRepository(error)) throw localError(error, path);
  }
  const environment = await localGitEnvironment(folder);
  const above = (args: readonly string[]) =>
    look(path, environment, ['rev-parse', ...args]).catch((error: unknown) => {
      throw localError(error, path);
    });
  const isInWorkTree = (await above(['--is-inside-work-tree'])) === 'true';
  const repository = await above([isInWorkTree ? '--show-toplevel' : '--absolute-git-dir']);
  return { is: 'inside', repository, folder: relative(repository, await realpath(path)) };
}

/** What a branch, tag or commit of a repository on this machine stands for; '' and HEAD = its HEAD. As `resolveRef`. */
export async function resolveLocalRef(path: string, ref: string, folder: string): Promise<ResolvedRef> {
  const problem = refProblem(ref);
  if (problem !== undefined) throw new TerminalError('RefNotFound', `ref ${problem}`);
  const asked: Asked = { path, ref, environment: await boundTo(path, folder) };
  if (isCommit(ref)) {
    const commit = await commitOf(asked, ref);
    return commit === '' ? { is: 'RefNotFound', message: await absent(asked) } : { is: 'found', commit, refName: '' };
  }
  const found: { commit: string; refName: string }[] = [];
  for (const refName of candidateRefs(ref)) {
    const commit = await commitOf(asked, refName);
    if (commit !== '') found.push({ commit, refName });
  }
  const [first, second] = found;
  if (first === undefined) return notFound(asked);
  if (second !== undefined) {
    const message = `a branch and a tag are named "${ref}": write refs/heads/${ref} or refs/tags/${ref}`;
    return { is: 'RefAmbiguous', message };
  }
  if (first.refName !== 'HEAD') return { is: 'found', ...first };
  const head = await ask(asked, ['symbolic-ref', '--quiet', 'HEAD']);
  return { is: 'found', commit: first.commit, refName: head === '' ? 'HEAD' : head };
}

type Asked = { readonly path: string; readonly ref: string; readonly environment: GitEnvironment };

function commitOf(asked: Asked, name: string): Promise<string> {
  return ask(asked, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]);
}

async function notFound(asked: Asked): Promise<ResolvedRef> {
  if ((await ask(asked, ['rev-list', '--all', '--max-count=1'])) === '')
    return { is: 'EmptyRepository', message: `${asked.path} has no commit yet` };
  return { is: 'RefNotFound', message: await absent(asked) };
}

/** What is there instead of the commit that was asked for. */
async function absent(asked: Asked): Promise<string> {
  const { path, ref } = asked;
  if (isHead(ref)) return `${path} has no commit at its HEAD`;
  if (isCommit(ref)) return `${path} has no commit ${ref}`;
  for (const name of candidateRefs(ref)) {
    const type = await ask(asked, ['for-each-ref', '--format=%(*objecttype) %(objecttype)', name]);
    const [named] = type.split(' ');
    if (type !== '') return `${name} of ${path} names a ${named ?? 'thing'}, not a commit`;
  }
  const hint = isLikeCommit(ref) ? await wholeCommit(asked) : '';
  return `${path} has no branch or tag "${ref}"${hint}`;
}

async function wholeCommit(asked: Asked): Promise<string> {
  const commit = await commitOf(asked, asked.ref);
  return `; a commit is named by all of its digits${commit === '' ? ', in lower case' : `: ${commit}`}`;
}

async function objectsFolder(path: string, folder: string): Promise<string> {
  const environment = await boundTo(path, folder);
  const objects = await ask({ path, environment }, ['rev-parse', '--git-path', 'objects']);
  return isAbsolute(objects) ? objects : resolve(path, objects);
}

/** Git then finds the repository at the path itself, and never one that the path happens to lie in. */
async function boundTo(path: string, folder: string): Promise<GitEnvironment> {
  // What is not there is told by Git.
  const real = await realpath(path).catch(() => path);
  return { ...(await localGitEnvironment(folder)), GIT_CEILING_DIRECTORIES: dirname(real) };
}

/** One line of an answer; '' when Git has none. Throws TerminalError(RepositoryNotFound) where there is no repository. */
async function ask({ path, environment }: Omit<Asked, 'ref'>, args: readonly string[]): Promise<string> {
  try {
    return await look(path, environment, args);
  } catch (error) {
    if (error instanceof GitFailedError && error.exitCode === 1) return '';
    throw localError(error, path);
  }
}

async function look(path: string, environment: GitEnvironment, args: readonly string[]): Promise<string> {
  const output = await runGit({ args: ['-C', path, ...args], environment });
  return output.toString('utf8').trim();
}
