const opensshKey = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/;
const opensshMagic = 'openssh-key-v1\0';

/**
 * True for a private key behind a passphrase, in the format of OpenSSH or in PEM. ssh itself, when it may ask nobody,
 * passes over such a key without a word, and the refusal of the server then looks like that of a wrong key. Pure.
 */
export function needsPassphrase(privateKey: string): boolean {
  if (/^Proc-Type:.*ENCRYPTED|BEGIN ENCRYPTED PRIVATE KEY/m.test(privateKey)) return true;
  const body = opensshKey.exec(privateKey)?.[1];
  if (body === undefined) return false;
  const bytes = Buffer.from(body, 'base64');
  if (bytes.toString('latin1', 0, opensshMagic.length) !== opensshMagic) return false;
  // The first field is the name of the cipher, after its length in four bytes.
  const start = opensshMagic.length + 4;
  if (bytes.length < start) return false;
  return bytes.toString('latin1', start, start + bytes.readUInt32BE(opensshMagic.length)) !== 'none';
}
