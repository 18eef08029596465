import type { Key, KubeObject, Resource } from '../api/object.ts';
import { backOffMs, withJitter } from '../domain/back-off.ts';
import { type SteadyClock, systemClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { WatchCache } from './cache.ts';
import { isExpired, type Refusal, refusalError, refusalOf } from './errors.ts';
import { linesOf } from './lines.ts';
import { collectionPath } from './paths.ts';
import type { Cache, GroupsOf } from './port.ts';
import type { Stream, Transport } from './transport.ts';
import { ExpiredError, heard, type ListPage, parseEvent } from './watch-events.ts';
import { quietLimitMs, silenceLimitMs, watchdog } from './watchdog.ts';

export type WatchOptions<T> = {
  readonly transport: Pick<Transport, 'call' | 'stream'>;
  readonly resource: Resource;
  /** Empty = all. */
  readonly namespace: string;
  readonly labelSelector?: string;
  /**
   * What is kept of an object; undefined = nothing, it is of no interest. An object for which it throws is logged and
   * stays as it was.
   */
  readonly project: (raw: KubeObject) => T | undefined;
  /** Groups in which the cache finds what was projected; default none. */
  readonly groupsOf?: GroupsOf<T>;
  /** Called after the cache has changed, for a deletion too; what it throws is logged. */
  readonly onChange: (key: Key) => void;
  readonly log: Logger;
  readonly clock?: SteadyClock;
  /** In [0, 1); default Math.random. */
  readonly random?: () => number;
};

export type ResourceWatch<T> = {
  readonly cache: Cache<T>;
  start(): void;
  /** Resolves when the watch has ended and nothing is called any more. */
  stop(): Promise<void>;
  /** When the last event, bookmark or list came in; the API server sends a bookmark about every minute. */
  readonly lastActivity: Date;
};

/**
 * watchResource({transport, resource, namespace, labelSelector?, project, onChange, log, clock?, random?}):
 * keeps a projected copy of all objects of a kind and never gives up: see docs/design/0002-watch.md.
 */
export const watchResource = <T>(options: WatchOptions<T>): ResourceWatch<T> => new Reflector(options);

const pageSize = 500;
/** A new object must be seen within 15 s of the API server's return. */
const backOff = { firstMs: 200, longestMs: 5_000 };
const shortestWatchSeconds = 300;

class Reflector<T> implements ResourceWatch<T> {
  readonly cache: WatchCache<T>;
  readonly #options: WatchOptions<T>;
  readonly #log: Logger;
  readonly #clock: SteadyClock;
  readonly #random: () => number;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  /** Where the next watch goes on; undefined = list first. */
  #version: string | undefined;
  #failures = 0;
  #lastActivity: Date;
  #lastActivityMs: number;

  constructor(options: WatchOptions<T>) {
    this.#options = options;
    this.cache = new WatchCache(options.groupsOf);
    this.#log = options.log.child({ watch: options.resource.plural, watchNamespace: options.namespace });
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#lastActivity = this.#clock.now();
    this.#lastActivityMs = this.#clock.elapsedMs();
  }

  get lastActivity(): Date {
    return this.#lastActivity;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        this.#version ??= await this.#list();
        await this.#follow(this.#version);
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  async #recover(error: unknown): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    const expired = error instanceof ExpiredError;
    if (expired) this.#version = undefined;
    const pauseMs = expired && this.#failures === 0 ? 0 : this.#pauseMs();
    this.#failures += 1;
    // One line per outage, not one per attempt.
    const level = this.#failures === 1 && !expired ? 'warn' : 'debug';
    this.#log[level]({ message: String(error), pauseMs: Math.round(pauseMs) }, 'watch interrupted');
    await this.#clock.sleep(pauseMs, this.#stopped.signal);
  }

  #pauseMs(): number {
    return withJitter(backOffMs(this.#failures + 1, backOff), this.#random);
  }

  /** Takes in a whole list, page by page, and answers the version at which a watch goes on. */
  async #list(): Promise<string> {
    const seen = new Set<string>();
    let page: ListPage | undefined;
    do {
      page = await this.#listPage(page?.metadata.continue);
      for (const object of page.items ?? []) {
        seen.add(WatchCache.idOf(object.metadata));
        this.#take(object);
      }
    } while (page.metadata.continue !== undefined && page.metadata.continue !== '');
    for (const key of this.cache.finishList(seen)) this.#tell(key);
    this.#touch();
    return page.metadata.resourceVersion;
  }

  async #listPage(token: string | undefined): Promise<ListPage> {
    const { transport, resource, namespace, labelSelector } = this.#options;
    const query = { limit: pageSize, labelSelector, continue: token };
    const { status, body } = await transport.call({ method: 'GET', path: collectionPath(resource, namespace, query) });
    // The API server's own answer to a list; its items are projected before they are kept.
    if (status === 200) return body as ListPage;
    throw this.#refused('list', refusalOf(status, body));
  }

  /** Returns when the server ends the watch in good order, throws when it breaks off. */
  async #follow(version: string): Promise<void> {
    const startedMs = this.#clock.elapsedMs();
    let aliveMs = startedMs;
    const alive = (): void => {
      aliveMs = this.#clock.elapsedMs();
    };
    const guard = watchdog(this.#clock, [
      { what: 'sign of life', limitMs: silenceLimitMs, sinceMs: () => aliveMs },
      { what: 'event or bookmark', limitMs: quietLimitMs, sinceMs: () => Math.max(startedMs, this.#lastActivityMs) },
    ]);
    let stream: Stream | undefined;
    try {
      stream = await this.#open(version, AbortSignal.any([guard.barked, this.#stopped.signal]));
      stream.onAlive(alive);
      for await (const line of linesOf(heard(stream.bytes, alive))) this.#handle(line);
    } catch (error) {
      throw guard.reason() ?? error;
    } finally {
      guard.stop();
      stream?.close();
    }
    const reason = guard.reason();
    if (reason !== undefined) throw reason;
    // A server that ends every watch at once must not be asked in a hot loop.
    if (this.#clock.elapsedMs() - startedMs < 1_000) throw new Error('the server ended the watch at once');
  }

  async #open(version: string, signal: AbortSignal): Promise<Stream> {
    const { transport, resource, namespace, labelSelector } = this.#options;
    const query = {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: version,
      timeoutSeconds: Math.round(shortestWatchSeconds * (1 + this.#random())),
      labelSelector,
    };
    const opened = await transport.stream(collectionPath(resource, namespace, query), signal);
    if (opened.is === 'open') return opened;
    throw this.#refused('watch', opened.refusal);
  }

  #handle(line: string): void {
    const { type, object } = parseEvent(line);
    if (type === 'ERROR') throw this.#refused('watch', refusalOf(500, object));
    this.#touch();
    this.#healed();
    if (type === 'DELETED') {
      if (this.cache.remove(object.metadata)) this.#tell(object.metadata);
    } else if (type !== 'BOOKMARK') {
      this.#take(object);
    }
    this.#version = object.metadata.resourceVersion;
  }

  #take(object: KubeObject): void {
    const { name, namespace, resourceVersion } = object.metadata;
    const key: Key = { namespace, name };
    if (this.cache.holds(key, resourceVersion)) return;
    let value: T | undefined;
    try {
      value = this.#options.project(object);
    } catch (error) {
      this.#log.error({ err: error, ...key }, 'object could not be projected');
      return;
    }
    if (value !== undefined) this.cache.set(key, resourceVersion, value);
    else if (!this.cache.remove(key)) return;
    this.#tell(key);
  }

  #tell({ namespace, name }: Key): void {
    try {
      this.#options.onChange({ namespace, name });
    } catch (error) {
      this.#log.error({ err: error, namespace, name }, 'change handler failed');
    }
  }

  #touch(): void {
    this.#lastActivity = this.#clock.now();
    this.#lastActivityMs = this.#clock.elapsedMs();
  }

  /** Only an event proves that all is well: a list may succeed while every watch after it is refused. */
  #healed(): void {
    if (this.#failures > 0) this.#log.info({ attempts: this.#failures }, 'watch resumed');
    this.#failures = 0;
  }

  #refused(verb: 'list' | 'watch', refusal: Refusal): Error {
    const asked = `${verb} ${this.#options.resource.plural}`;
    return isExpired(refusal) ? new ExpiredError(`${asked}: ${refusal.message}`) : refusalError(asked, refusal);
  }
}
