import { createHash } from 'node:crypto';
import type { EngineHands } from '../alias/engine-hands.ts';
import type { SearchCluster, SearchClusterSpec } from '../api/search-cluster.ts';
import { TerminalError } from '../domain/errors.ts';
import { ownValue } from '../domain/own-value.ts';
import type { Secrets, SecretValues } from '../kube/secrets.ts';
import type { Clock } from '../runtime/clock.ts';
import type { EngineAccess, KeyOfSecret } from '../work/pod-place.ts';
import { engineAccess } from './access.ts';

/** What it takes to speak to one engine. */
export type Credentials = {
  readonly endpoints: readonly string[];
  readonly engine: NonNullable<SearchClusterSpec['engine']>;
  readonly settingsIndex: string;
  readonly username?: string;
  readonly password?: string;
  readonly apiKey?: string;
  readonly caPem?: string;
};

export type Connect = (credentials: Credentials) => EngineHands;

type Open = { readonly hands: EngineHands; readonly key: string; readonly readAt: number };

/** Secrets in use are read again this often; at rest they are not read at all. */
const secretAgeMs = 30_000;

/** One connection per SearchCluster, opened again when its spec or what its Secrets hold has changed. */
export class ClusterConnections {
  readonly #secrets: Secrets;
  readonly #connect: Connect;
  readonly #clock: Clock;
  readonly #open = new Map<string, Open>();

  constructor(parts: { secrets: Secrets; connect: Connect; clock: Clock }) {
    this.#secrets = parts.secrets;
    this.#connect = parts.connect;
    this.#clock = parts.clock;
  }

  /** For work: credentials are never older than 30 s. Throws TerminalError(SecretNotFound | InvalidSecret). */
  async forWork(cluster: SearchCluster): Promise<EngineHands> {
    const known = this.#open.get(cluster.metadata.uid);
    const fresh = known && this.#clock.now().getTime() - known.readAt < secretAgeMs;
    return fresh && known.key.startsWith(connectionKey(cluster)) ? known.hands : this.#reopen(cluster);
  }

  /** For looking whether the engine is there: the open connection, whatever its age, so that rest stays rest. */
  async forProbe(cluster: SearchCluster): Promise<EngineHands> {
    const known = this.#open.get(cluster.metadata.uid);
    return known?.key.startsWith(connectionKey(cluster)) ? known.hands : this.#reopen(cluster);
  }

  /** After a refused credential or certificate: the Secrets are read again by whoever asks next. */
  distrust(clusterUid: string): void {
    const known = this.#open.get(clusterUid);
    if (!known) return;
    this.#open.delete(clusterUid);
    // Whatever it still had open is lost with the connection: nobody waits for an orderly end.
    known.hands.engine.close().catch(() => undefined);
  }

  /** Closes the connections of SearchClusters that are no more. */
  keepOnly(clusterUids: ReadonlySet<string>): void {
    for (const uid of [...this.#open.keys()]) if (!clusterUids.has(uid)) this.distrust(uid);
  }

  async #reopen(cluster: SearchCluster): Promise<EngineHands> {
    const credentials = await this.#credentials(cluster);
    const key = `${connectionKey(cluster)}${createHash('sha256').update(JSON.stringify(credentials)).digest('hex')}`;
    const known = this.#open.get(cluster.metadata.uid);
    const readAt = this.#clock.now().getTime();
    if (known?.key === key) {
      this.#open.set(cluster.metadata.uid, { ...known, readAt });
      return known.hands;
    }
    this.distrust(cluster.metadata.uid);
    const hands = this.#connect(credentials);
    this.#open.set(cluster.metadata.uid, { hands, key, readAt });
    return hands;
  }

  async #credentials(cluster: SearchCluster): Promise<Credentials> {
    const { endpoints, settingsIndex, user, apiKey, ca } = engineAccess(cluster);
    const { namespace } = cluster.metadata;
    const [username, password] = user ? await this.#user(namespace, user) : [];
    const key = apiKey && (await this.#value(namespace, apiKey));
    const caPem = ca && (await this.#value(namespace, ca));
    return {
      ...{ endpoints, engine: cluster.spec.engine ?? 'Auto', settingsIndex },
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(key !== undefined && { apiKey: key }),
      ...(caPem !== undefined && { caPem }),
    };
  }

  /** Name and password of one Secret are read at once: they belong together. */
  async #user(namespace: string, { name, password }: User): Promise<readonly [string, string]> {
    if (typeof name === 'string') return [name, await this.#value(namespace, password)];
    const found = await this.#secrets.read({ namespace, name: name.name }, { needed: [name.key, password.key] });
    return [text(found, name.key), text(found, password.key)];
  }

  async #value(namespace: string, { name, key }: KeyOfSecret): Promise<string> {
    return text(await this.#secrets.read({ namespace, name }, { needed: [key] }), key);
  }
}

type User = NonNullable<EngineAccess['user']>;

/**
 * What of a spec decides how its engine is reached. Not the generation: that grows when the object is being deleted, and
 * then its Secrets may be gone already while the open connection is all that is left to clean up with.
 */
function connectionKey({ spec }: SearchCluster): string {
  const { endpoints, elasticsearchRef, engine, auth, tls, settingsIndex } = spec;
  return `${JSON.stringify({ endpoints, elasticsearchRef, engine, auth, tls, settingsIndex })}/`;
}

function text({ values }: SecretValues, key: string): string {
  const value = ownValue(values, key);
  if (value === undefined) throw new TerminalError('SecretNotFound', `a Secret lacks the key ${key}`);
  return value;
}
