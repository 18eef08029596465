import { rm } from 'node:fs/promises';
import { TerminalError } from '../domain/errors.ts';
import type { GitCredentials } from '../domain/git-credentials.ts';
import { parseRemote, remoteRule, type GitRemote } from '../domain/git-url.ts';
import { remoteGitEnvironment } from './environment.ts';
import { fetchRoots, fetchBlobs, fetchCommit, fetchTrees, initStore, type BlobFilter } from './fetch.ts';
import type { ObjectStore } from './objects.ts';
import { bringDifferingTrees } from './tree-difference.ts';
import { rootTree } from './tree-objects.ts';

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
  /** What a blob that is still missing after `bring` means: it was not asked for, it did not come, it is not in the folder. */
  readonly missingBlob: 'too-large' | 'broken' | 'absent';
  /** Ends what still waits for questions about it. */
  close(): void;
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
      close: () => store.catFile.close(),
    };
  }
  return {
    store,
    missingBlob: 'broken',
    bring: oids => fetchBlobs(store, remote, oids),
    bringTrees: async () => {
      store.catFile.close();
      // A commit that is here without its trees would not be fetched again.
      await rm(store.gitDir, { recursive: true, force: true });
      await initStore(folder, commit, environment, signal);
      await fetchCommit(store, { remote, commit, refName, blobs });
    },
    bringDifference: base => bringDifference({ store, remote, commit, base }),
    close: () => store.catFile.close(),
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
