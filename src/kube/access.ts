import type { RequestOptions } from 'node:https';

/** The TLS side of a connection to the API server. */
export type TlsMaterial = Pick<
  RequestOptions,
  'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'servername' | 'rejectUnauthorized'
>;

/** What proves who we are; `headers` have lower-case names. */
export type Credential = { readonly headers: Readonly<Record<string, string>>; readonly tls: TlsMaterial };

/** Where the API server is, and how to get in. */
export type KubeAccess = {
  /** URL, possibly with a path that all requests are put under. */
  readonly server: string;
  /** Where its user is at home, if anything says so. */
  readonly namespace?: string;
  /** As it is now: tokens and certificates rotate. Rejects when a file is unreadable or a credential program fails. */
  credential(): Promise<Credential>;
  /** The server answered 401: whatever is remembered is read again. */
  forget(): void;
};
