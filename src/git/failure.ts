import type { Reason } from '../api/reasons.ts';
import { bounded } from '../domain/bounded-text.ts';
import { RetryableError, TerminalError } from '../domain/errors.ts';
import { GitFailedError, GitOutputTooLargeError, GitTimeoutError } from './process.ts';

/** What a remote's refusal can mean; everything else is `RemoteUnreachable`, which passes by itself. */
export type RemoteProblem = Extract<
  Reason,
  | 'UnknownCA'
  | 'InvalidSecret'
  | 'HostKeyMissing'
  | 'HostKeyMismatch'
  | 'AuthenticationFailed'
  | 'RepositoryNotFound'
  | 'RemoteUnreachable'
>;

/**
 * Git says why a remote refused only in words, so this table reads them: the one place that does. The first row that
 * matches wins. Words of Git itself (2.39 to 2.50), of libcurl with OpenSSL and GnuTLS, and of OpenSSH, all under LC_ALL=C.
 */
const table: readonly (readonly [RegExp, RemoteProblem])[] = [
  [
    /SSL certificate problem|certificate verification failed|certificate subject name|self.signed certificate/i,
    'UnknownCA',
  ],
  [/server verification failed|certificate has expired|does not match target host/i, 'UnknownCA'],
  [/error (setting|reading|adding) (certificate|trust|ca)|CAfile/i, 'UnknownCA'],
  [/Load key .*: (invalid format|error in libcrypto)|invalid private key|bad permissions/i, 'InvalidSecret'],
  [/REMOTE HOST IDENTIFICATION HAS CHANGED/, 'HostKeyMismatch'],
  [/Host key verification failed/, 'HostKeyMissing'],
  [
    /Authentication failed|could not read (Username|Password)|Permission denied|invalid credentials/i,
    'AuthenticationFailed',
  ],
  [/returned error: (401|403)/, 'AuthenticationFailed'],
  [/repository .* not found|Repository not found|returned error: (404|410)/i, 'RepositoryNotFound'],
  [/does not appear to be a git repository|not valid: is this a git repository/, 'RepositoryNotFound'],
  // A redirect is not followed: the repository is not at this URL.
  [/returned error: 30[1278]|unable to update url base from redirection/, 'RepositoryNotFound'],
];

/** Which problem the words on standard error name. */
export function remoteProblem(stderr: string): RemoteProblem {
  return table.find(([words]) => words.test(stderr))?.[1] ?? 'RemoteUnreachable';
}

/** The remote has no such object, or does not give what was asked for in this way: an older server, or a commit that is gone. */
export function refusesCommit(error: unknown): boolean {
  return (
    error instanceof GitFailedError &&
    /not our ref|unadvertised object|not allow|couldn't find remote ref|does not support shallow|filter '[^']*' not supported|filter allows max depth/i.test(
      error.stderr,
    )
  );
}

/** The error of this project for a tree that Git gives up on, by overflow of its stack or by its own limit; else undefined. */
export function tooDeep(error: unknown): TerminalError | undefined {
  if (!(error instanceof GitFailedError)) return undefined;
  const isTooDeep = stackOverflows.has(error.signal ?? '') || /maximum allowed tree depth/.test(error.stderr);
  if (!isTooDeep) return undefined;
  return new TerminalError('RepositoryTooLarge', 'folders lie too deep in each other for Git to read them', {
    cause: error,
  });
}

const stackOverflows: ReadonlySet<string> = new Set(['SIGSEGV', 'SIGBUS']);

const advice: Readonly<Record<RemoteProblem, string>> = {
  UnknownCA: 'its certificate is not signed by a CA that is known here: give the CA with ca.crt',
  InvalidSecret: 'the ssh private key cannot be read: it must be an unencrypted OpenSSH or PEM key',
  HostKeyMissing: 'known_hosts has no key of this host, and none is trusted on first use',
  HostKeyMismatch: 'its host key is not the one in known_hosts',
  AuthenticationFailed: 'it refused the credentials, or asks for some and none are given',
  RepositoryNotFound: 'it has no repository there, or hides it from these credentials; redirects are not followed',
  RemoteUnreachable: 'it cannot be asked now',
};

/** The error of this project for a failed call to a remote; anything that is no failure of Git comes back as it is. */
export function remoteError(error: unknown, host: string): Error {
  if (error instanceof GitTimeoutError) {
    return new RetryableError('RemoteUnreachable', `${host}: no answer in time`, { cause: error });
  }
  if (error instanceof GitOutputTooLargeError) {
    return new TerminalError('RepositoryTooLarge', `${host}: it advertises more refs than are read`, { cause: error });
  }
  if (!(error instanceof GitFailedError)) return error instanceof Error ? error : new Error(String(error));
  const problem = remoteProblem(error.stderr);
  const message = `${host}: ${advice[problem]}${detail(error.stderr)}`;
  return problem === 'RemoteUnreachable' ? new RetryableError(problem, message) : new TerminalError(problem, message);
}

/** The error of this project for a folder that Git cannot read; anything that is no failure of Git comes back as it is. */
export function localError(error: unknown, path: string): Error {
  if (!(error instanceof GitFailedError)) return error instanceof Error ? error : new Error(String(error));
  const message = isNoRepository(error)
    ? `${path} is not a Git repository`
    : `Git cannot read the repository ${path}: ${lastWords(error.stderr)}`;
  return new TerminalError('RepositoryNotFound', bounded(message), { cause: error });
}

/** Git looked for a repository and found none, not even one that it cannot read. */
export function isNoRepository(error: GitFailedError): boolean {
  return /not a git repository/.test(error.stderr);
}

/** From the last line that is Git's own on: some say only in the next line what they are about. */
function lastWords(stderr: string): string {
  const lines = stderr.trim().split('\n');
  const from = lines.findLastIndex(line => /^(?:fatal|error): /.test(line));
  return lines.slice(Math.max(0, from)).join(' ').replace(/\s+/g, ' ');
}

/** The last thing that Git itself said, without URLs: they stand in the object already, and may carry what nobody meant to show. */
function detail(stderr: string): string {
  const line = stderr
    .split('\n')
    .filter(text => /^(fatal|error|ssh|remote): ?/.test(text))
    .at(-1);
  if (line === undefined) return '';
  const words = line.replace(/'[^']*'/g, '...').replace(/[\x00-\x1f\x7f-\x9f]/g, ' ');
  return ` (${words.slice(0, 200)})`;
}
