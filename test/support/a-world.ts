import type { Key, KubeObject, NewObject, Resource } from '../../src/kube/port.ts';
import { apiVersion } from '../../src/api/meta.ts';
import { indexedRepoResource, type IndexedRepoStatus } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource, type ReindexRequestStatus } from '../../src/api/reindex-request.ts';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { RetryableError } from '../../src/domain/errors.ts';
import type { Engine } from '../../src/engine/port.ts';
import { settingsOn } from '../../src/engine/settings.ts';
import type { Settings } from '../../src/engine/settings-port.ts';
import { publicAlias, switchAlias } from '../../src/engine/switch.ts';
import { writeAliasOf } from '../../src/engine/write-alias.ts';
import type { ResolvedRef } from '../../src/git/remote.ts';
import { assembleOperator, type Operator } from '../../src/operator/assemble.ts';
import { jobResource } from '../../src/plan/apply.ts';
import { fakeEngine } from './fake-engine.ts';
import { FakeKube } from './fake-kube.ts';
import { FakeWorker } from './fake-worker.ts';
import { handClock, type HandClock } from './hand-clock.ts';
import { recordingLog } from './recording-log.ts';

export const namespace = 'team';
const settingsIndex = 'reindeer-settings';

/** The operator on fakes with a hand-turned clock: the API server, the engine, the remote and the pods are all here. */
export class World {
  readonly clock: HandClock = handClock();
  readonly kube = new FakeKube(() => this.clock.now());
  readonly engine: Engine;
  readonly settings: Settings;
  readonly worker: FakeWorker;
  /** What the remote answers, by URL. */
  readonly remote = new Map<string, ResolvedRef | Error>();
  asked = 0;
  /** Called before each write of the operator to Kubernetes or the engine; may throw to make it crash there. */
  beforeWrite: (what: string) => void = () => undefined;
  readonly log = recordingLog();
  #operator: Operator | undefined;
  #running: Promise<void> | undefined;

  constructor(engine: Engine = fakeEngine()) {
    this.engine = engine;
    this.settings = settingsOn(engine, settingsIndex);
    this.worker = new FakeWorker(this.kube, engine, this.settings);
  }

  startOperator(): void {
    const operator = assembleOperator(
      {
        kube: this.kube,
        watch: options => ({ ...this.kube.watch(options), lastActivity: this.clock.now() }),
        events: { record: async () => undefined },
        connect: () => ({
          engine: this.engine,
          settings: this.settings,
          switchAlias: request => switchAlias(this.engine.aliases, request),
          publicAlias,
          writeAliasOf,
        }),
        resolveRef: async url => this.#resolve(url),
        assertHostAllowed: async () => undefined,
        clock: this.clock,
        log: this.log.log,
        learnSecret: () => undefined,
      },
      { namespaces: [''], image: 'reindeer:test', light: {}, heavy: {} },
    );
    operator.watch();
    this.#operator = operator;
    this.#running = operator.run();
  }

  async stopOperator(): Promise<void> {
    await this.#operator?.stop();
    await this.#running;
    this.#operator = undefined;
  }

  async #resolve(url: string): Promise<ResolvedRef> {
    this.asked += 1;
    const answer = this.remote.get(url);
    if (answer instanceof Error) throw answer;
    if (!answer) throw new RetryableError('RemoteUnreachable', `${url} is not there`);
    return answer;
  }

  push(url: string, commit: string): void {
    this.remote.set(url, { is: 'found', commit: commit.padEnd(40, '0'), refName: 'refs/heads/main' });
  }

  async apply(resource: Resource, name: string, spec: object, metadata: object = {}): Promise<void> {
    const object: NewObject = { apiVersion, kind: resource.kind, metadata: { name, namespace, ...metadata }, spec };
    if ((await this.kube.create(resource, object)) === 'exists')
      await this.kube.patch(resource, { namespace, name }, undefined, { spec });
  }

  async aCluster(spec: object = {}): Promise<void> {
    await this.apply(searchClusterResource, 'main', { endpoints: ['https://engine:9200'], ...spec });
  }

  async aRepo(name: string, spec: object = {}): Promise<void> {
    const url = `https://git.example.org/${name}.git`;
    if (!this.remote.has(url)) this.push(url, 'c1');
    await this.apply(indexedRepoResource, name, {
      clusterRef: { name: 'main' },
      alias: name,
      source: { url },
      ...spec,
    });
  }

  async aRequest(name: string, repo: string, spec: object = {}): Promise<void> {
    await this.apply(reindexRequestResource, name, {
      target: { repoRef: { name: repo } },
      strategy: 'Rebuild',
      ...spec,
    });
  }

  /** Turns the clock until the condition holds; fails with the last state after `minutes`. */
  async until(what: string, holds: () => Promise<boolean>, minutes = 30): Promise<void> {
    for (let second = 0; second < minutes * 60; second += 1) {
      if (await holds()) return;
      await this.clock.advance(1000);
      await this.worker.work();
    }
    throw new Error(`never came: ${what}\n${await this.describe()}`);
  }

  async repo(name: string): Promise<Partial<IndexedRepoStatus>> {
    const object = await this.kube.get(indexedRepoResource, key(name));
    return (object?.status ?? {}) as Partial<IndexedRepoStatus>;
  }

  async request(name: string): Promise<Partial<ReindexRequestStatus>> {
    const object = await this.kube.get(reindexRequestResource, key(name));
    return (object?.status ?? {}) as Partial<ReindexRequestStatus>;
  }

  async untilCondition(resource: Resource, name: string, type: string, status: string, reason?: string): Promise<void> {
    await this.until(`${resource.kind} ${name}: ${type} ${status} ${reason ?? ''}`, async () => {
      const object = await this.kube.get(resource, key(name));
      const { conditions = [] } = (object?.status ?? {}) as {
        conditions?: readonly { type: string; status: string; reason: string }[];
      };
      return conditions.some(
        each => each.type === type && each.status === status && (reason === undefined || each.reason === reason),
      );
    });
  }

  async ready(name: string): Promise<void> {
    await this.untilCondition(indexedRepoResource, name, 'Ready', 'True');
  }

  /** Members of an alias, by name. */
  async serves(alias: string): Promise<readonly string[]> {
    return (await this.engine.aliases.members(alias)).map(member => member.index);
  }

  /** Versions that exist as indices. */
  async versions(alias: string): Promise<readonly string[]> {
    return (await this.engine.indices.describe(`${alias}-v*`)).map(index => index.name).toSorted();
  }

  async requests(): Promise<readonly KubeObject[]> {
    return this.kube.list(reindexRequestResource, namespace);
  }

  async jobs(): Promise<readonly KubeObject[]> {
    return this.kube.list(jobResource, namespace);
  }

  async describe(): Promise<string> {
    const objects = await Promise.all(
      [searchClusterResource, indexedRepoResource, reindexRequestResource, jobResource].map(resource =>
        this.kube.list(resource, namespace),
      ),
    );
    const shown = objects
      .flat()
      .map(object => ({
        name: object.metadata.name,
        deleting: object.metadata.deletionTimestamp,
        status: object.status,
      }));
    return JSON.stringify(shown, undefined, 1);
  }
}

function key(name: string): Key {
  return { namespace, name };
}
