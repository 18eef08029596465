import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { needsPassphrase } from '../../../src/git/ssh-key.ts';

const openssh = (cipher: string): string => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(cipher.length);
  const body = Buffer.concat([Buffer.from('openssh-key-v1\0'), length, Buffer.from(cipher), Buffer.alloc(40)]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
};
const pem = (passphrase?: string): string => {
  const locked = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', ...locked },
  }).privateKey;
};

describe('a private key', () => {
  it.each<[string, string, boolean]>([
    ['of OpenSSH', openssh('none'), false],
    ['of OpenSSH behind a passphrase', openssh('aes256-ctr'), true],
    ['in PEM', pem(), false],
    ['in PEM behind a passphrase', pem('secret'), true],
    ['in the older PEM behind a passphrase', '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n', true],
    ['cut off', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END', false],
    ['that is none', 'nothing', false],
  ])('%s', (_, key, expected) => {
    expect(needsPassphrase(key)).toBe(expected);
  });
});
