import { TerminalError } from '../domain/errors.ts';
import { credentialsFrom, oneLineKeys, type GitCredentials } from '../domain/git-credentials.ts';
import type { SecretValues } from '../kube/secrets.ts';

const wanted = 'it needs username and password, or token, or ssh-privatekey and known_hosts, or ca.crt';

/**
 * What the values of a Git Secret are good for. Throws TerminalError: SecretNotFound when a key is missing without which
 * the others are of no use, InvalidSecret for a line break within a user name, password or token; messages name keys, never
 * values.
 */
export function gitCredentials(secret: string, { keys, values }: SecretValues): GitCredentials {
  const broken = Object.keys(values).filter(key => oneLineKeys.has(key) && /[\r\n\0]/.test(values[key] ?? ''));
  if (broken.length > 0)
    throw new TerminalError('InvalidSecret', `Secret "${secret}" has a line break within ${broken.join(', ')}`);
  const credentials = credentialsFrom(key => values[key]);
  const { password, token, sshPrivateKey, ca } = credentials;
  if ([password, token, sshPrivateKey, ca].some(value => value !== undefined)) return credentials;
  throw new TerminalError('SecretNotFound', `Secret "${secret}" has ${keys.join(', ') || 'no keys'}: ${wanted}`);
}
