import type { GitServerConfig } from './config.ts';

export type Access =
  | { readonly is: 'granted'; readonly user: string }
  | { readonly is: 'credentials-needed' }
  | { readonly is: 'forbidden' };

/** Who may do what: anybody reads outside of `private/`, the token reads everything, the user reads and pushes. */
export function accessTo(
  request: { readonly path: string; readonly isPush: boolean; readonly authorization: string | undefined },
  config: Pick<GitServerConfig, 'username' | 'password' | 'token'>,
): Access {
  const isOpen = !request.isPush && !request.path.startsWith('/private/');
  if (request.authorization === undefined) {
    return isOpen ? { is: 'granted', user: '' } : { is: 'credentials-needed' };
  }
  const given = basicCredentials(request.authorization);
  if (given === undefined) return { is: 'credentials-needed' };
  if (given.username === config.username && given.password === config.password) {
    return { is: 'granted', user: config.username };
  }
  if (given.password !== config.token) return { is: 'credentials-needed' };
  return request.isPush ? { is: 'forbidden' } : { is: 'granted', user: 'token' };
}

/** Whether a request of Git's HTTP protocol belongs to a push. */
export function isPush(path: string, query: string): boolean {
  return path.endsWith('/git-receive-pack') || new URLSearchParams(query).get('service') === 'git-receive-pack';
}

function basicCredentials(authorization: string): { username: string; password: string } | undefined {
  const [, encoded] = /^Basic\s+(\S+)$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const [username = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { username, password: password.join(':') };
}
