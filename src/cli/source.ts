import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { TerminalError } from '../domain/errors.ts';
import type { GitCredentials } from '../domain/git-credentials.ts';
import { looksRemote, parseRemote, remoteRule } from '../domain/git-url.ts';
import type { BlobFilter } from '../git/fetch.ts';
import { locate, openLocal, resolveLocalRef, type Place } from '../git/local.ts';
import { resolveRef, type ResolvedRef } from '../git/remote.ts';
import { openRemote, type Repository } from '../git/repository.ts';
import { UsageError } from './usage-error.ts';

/** One commit of the repository that the user named, found and ready to be opened. */
export type Source = {
  /** What documents and records call it: the URL, or the absolute path. */
  readonly repoUrl: string;
  readonly commit: string;
  /** Where it was found, `refs/heads/main`; '' for a commit that was named itself. */
  readonly refName: string;
  readonly open: (blobs: BlobFilter) => Promise<Repository>;
  /** Private to this run. */
  readonly workFolder: string;
};

export type SourceRequest = {
  readonly repository: string;
  /** '' = HEAD. */
  readonly branch: string;
  readonly credentials: GitCredentials;
  readonly signal: AbortSignal;
};

/** Finds the commit, then does the work with a private folder that goes away afterwards. */
export async function withSource<T>(request: SourceRequest, work: (source: Source) => Promise<T>): Promise<T> {
  const workFolder = await mkdtemp(join(tmpdir(), 'reindeer-'));
  try {
    const source = looksRemote(request.repository)
      ? remoteSource(request, workFolder)
      : localSource(request, workFolder);
    return await work(await source);
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

async function remoteSource(request: SourceRequest, workFolder: string): Promise<Source> {
  const { repository, branch, credentials, signal } = request;
  if (parseRemote(repository) === undefined) throw new TerminalError('RepositoryNotFound', remoteRule);
  // Whoever types the URL may reach that host anyway.
  const access = { credentials, addresses: [] };
  const { commit, refName } = found(await resolveRef(repository, branch, { ...access, signal }));
  const open = (blobs: BlobFilter) =>
    openRemote({ url: repository, ...access, commit, refName, blobs, folder: workFolder, signal });
  return { repoUrl: repository, commit, refName, workFolder, open };
}

async function localSource({ repository, branch, signal }: SourceRequest, workFolder: string): Promise<Source> {
  const path = resolve(repository);
  await access(path).catch(() => {
    throw new UsageError(`${path} does not exist: give the path of a Git repository, or a URL`);
  });
  const place = await locate(path, workFolder).catch(noRepository);
  if (place.is === 'inside') throw new UsageError(inside(path, place));
  const { commit, refName } = found(await resolveLocalRef(path, branch, workFolder).catch(noRepository));
  const open = () => openLocal({ path, commit, folder: workFolder, signal });
  return { repoUrl: path, commit, refName, workFolder, open };
}

function inside(path: string, { repository, folder }: Extract<Place, { is: 'inside' }>): string {
  return `${path} is no repository, it is a folder of ${repository}: index that one, or of it only this folder with ${repository}:ALIAS --path ${folder}`;
}

/** What a remote is said to hide is plainly not there on this machine. */
function noRepository(error: unknown): never {
  if (error instanceof TerminalError && error.reason === 'RepositoryNotFound') throw new UsageError(error.message);
  throw error;
}

function found(ref: ResolvedRef): Extract<ResolvedRef, { is: 'found' }> {
  if (ref.is === 'found') return ref;
  throw new TerminalError(ref.is, ref.message);
}
