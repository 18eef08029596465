import type { SteadyClock } from '../runtime/clock.ts';
import type { Credential, KubeAccess } from './access.ts';

/** Changes of `fingerprint` mean that a certificate or CA changed, so that new sockets are needed. */
export type KnownCredential = Credential & { readonly fingerprint: string };

/** Files of tokens and certificates are looked at again this often. */
const refreshMs = 10_000;

/** The credential for the next call, read again every 10 s and after {@link Credentials.renew}. */
export class Credentials {
  readonly #access: KubeAccess;
  readonly #clock: SteadyClock;
  #current: Promise<KnownCredential> | undefined;
  #readAtMs = 0;

  constructor(access: KubeAccess, clock: SteadyClock) {
    this.#access = access;
    this.#clock = clock;
  }

  /** Rejects when it cannot be read; the next call tries again. */
  async current(): Promise<KnownCredential> {
    const nowMs = this.#clock.elapsedMs();
    if (this.#current === undefined || nowMs - this.#readAtMs > refreshMs) {
      this.#readAtMs = nowMs;
      this.#current = this.#access.credential().then(withFingerprint);
    }
    try {
      return await this.#current;
    } catch (error) {
      this.#current = undefined;
      throw error;
    }
  }

  /** The server answered 401. */
  renew(): void {
    this.#access.forget();
    this.#current = undefined;
  }
}

const withFingerprint = (credential: Credential): KnownCredential => ({
  ...credential,
  fingerprint: JSON.stringify(credential.tls),
});
