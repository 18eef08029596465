import { secretText } from './secret-text.ts';

/** What a remote may be asked with; the keys of a Secret, under other names. All absent = anonymous. */
export type GitCredentials = {
  readonly username?: string;
  readonly password?: string;
  /** Sent as the password of any user name. */
  readonly token?: string;
  readonly sshPrivateKey?: string;
  readonly knownHosts?: string;
  /** PEM text of the CA that signed the server's certificate. */
  readonly ca?: string;
};

const keys = {
  username: 'username',
  password: 'password',
  token: 'token',
  sshPrivateKey: 'ssh-privatekey',
  knownHosts: 'known_hosts',
  ca: 'ca.crt',
} as const satisfies Record<keyof GitCredentials, string>;

/** Keys of a Secret that are of use here. */
export const gitSecretKeys: readonly string[] = Object.values(keys);

/** Keys whose value is one line: Git is told it as such, and would take what follows a line end for something else. */
export const oneLineKeys: ReadonlySet<string> = new Set([keys.username, keys.password, keys.token]);

/** Credentials out of the values of a Secret. What editors leave around a value is not part of it. */
export function credentialsFrom(value: (key: string) => string | undefined): GitCredentials {
  const found = Object.entries(keys).flatMap(([name, key]) => {
    const text = value(key);
    if (text === undefined || text.trim() === '') return [];
    return [[name, secretText(text)] as const];
  });
  return Object.fromEntries(found);
}

/** The values that must never be seen in a log or a message. */
export function secretsOf(credentials: GitCredentials): readonly string[] {
  return [credentials.password, credentials.token, credentials.sshPrivateKey].filter(text => text !== undefined);
}
