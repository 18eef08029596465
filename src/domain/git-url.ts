/** A remote that may be asked: how it is reached and at which host. */
export type GitRemote = {
  readonly url: string;
  readonly protocol: 'https' | 'ssh';
  /** In lower case. */
  readonly host: string;
  readonly port: number;
};

const host = '[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?';
const user = '[A-Za-z0-9_][A-Za-z0-9._-]*';
const path = '[A-Za-z0-9._~%+/-]+';
const port = '(?::([0-9]{1,5}))?';
const httpsUrl = new RegExp(`^https://(${host})${port}/${path}$`);
const sshUrl = new RegExp(`^ssh://(?:${user}@)?(${host})${port}/${path}$`);
const scpLike = new RegExp(`^${user}@(${host}):${path}$`);
const ports = { https: 443, ssh: 22 } as const;
const longestUrl = 1024;

/**
 * The remote that a text names, or undefined: https://HOST/PATH, ssh://[USER@]HOST[:PORT]/PATH or USER@HOST:PATH and
 * nothing else. No user info in https, no http, git, ext or file, nothing that Git could read as an option.
 */
export function parseRemote(text: string): GitRemote | undefined {
  if (text.length > longestUrl || hasDotSegment(text)) return undefined;
  const https = httpsUrl.exec(text);
  if (https) return remoteAt('https', text, https);
  const ssh = sshUrl.exec(text) ?? scpLike.exec(text);
  return ssh ? remoteAt('ssh', text, ssh) : undefined;
}

function remoteAt(protocol: GitRemote['protocol'], url: string, [, at = '', port]: RegExpExecArray): GitRemote {
  return { url, protocol, host: at.toLowerCase(), port: port === undefined ? ports[protocol] : Number(port) };
}

/** What a refused URL is told; it never repeats the URL, which may hold a password. */
export const remoteRule =
  'the URL must begin with https:// or ssh://, or be USER@HOST:PATH; it holds no password, and no . or .. as a part of its path';

/** True for what a user means as a URL, well-formed or not; anything else is a path on this machine. */
export function looksRemote(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:(\/\/|:)/i.test(text) || /^[^/\\:]+@[^/\\:]+:/.test(text);
}

function hasDotSegment(text: string): boolean {
  return /[/:]\.{1,2}(?:\/|$)/.test(text);
}
