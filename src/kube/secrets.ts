import { isUtf8 } from 'node:buffer';
import type { Key, KubeObject, Resource } from '../api/object.ts';
import { TerminalError } from '../domain/errors.ts';
import { ownValue } from '../domain/own-value.ts';
import { secretText } from '../domain/secret-text.ts';
import type { Kube } from './port.ts';

const secretResource: Resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' };
type RawSecret = KubeObject & { readonly data?: Readonly<Record<string, string>> };

/** No credential is longer; a CA bundle fits well. */
const longestValueBytes = 256 * 1024;

/** Keys whose values are no secrets: hiding a user name such as `elastic` would garble every log line. */
const publicKeys: ReadonlySet<string> = new Set(['username', 'known_hosts', 'ca.crt']);

export type WantedKeys = { readonly needed: readonly string[]; readonly optional?: readonly string[] };

/** What was asked for and is there, and what else the Secret holds, by name alone. */
export type SecretValues = { readonly keys: readonly string[]; readonly values: Readonly<Record<string, string>> };

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
   * The values of some keys of a Secret as text, without what editors leave around it, and the names of all its keys.
   * What stands under other keys is for others: it is not looked at, whatever it is. Throws TerminalError(SecretNotFound)
   * when the Secret or one of the needed keys is missing, InvalidSecret for a value that is empty, no text or larger than
   * 256 KiB; messages name keys, never values.
   */
  async read(key: Key, { needed, optional = [] }: WantedKeys): Promise<SecretValues> {
    const secret = await this.#kube.get<RawSecret>(secretResource, key);
    if (!secret) throw new TerminalError('SecretNotFound', `there is no Secret "${key.name}" in this namespace`);
    const data = secret.data ?? {};
    const keys = Object.keys(data);
    const missing = needed.filter(name => ownValue(data, name) === undefined);
    if (missing.length > 0) {
      const found = keys.join(', ') || 'no keys';
      throw new TerminalError('SecretNotFound', `Secret "${key.name}" lacks ${missing.join(', ')}; it has ${found}`);
    }
    const values = [...needed, ...optional].flatMap(name => {
      const encoded = ownValue(data, name);
      return encoded === undefined ? [] : [[name, decode(key, name, encoded)] as const];
    });
    for (const [name, value] of values) if (!publicKeys.has(name)) this.#learn(value);
    return { keys, values: Object.fromEntries(values) };
  }
}

function decode(key: Key, name: string, encoded: string): string {
  const invalid = (why: string): never => {
    throw new TerminalError('InvalidSecret', `Secret "${key.name}": ${name} ${why}`);
  };
  if (encoded.length > longestValueBytes * 1.4) return invalid('is larger than 256 KiB');
  const bytes = Buffer.from(encoded, 'base64');
  if (!isUtf8(bytes)) return invalid('is no text in UTF-8');
  const text = secretText(bytes.toString('utf8'));
  return text.trim() === '' ? invalid('is empty') : text;
}
