import { TerminalError } from '../domain/errors.ts';
import type { Key, Kube, KubeObject, Resource } from './port.ts';

const secretResource: Resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' };
type RawSecret = KubeObject & { readonly data?: Readonly<Record<string, string>> };

/** No credential is longer; a CA bundle fits well. */
const longestValueBytes = 256 * 1024;

/** Keys whose values are no secrets: hiding a user name such as `elastic` would garble every log line. */
const publicKeys: ReadonlySet<string> = new Set(['username', 'known_hosts', 'ca.crt']);

/** Secrets, read by name when they are needed; never listed, never watched, never kept here. */
export class Secrets {
  readonly #kube: Kube;
  readonly #learn: (value: string) => void;

  /** `learn` is told every value that was read, so that it can be kept out of logs. */
  constructor(kube: Kube, learn: (value: string) => void) {
    this.#kube = kube;
    this.#learn = learn;
  }

  /**
   * Every value of a Secret as text, without the newline that editors leave at the end. Throws
   * TerminalError(SecretNotFound) when it or one of the needed keys is missing, InvalidSecret for what cannot be used;
   * messages name keys, never values.
   */
  async read(key: Key, needed: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const secret = await this.#kube.get<RawSecret>(secretResource, key);
    if (!secret) throw new TerminalError('SecretNotFound', `there is no Secret "${key.name}" in this namespace`);
    const values = Object.entries(secret.data ?? {}).map(
      ([name, encoded]) => [name, decode(key, name, encoded)] as const,
    );
    const data = Object.fromEntries(values);
    const missing = needed.filter(name => data[name] === undefined);
    if (missing.length > 0)
      throw new TerminalError(
        'SecretNotFound',
        `Secret "${key.name}" lacks ${missing.join(', ')}; it has ${Object.keys(data).join(', ') || 'no keys'}`,
      );
    for (const name of needed)
      if (data[name] === '') throw new TerminalError('InvalidSecret', `Secret "${key.name}" has an empty ${name}`);
    for (const [name, value] of Object.entries(data)) if (!publicKeys.has(name)) this.#learn(value);
    return data;
  }
}

function decode(key: Key, name: string, encoded: string): string {
  if (encoded.length > longestValueBytes * 1.4)
    throw new TerminalError('InvalidSecret', `Secret "${key.name}": ${name} is larger than 256 KiB`);
  return Buffer.from(encoded, 'base64')
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
