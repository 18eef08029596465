import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TerminalError } from '../domain/errors.ts';
import type { GitCredentials } from '../domain/git-credentials.ts';
import { parseRemote, remoteRule, type GitRemote } from '../domain/git-url.ts';
import { candidateRefs, isCommit, isHead, isLikeCommit, refProblem } from '../domain/ref.ts';
import { remoteGitEnvironment } from './environment.ts';
import { remoteError } from './failure.ts';
import { GitOutputTooLargeError, runGit } from './process.ts';

/** What a ref stands for on the remote now. `refName` is the full name, '' for a commit that was named itself. */
export type ResolvedRef =
  | { readonly is: 'found'; readonly commit: string; readonly refName: string }
  | { readonly is: 'RefNotFound' | 'RefAmbiguous' | 'EmptyRepository'; readonly message: string };

const askTimeoutMs = 20_000;

export type Asking = {
  readonly credentials: GitCredentials;
  /** As `allowedAddresses` gives them. */
  readonly addresses: readonly string[];
  readonly signal?: AbortSignal;
};

/**
 * Asks a remote what a branch, tag or commit stands for, within 20 s. '' and HEAD mean the remote's HEAD. A short name means
 * refs/heads first, then refs/tags (peeled to the commit); both is RefAmbiguous. A full commit is taken at its word: only
 * fetching it proves that it exists.
 * Throws TerminalError (AuthenticationFailed, RepositoryNotFound, UnknownCA, HostKeyMissing, HostKeyMismatch, InvalidSecret; RefNotFound
 * for a text that is no ref) and RetryableError(RemoteUnreachable).
 */
export async function resolveRef(url: string, ref: string, how: Asking): Promise<ResolvedRef> {
  const problem = refProblem(ref);
  if (problem !== undefined) throw new TerminalError('RefNotFound', `ref ${problem}`);
  const remote = parseRemote(url);
  if (remote === undefined) throw new TerminalError('RepositoryNotFound', remoteRule);
  if (isCommit(ref)) return { is: 'found', commit: ref, refName: '' };
  const folder = await mkdtemp(join(tmpdir(), 'reindeer-ask-'));
  try {
    return await ask(remote, ref, how, folder);
  } catch (error) {
    throw remoteError(error, remote.host);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function ask(
  remote: GitRemote,
  ref: string,
  { credentials, addresses, signal }: Asking,
  folder: string,
): Promise<ResolvedRef> {
  const environment = await remoteGitEnvironment({ remote, credentials, addresses }, folder);
  const list = async (patterns: readonly string[]): Promise<Advertised> => {
    const args = ['ls-remote', '--symref', '--', remote.url, ...patterns];
    const output = await runGit({ args, environment, timeoutMs: askTimeoutMs, ...(signal && { signal }) });
    return parseAdvertised(output.toString('utf8'));
  };
  const found = chooseRef(ref, await list(candidateRefs(ref).flatMap(name => [name, `${name}^{}`])));
  if (found !== undefined) return found;
  if (await isEmpty(list))
    return { is: 'EmptyRepository', message: `${remote.host}: the repository has no commit yet` };
  return { is: 'RefNotFound', message: `${remote.host}: ${absent(ref)}` };
}

function absent(ref: string): string {
  if (isHead(ref)) return 'HEAD names a branch that does not exist';
  const hint = isLikeCommit(ref) ? '; a commit is named by all of its digits, in lower case' : '';
  return `there is no branch or tag "${ref}"${hint}`;
}

/** A remote that has more refs than are read has commits for sure. */
async function isEmpty(list: (patterns: readonly string[]) => Promise<Advertised>): Promise<boolean> {
  try {
    return (await list([])).commits.size === 0;
  } catch (error) {
    if (error instanceof GitOutputTooLargeError) return false;
    throw error;
  }
}

/** What a remote advertises: commits by full ref name, tags peeled, and what HEAD stands for ('' if it does not say). */
export type Advertised = { readonly commits: ReadonlyMap<string, string>; readonly head: string };

/** Reads the output of `git ls-remote --symref`. */
export function parseAdvertised(output: string): Advertised {
  const commits = new Map<string, string>();
  let head = '';
  for (const line of output.split('\n')) {
    const [left, name] = line.split('\t');
    if (left === undefined || name === undefined) continue;
    if (left.startsWith('ref: ')) {
      if (name === 'HEAD') head = left.slice('ref: '.length);
    } else {
      // The peeled line of a tag follows the tag's own and replaces it.
      commits.set(name.replace(/\^\{\}$/, ''), left);
    }
  }
  return { commits, head };
}

/** The answer for a ref out of what was advertised, or undefined when it is not there. Pure. */
export function chooseRef(ref: string, advertised: Advertised): ResolvedRef | undefined {
  const found = candidateRefs(ref).flatMap(name => {
    const commit = advertised.commits.get(name);
    return commit === undefined ? [] : [{ is: 'found', commit, refName: name } as const];
  });
  if (found.length > 1) {
    return {
      is: 'RefAmbiguous',
      message: `a branch and a tag are named "${ref}": write refs/heads/${ref} or refs/tags/${ref}`,
    };
  }
  const [only] = found;
  return only?.refName === 'HEAD' ? { ...only, refName: advertised.head || 'HEAD' } : only;
}
