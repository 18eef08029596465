import type { Key, KubeObject, NewObject, Resource } from '../api/object.ts';
import { RetryableError } from '../domain/errors.ts';
import type { KubeAccess } from './access.ts';
import { alreadyExists, isExpired, isMissing, type Refusal, refusalError, refusalOf } from './errors.ts';
import { collectionPath, objectPath, type Query, withQuery } from './paths.ts';
import type { Kube, Selectors } from './port.ts';
import { type Answer, type Call, Transport, type TransportOptions } from './transport.ts';

export type KubeOptions = TransportOptions & {
  /** Asked right before each write; false throws RetryableError instead. A replica that lost its lease writes nothing. */
  readonly mayWrite?: () => boolean;
  /** What is said with each write; absent, as the server takes it: all of them count, unknown fields are dropped. */
  readonly writes?: WriteOptions;
};

export type WriteOptions = {
  /** Under which name the fields are kept that are written; absent = the first part of the user agent. */
  readonly fieldManager?: string;
  /** Unknown fields are refused instead of dropped. */
  readonly isStrict?: boolean;
  /** The server checks and answers as if it were done, and does nothing. */
  readonly isDryRun?: boolean;
};

/** `Kube` over HTTP. `transport` is what watches are opened on. */
export type KubeClient = Kube & { readonly transport: Transport; close(): Promise<void> };

/** createKube(access, {sockets?, timeoutMs?, probes?, clock?, mayWrite?, writes?}): a client for one API server. */
export const createKube = (access: KubeAccess, options: KubeOptions = {}): KubeClient => {
  const { mayWrite = () => true, writes = {}, ...transportOptions } = options;
  return new HttpKube(new Transport(access, transportOptions), mayWrite, writes);
};

const pageSize = 500;

type Page<T> = { readonly metadata?: { readonly continue?: string }; readonly items?: readonly T[] };
type Outcome<T> = { readonly ok: true; readonly object: T } | { readonly ok: false; readonly refusal: Refusal };

class HttpKube implements KubeClient {
  readonly transport: Transport;
  readonly #mayWrite: () => boolean;
  readonly #writes: WriteOptions;

  constructor(transport: Transport, mayWrite: () => boolean, writes: WriteOptions) {
    this.transport = transport;
    this.#mayWrite = mayWrite;
    this.#writes = writes;
  }

  async get<T extends KubeObject>(resource: Resource, key: Key): Promise<T | undefined> {
    const outcome = await this.#call<T>({ method: 'GET', path: objectPath(resource, key) });
    if (outcome.ok) return outcome.object;
    if (isMissing(outcome.refusal)) return undefined;
    throw refusalError(`get ${describe(resource, key)}`, outcome.refusal);
  }

  async list<T extends KubeObject>(
    resource: Resource,
    namespace: string,
    { labels: labelSelector, fields: fieldSelector }: Selectors = {},
  ): Promise<readonly T[]> {
    const found: T[] = [];
    let token: string | undefined;
    do {
      const query = { limit: pageSize, labelSelector, fieldSelector, continue: token };
      const outcome = await this.#call<Page<T>>({ method: 'GET', path: collectionPath(resource, namespace, query) });
      if (!outcome.ok) throw listError(resource, namespace, outcome.refusal);
      for (const object of outcome.object.items ?? []) found.push(object);
      token = outcome.object.metadata?.continue || undefined;
    } while (token !== undefined);
    return found;
  }

  async create<T extends KubeObject>(resource: Resource, object: NewObject): Promise<T | 'exists'> {
    const { namespace } = object.metadata;
    const outcome = await this.#write<T>({ method: 'POST', path: collectionPath(resource, namespace), body: object });
    if (outcome.ok) return outcome.object;
    if (alreadyExists(outcome.refusal)) return 'exists';
    throw refusalError(`create ${describe(resource, object.metadata)}`, outcome.refusal);
  }

  async patchStatus<T extends KubeObject>(
    resource: Resource,
    key: Key,
    resourceVersion: string,
    status: object,
  ): Promise<T | 'gone'> {
    const body = { metadata: { resourceVersion }, status };
    return this.#patch<T>(`patch status of ${describe(resource, key)}`, objectPath(resource, key, 'status'), body);
  }

  async patch<T extends KubeObject>(
    resource: Resource,
    key: Key,
    resourceVersion: string | undefined,
    patch: object,
  ): Promise<T | 'gone'> {
    const body = resourceVersion === undefined ? patch : withVersion(patch, resourceVersion);
    return this.#patch<T>(`patch ${describe(resource, key)}`, objectPath(resource, key), body);
  }

  async setFinalizers<T extends KubeObject>(
    resource: Resource,
    key: Key,
    resourceVersion: string,
    finalizers: readonly string[],
  ): Promise<T | 'gone'> {
    return this.patch<T>(resource, key, resourceVersion, { metadata: { finalizers } });
  }

  async delete(resource: Resource, key: Key, uid: string): Promise<'deleted' | 'missing'> {
    // With a body the server reads nothing of the query.
    const dryRun = this.#writes.isDryRun === true ? { dryRun: ['All'] } : {};
    const options = { propagationPolicy: 'Background', preconditions: { uid }, ...dryRun };
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...options };
    const outcome = await this.#write({ method: 'DELETE', path: objectPath(resource, key), body });
    if (outcome.ok) return 'deleted';
    // 409: an object of that name is there, but not the one that was meant; that one is gone.
    if (isMissing(outcome.refusal) || outcome.refusal.status === 409) return 'missing';
    throw refusalError(`delete ${describe(resource, key)}`, outcome.refusal);
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  async #patch<T>(asked: string, path: string, body: object): Promise<T | 'gone'> {
    const outcome = await this.#write<T>({ method: 'PATCH', path, body });
    if (outcome.ok) return outcome.object;
    if (isMissing(outcome.refusal)) return 'gone';
    throw refusalError(asked, outcome.refusal);
  }

  async #write<T>(call: Call): Promise<Outcome<T>> {
    if (!this.#mayWrite()) {
      throw new RetryableError('KubernetesDenied', `${call.method} ${call.path}: this replica does not hold the lease`);
    }
    return this.#call<T>({ ...call, path: withQuery(call.path, queryOf(this.#writes)) });
  }

  async #call<T>(call: Call): Promise<Outcome<T>> {
    return outcomeOf<T>(await this.transport.call(call));
  }
}

/** The API server validated the object by its schema; this is the one place where its JSON gets a type. */
const outcomeOf = <T>({ status, body }: Answer): Outcome<T> =>
  status < 300 ? { ok: true, object: body as T } : { ok: false, refusal: refusalOf(status, body) };

const queryOf = ({ fieldManager, isStrict = false, isDryRun = false }: WriteOptions): Query => ({
  fieldManager,
  ...(isStrict ? { fieldValidation: 'Strict' } : {}),
  ...(isDryRun ? { dryRun: 'All' } : {}),
});

const withVersion = (patch: object, resourceVersion: string): object => {
  const metadata = 'metadata' in patch && typeof patch.metadata === 'object' ? patch.metadata : {};
  return { ...patch, metadata: { ...metadata, resourceVersion } };
};

const describe = (resource: Resource, key: Key): string => `${resource.plural} ${key.namespace}/${key.name}`;

const listError = (resource: Resource, namespace: string, refusal: Refusal): Error => {
  const asked = `list ${resource.plural} in ${namespace === '' ? 'all namespaces' : namespace}`;
  const hint = isExpired(refusal) ? ' (the list took longer than the server remembers its first page)' : '';
  return refusalError(asked + hint, refusal);
};
