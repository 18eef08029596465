import { describe, expect, it } from '@jest/globals';
import { gitCredentials } from '../../../src/indexed-repo/git-secret.ts';
import type { SecretValues } from '../../../src/kube/secrets.ts';

function valuesOf(values: Readonly<Record<string, string>>): SecretValues {
  return { keys: Object.keys(values), values };
}

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
  ])('%s is good', (_row, data, expected) => {
    expect(gitCredentials('git', valuesOf(data))).toEqual(expected);
  });

  it.each<readonly [string, Record<string, string>, string]>([
    ['with nothing in it', {}, 'SecretNotFound'],
    ['with a user and no password', { username: 'u' }, 'SecretNotFound'],
    ['with known hosts alone', { known_hosts: 'h' }, 'SecretNotFound'],
    ['with a line break within a token', { token: 't\npath=/other' }, 'InvalidSecret'],
    ['with a carriage return within a user name', { username: 'u\rx', password: 'p' }, 'InvalidSecret'],
  ])('%s is not', (_row, data, reason) => {
    expect(() => gitCredentials('git', valuesOf(data))).toThrow(expect.objectContaining({ reason }));
  });

  it('is named with its keys and never with a value', () => {
    expect(() => gitCredentials('git', valuesOf({ username: 's3cret' }))).toThrow(
      /Secret "git" has username: it needs/,
    );
    expect(() => gitCredentials('git', valuesOf({ username: 's3cret' }))).not.toThrow(/s3cret/);
  });
});
