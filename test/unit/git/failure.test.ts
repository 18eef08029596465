import { describe, expect, it } from '@jest/globals';
import { remoteError, remoteProblem, refusesCommit, type RemoteProblem } from '../../../src/git/failure.ts';
import { GitFailedError, GitTimeoutError } from '../../../src/git/process.ts';

/** What Git, libcurl and OpenSSH really print, line by line. */
const said: readonly (readonly [RemoteProblem, string])[] = [
  ['UnknownCA', "fatal: unable to access 'https://h/a/': server certificate verification failed. CAfile: none CRLfile: none"],
  ['UnknownCA', "fatal: unable to access 'https://h/a/': SSL certificate problem: unable to get local issuer certificate"],
  ['UnknownCA', "fatal: unable to access 'https://h/a/': SSL certificate problem: self-signed certificate"],
  ['UnknownCA', "fatal: unable to access 'https://h/a/': SSL: no alternative certificate subject name matches target host name 'h'"],
  ['UnknownCA', "fatal: unable to access 'https://h/a/': SSL: certificate subject name (x) does not match target host name 'h'"],
  ['UnknownCA', "fatal: unable to access 'https://h/a/': error setting certificate file: /tmp/ca.crt"],
  ['UnknownCA', "fatal: unable to access 'https://h/a/': error setting certificate verify locations:  CAfile: /tmp/ca.crt CApath: none"],
  ['InvalidSecret', 'Load key "/tmp/identity": invalid format\ngit@h: Permission denied (publickey).\nfatal: Could not read from remote repository.'],
  ['InvalidSecret', 'Load key "/tmp/identity": error in libcrypto\ngit@h: Permission denied (publickey).'],
  ['HostKeyMissing', 'No ED25519 host key is known for h and you have requested strict checking.\nHost key verification failed.'],
  ['HostKeyMismatch', '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @'],
  ['AuthenticationFailed', "fatal: Authentication failed for 'https://h/a/'"],
  ['AuthenticationFailed', "error: unable to read askpass response from '/bin/false'\nfatal: could not read Username for 'https://h': terminal prompts disabled"],
  ['AuthenticationFailed', "fatal: could not read Password for 'https://x@h': terminal prompts disabled"],
  ['AuthenticationFailed', "fatal: unable to access 'https://h/a/': The requested URL returned error: 403"],
  ['AuthenticationFailed', 'git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.'],
  ['RepositoryNotFound', "remote: Repository not found.\nfatal: repository 'https://h/a/' not found"],
  ['RepositoryNotFound', "fatal: repository 'https://h/a.git/' not found"],
  ['RepositoryNotFound', "fatal: https://h/a/info/refs not valid: is this a git repository?"],
  ['RepositoryNotFound', "fatal: '/srv/a.git' does not appear to be a git repository"],
  ['RepositoryNotFound', 'ERROR: Repository not found.\nfatal: Could not read from remote repository.'],
  ['RepositoryNotFound', "fatal: unable to access 'https://h/a/': The requested URL returned error: 301"],
  ['RemoteUnreachable', "fatal: unable to access 'https://h/a/': Could not resolve host: h"],
  ['RemoteUnreachable', "fatal: unable to access 'https://h/a/': Failed to connect to h port 443 after 1 ms: Couldn't connect to server"],
  ['RemoteUnreachable', "fatal: unable to access 'https://h/a/': The requested URL returned error: 503"],
  ['RemoteUnreachable', "fatal: unable to access 'https://h/a/': The requested URL returned error: 429"],
  ['RemoteUnreachable', "fatal: unable to access 'https://h/a/': Operation too slow. Less than 1000 bytes/sec transferred the last 60 seconds"],
  ['RemoteUnreachable', 'ssh: connect to host h port 22: Connection refused\nfatal: Could not read from remote repository.'],
  ['RemoteUnreachable', 'fatal: early EOF\nfatal: fetch-pack: invalid index-pack output'],
]; // prettier-ignore

describe('what Git says of a remote', () => {
  it.each(said)('means %s: %s', (problem, stderr) => {
    expect(remoteProblem(stderr)).toBe(problem);
  });

  it('is told without the URL, with the host and with what to do', () => {
    const stderr = "fatal: Authentication failed for 'https://user:canary@h/a/'";
    const error = remoteError(new GitFailedError('ls-remote', 128, stderr), 'h');
    expect(error).toMatchObject({ name: 'TerminalError', reason: 'AuthenticationFailed' });
    expect(error.message).toMatch(/^h: it refused the credentials/);
    expect(error.message).not.toMatch(/canary/);
  });

  it('is tried again when no answer came in time', () => {
    const error = remoteError(new GitTimeoutError('late'), 'h');
    expect(error).toMatchObject({ name: 'RetryableError', reason: 'RemoteUnreachable' });
  });

  it.each<[string, boolean]>([
    [`fatal: remote error: upload-pack: not our ref ${'a'.repeat(40)}`, true],
    ['error: Server does not allow request for unadvertised object abc', true],
    ["fatal: couldn't find remote ref main", true],
    ['fatal: dumb http transport does not support shallow capabilities', true],
    ['fatal: Authentication failed', false],
  ])('%s is a refusal of the commit alone: %s', (stderr, refuses) => {
    expect(refusesCommit(new GitFailedError('fetch', 128, stderr))).toBe(refuses);
  });
});
