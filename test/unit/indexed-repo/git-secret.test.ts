import { describe, expect, it } from '@jest/globals';
import { gitCredentials } from '../../../src/indexed-repo/git-secret.ts';

describe('a Git Secret', () => {
  it.each<readonly [string, Record<string, string>, object]>([
    ['with user and password', { username: 'u', password: 'p' }, { username: 'u', password: 'p' }],
    ['with a token', { token: 't' }, { token: 't' }],
    [
      'with a key and known hosts',
      { 'ssh-privatekey': 'k', known_hosts: 'h' },
      { sshPrivateKey: 'k', knownHosts: 'h' },
    ],
    ['with a CA alone', { 'ca.crt': 'c' }, { ca: 'c' }],
    ['with keys for others too', { token: 't', 'unknown-to-us': 'x' }, { token: 't' }],
  ])('%s is good', (_row, data, expected) => {
    expect(gitCredentials('git', data)).toEqual(expected);
  });

  it.each<readonly [string, Record<string, string>, string]>([
    ['with nothing in it', {}, 'SecretNotFound'],
    ['with a user and no password', { username: 'u' }, 'SecretNotFound'],
    ['with known hosts alone', { known_hosts: 'h' }, 'SecretNotFound'],
    ['with other keys only', { 'tls.crt': 'x' }, 'SecretNotFound'],
    ['with an empty token', { token: '' }, 'InvalidSecret'],
    ['with a token of white space', { token: ' \n' }, 'InvalidSecret'],
  ])('%s is not', (_row, data, reason) => {
    expect(() => gitCredentials('git', data)).toThrow(expect.objectContaining({ reason }));
  });

  it('is named with its keys and never with a value', () => {
    expect(() => gitCredentials('git', { username: 's3cret' })).toThrow(/Secret "git" has username: it needs/);
    expect(() => gitCredentials('git', { username: 's3cret' })).not.toThrow(/s3cret/);
  });
});
