import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { credentialsFrom } from '../../../src/domain/git-credentials.ts';
import { readCredentials } from '../../../src/git/credentials.ts';
import { readSecretFile } from '../../../src/runtime/secret-file.ts';

const mark = '\uFEFF';
const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----';
const hosts = 'git.example.org ssh-ed25519 AAAA\nother.example.org ssh-ed25519 BBBB';
const values = {
  username: 'reader',
  password: 'canary',
  token: 't0ken',
  'ssh-privatekey': '-----BEGIN OPENSSH PRIVATE KEY-----\nAA==\n-----END OPENSSH PRIVATE KEY-----',
  known_hosts: hosts,
  'ca.crt': pem,
};
const read = {
  username: 'reader',
  password: 'canary',
  token: 't0ken',
  sshPrivateKey: values['ssh-privatekey'],
  knownHosts: hosts,
  ca: pem,
};
const edited: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(values).map(([key, text]) => [key, `${mark}${text}\r\n`]),
);

describe('values of a Git Secret that an editor has left a byte order mark and line ends in', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'reindeer-credentials-'));
    for (const [key, text] of Object.entries(edited)) writeFileSync(join(folder, key), text);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('are read by a worker as they were meant', async () => {
    expect(await readCredentials(folder)).toEqual(read);
  });

  it('are so to whoever has them at hand', () => {
    expect(credentialsFrom(key => edited[key])).toEqual(read);
  });

  it('are none where there is nothing else in them', () => {
    expect(credentialsFrom(key => (key === 'token' ? `${mark}\n` : undefined))).toEqual({});
  });

  it('leave a CA by its path that OpenSSL can read from its first line on', async () => {
    expect(await readSecretFile(join(folder, 'ca.crt'))).toBe(pem);
  });

  it('keep what is within them', () => {
    expect(credentialsFrom(key => (key === 'password' ? `a${mark}b ` : undefined))).toEqual({ password: `a${mark}b ` });
  });
});
