import { TerminalError } from '../domain/errors.ts';
import { credentialsFrom, type GitCredentials } from '../git/credentials.ts';

const wanted = 'it needs username and password, or token, or ssh-privatekey and known_hosts, or ca.crt';

/**
 * What the values of a Git Secret are good for. Throws TerminalError: SecretNotFound when a key is missing without which
 * the others are of no use, InvalidSecret when one is there and empty; messages name keys, never values.
 */
export function gitCredentials(secret: string, data: Readonly<Record<string, string>>): GitCredentials {
  const empty = Object.keys(data).filter(key => data[key]?.trim() === '');
  if (empty.length > 0) throw new TerminalError('InvalidSecret', `Secret "${secret}" has an empty ${empty.join(', ')}`);
  const credentials = credentialsFrom(key => data[key]);
  const { password, token, sshPrivateKey, ca } = credentials;
  if ([password, token, sshPrivateKey, ca].some(value => value !== undefined)) return credentials;
  const found = Object.keys(data).join(', ') || 'no keys';
  throw new TerminalError('SecretNotFound', `Secret "${secret}" has ${found}: ${wanted}`);
}
