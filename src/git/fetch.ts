import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TerminalError } from '../domain/errors.ts';
import type { GitRemote } from '../domain/git-url.ts';
import { shortRef } from '../domain/ref.ts';
import { withConfiguration, type GitEnvironment } from './environment.ts';
import { refusesCommit, remoteError } from './failure.ts';
import { hasCommit, objectStore, typeOf, type ObjectStore } from './objects.ts';
import { runGit } from './process.ts';

/** An empty bare repository below `folder`: no template, no hooks. `commit` tells which object format it needs. */
export async function initStore(
  folder: string,
  commit: string,
  environment: GitEnvironment,
  signal?: AbortSignal,
): Promise<ObjectStore> {
  const gitDir = join(folder, 'store.git');
  const format = commit.length === 64 ? 'sha256' : 'sha1';
  const args = ['init', '--bare', '--quiet', '--template=', `--object-format=${format}`, gitDir];
  await runGit({ args, environment, ...(signal && { signal }) });
  return objectStore(gitDir, environment, signal);
}

/** Which blobs come along: those below a size, or none (trees and blobs are then asked for by name, as they are needed). */
export type BlobFilter = { readonly belowBytes: number } | 'none';

/** The filter under which a tree comes without what is in it. */
const namedOnly = 'tree:0';
/** The one under which a commit comes with the root of its tree, without what is in that. */
const rootOnly = 'tree:1';

export type CommitFetch = {
  readonly remote: GitRemote;
  readonly commit: string;
  /** The ref that the commit was found at, for servers that give nothing else; '' if none is known. */
  readonly refName: string;
  readonly blobs: BlobFilter;
};

/**
 * Brings one commit with its trees into the store, without history. A server that ignores the filter sends all blobs; one
 * that refuses to send a commit by name is asked for the ref, then for the ref's history.
 * Throws TerminalError(RefNotFound) for a commit that the remote no longer has, else as `resolveRef`.
 */
export async function fetchCommit(store: ObjectStore, wanted: CommitFetch): Promise<void> {
  const filter = wanted.blobs === 'none' ? 'blob:none' : `blob:limit=${wanted.blobs.belowBytes}`;
  const kept = `+${wanted.refName}:refs/reindeer/fetched`;
  const ways = [
    ['--depth=1', `--filter=${filter}`, 'origin', wanted.commit],
    ...(wanted.refName === ''
      ? []
      : [
          ['--depth=1', 'origin', kept],
          ['--update-shallow', 'origin', kept],
        ]),
  ];
  for (const way of ways) {
    if ((await tryFetch(store, wanted.remote, filter, { args: way })) && (await hasCommit(store, wanted.commit)))
      return;
  }
  throw new TerminalError('RefNotFound', `${wanted.remote.host}: ${await whatCame(store, wanted)}`);
}

/** Why there is no commit: a tag may name any object. */
async function whatCame(store: ObjectStore, { commit, refName }: CommitFetch): Promise<string> {
  const short = commit.slice(0, 12);
  const type = await typeOf(store, commit);
  if (type === '') return `the remote has no commit ${short}`;
  return `${refName === '' ? short : shortRef(refName)} names a ${type}, not a commit`;
}

/** False when the remote does not give what was asked for. */
async function tryFetch(store: ObjectStore, remote: GitRemote, filter: string, call: FetchCall): Promise<boolean> {
  try {
    await fetchOnce(store, remote, filter, call);
    return true;
  } catch (error) {
    if (refusesCommit(error)) return false;
    throw remoteError(error, remote.host);
  }
}

/**
 * Brings these commits in one request, each with the root of its tree. False when the remote does not give each of them by
 * name.
 */
export async function fetchRoots(store: ObjectStore, remote: GitRemote, commits: readonly string[]): Promise<boolean> {
  const args = ['--depth=1', `--filter=${rootOnly}`, 'origin', ...commits];
  return tryFetch(store, remote, rootOnly, { args });
}

/** Brings trees by name in one request, and nothing below them. Those that the remote does not have stay missing. */
export async function fetchTrees(store: ObjectStore, remote: GitRemote, oids: readonly string[]): Promise<void> {
  await fetchObjects(store, remote, namedOnly, oids);
}

/** Brings blobs by name in one request. Those that the remote does not have stay missing. */
export async function fetchBlobs(store: ObjectStore, remote: GitRemote, oids: readonly string[]): Promise<void> {
  await fetchObjects(store, remote, 'blob:none', oids);
}

async function fetchObjects(
  store: ObjectStore,
  remote: GitRemote,
  filter: string,
  oids: readonly string[],
): Promise<void> {
  if (oids.length === 0) return;
  await tryFetch(store, remote, filter, {
    args: [`--filter=${filter}`, '--stdin', 'origin'],
    input: `${oids.join('\n')}\n`,
    // Telling the remote which commits are here would make it leave out what belongs to them.
    configuration: { 'fetch.negotiationAlgorithm': 'noop' },
  });
}

type FetchCall = {
  readonly args: readonly string[];
  readonly input?: string;
  readonly configuration?: Readonly<Record<string, string>>;
};

/**
 * One `git fetch`. The store knows its remote for the time of the call only: left in the configuration, it would make
 * every later look at a missing object ask the network for that single one.
 */
async function fetchOnce(
  store: ObjectStore,
  remote: GitRemote,
  filter: string,
  { args, input, configuration }: FetchCall,
): Promise<void> {
  const config = join(store.gitDir, 'config');
  const before = await readFile(config);
  try {
    await runGit({
      args: ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', ...args],
      gitDir: store.gitDir,
      environment: withConfiguration(store.environment, {
        'remote.origin.url': remote.url,
        'remote.origin.promisor': 'true',
        'remote.origin.partialCloneFilter': filter,
        ...configuration,
      }),
      ...(input !== undefined && { input }),
      ...(store.signal && { signal: store.signal }),
    });
  } finally {
    await writeFile(config, before);
  }
}
