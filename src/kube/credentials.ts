import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { SteadyClock } from '../runtime/clock.ts';

/** What a connection to the API server needs; equal contents give an equal `fingerprint`. */
export type TlsMaterial = Pick<
  RequestOptions,
  'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'servername' | 'rejectUnauthorized'
>;

export type Credential = {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
  /** Changes when a certificate or CA changed, so that new sockets are needed. */
  readonly fingerprint: string;
};

/** Files of tokens and certificates are looked at again this often. */
const refreshMs = 10_000;

/**
 * The credentials of the current context, read again every 10 s and after {@link Credentials.renew}: projected
 * tokens and client certificates rotate while the process runs.
 */
export class Credentials {
  readonly #clock: SteadyClock;
  #kubeConfig: KubeConfig;
  #current: Promise<Credential> | undefined;
  #readAtMs = 0;

  constructor(kubeConfig: KubeConfig, clock: SteadyClock) {
    this.#kubeConfig = kubeConfig;
    this.#clock = clock;
  }

  /** Rejects when a file is unreadable or a credential program fails; the next call tries again. */
  async current(): Promise<Credential> {
    const nowMs = this.#clock.elapsedMs();
    if (this.#current === undefined || nowMs - this.#readAtMs > refreshMs) {
      this.#readAtMs = nowMs;
      this.#current = readCredential(this.#kubeConfig);
    }
    try {
      return await this.#current;
    } catch (error) {
      this.#current = undefined;
      throw error;
    }
  }

  /** The server answered 401: forget what is remembered, also the authenticators' own memory (60 s for token files). */
  renew(): void {
    const { clusters, contexts, users, currentContext } = this.#kubeConfig;
    const fresh = new KubeConfig();
    fresh.loadFromOptions({ clusters, contexts, users, currentContext });
    this.#kubeConfig = fresh;
    this.#current = undefined;
  }
}

const readCredential = async (kubeConfig: KubeConfig): Promise<Credential> => {
  const options: RequestOptions = {};
  await kubeConfig.applyToHTTPSOptions(options);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // A token file may end in a newline, which no header can carry.
    if (value !== undefined) headers[name.toLowerCase()] = String(value).trim();
  }
  if (typeof options.auth === 'string') {
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  const tls = tlsOf(options);
  return { headers, tls, fingerprint: JSON.stringify(tls, bytesAsText) };
};

const tlsNames = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'servername', 'rejectUnauthorized'] as const;

const tlsOf = (options: RequestOptions): TlsMaterial =>
  Object.fromEntries(tlsNames.flatMap(name => (options[name] === undefined ? [] : [[name, options[name]]])));

const bytesAsText = (_name: string, value: unknown): unknown =>
  Buffer.isBuffer(value) ? value.toString('base64') : value;
