import { indexedRepoResource, type IndexedRepo } from '../../../src/api/indexed-repo.ts';
import { apiVersion } from '../../../src/api/meta.ts';
import type { NewObject, Resource } from '../../../src/api/object.ts';
import type { Reason } from '../../../src/api/reasons.ts';
import { reindexRequestResource } from '../../../src/api/reindex-request.ts';
import { searchClusterResource } from '../../../src/api/search-cluster.ts';
import type { OwnProcess } from '../../../src/cluster/operator-standing.ts';
import { RetryableError } from '../../../src/domain/errors.ts';
import type { OperatorId } from '../../../src/domain/records.ts';
import type { Engine } from '../../../src/engine/port.ts';
import type { ResolvedRef } from '../../../src/git/remote.ts';
import { mergePatch } from '../../../src/objects/merge-patch.ts';
import { Metrics } from '../../../src/operator/metrics.ts';
import { jobResource } from '../../../src/work/kube-jobs.ts';
import { repoTarget, type RepoTarget } from '../../../src/runs/target.ts';
import { fakeEngine } from '../fakes/fake-engine.ts';
import { FakeKube } from '../fakes/fake-kube.ts';
import { FakeWorker, podResource } from '../fakes/fake-worker.ts';
import { handClock, type HandClock } from '../fakes/hand-clock.ts';
import type { Call, Meddle } from '../fakes/meddle.ts';
import { aTurnLater } from '../fakes/turns.ts';
import { OperatorLife } from './operator-life.ts';
import { key, namespace, WorldView } from './world-view.ts';

const secretResource: Resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' };

/** More than any honest work takes at one moment of the clock. */
const mostCallsAtOnce = 3000;

/** The operator on fakes with a hand-turned clock: the API server, the engine, the remote and the pods are all here. */
export class World extends WorldView {
  readonly clock: HandClock;
  readonly kube: FakeKube;
  /** What answers behind the endpoints now, unless an endpoint has one of its own. */
  engine: Engine;
  readonly enginesAt = new Map<string, Engine>();
  /** While true no call to the engine is answered. */
  engineAway = false;
  readonly worker: FakeWorker;
  /** What the remote answers, by URL. */
  readonly remote = new Map<string, ResolvedRef | Error>();
  /** What an answer of the remote waits for on its way. */
  answerArrives: () => Promise<void> = async () => undefined;
  asked = 0;
  secretReads = 0;
  /** What the operator wrote to Kubernetes and to the engine, call by call. */
  readonly writes: string[] = [];
  /** What the operator told people, each as "Warning LockLost: ...". */
  readonly events: string[] = [];
  /** How late the operator hears of a change to objects of a kind, in ms. */
  watchLag: (plural: string) => number = () => 0;
  /** Sees every call of the operator, reads included, before it is carried out; may throw. */
  beforeCall: (call: Call) => void = () => undefined;
  /** Stands between the operator and the world at every write. */
  meddle: Meddle = async (_call, carryOut) => carryOut();
  /** What an IndexedRepo asks of its runs. */
  targetOf: (repo: IndexedRepo) => RepoTarget = repoTarget;
  /** The image of the operators that are started from now on. */
  operatorImage = 'reindeer:test';
  /** Uid of the Kubernetes cluster, and its Lease. */
  operatorId: OperatorId = { operator: 'kubernetes-uid', election: 'reindeer-system/reindeer' };
  #life: OperatorLife | undefined;
  #lives = 0;
  #uids = 0;
  #moment = { atMs: 0, calls: 0 };
  #hotAt: string | undefined;

  /** `uids`: how the uids of its objects begin; those of two Kubernetes clusters differ. */
  constructor(engine: Engine = fakeEngine(), uids = 'uid', clock: HandClock = handClock()) {
    super();
    this.engine = engine;
    this.clock = clock;
    // The same uids in every run: names and ticks follow from them.
    this.kube = new FakeKube(
      () => this.clock.now(),
      () => `${uids}-${String((this.#uids += 1)).padStart(4, '0')}`,
      (act, plural) => {
        const ms = this.watchLag(plural);
        if (ms === 0) aTurnLater(act);
        else void this.clock.sleep(ms).then(act);
      },
    );
    this.worker = new FakeWorker(
      this.kube,
      () => this.clock.now(),
      endpoint => this.#engineAt(endpoint),
    );
  }

  #engineAt(endpoint: string): Engine {
    return this.enginesAt.get(endpoint) ?? this.engine;
  }

  /** `former`: who held the Lease before; without it, whoever did is taken for one that has ended. */
  startOperator(former: OwnProcess['former'] = 'any', name = 'operator'): OwnProcess {
    this.#lives += 1;
    const own = { id: this.operatorId, process: `${name}-${this.#lives}`, former };
    this.#life = new OperatorLife({
      own,
      kube: this.kube,
      image: this.operatorImage,
      engineAt: endpoint => this.#engineAt(endpoint),
      clock: this.clock,
      log: this.log.log,
      metrics: new Metrics(),
      resolveRef: async url => this.#resolve(url),
      targetOf: repo => this.targetOf(repo),
      meddle: async (call, carryOut) => this.#pass(call, carryOut),
      onEvent: line => this.events.push(line),
    });
    return own;
  }

  /** What a scrape of the operator answers. */
  async scrape(): Promise<string> {
    return this.#life?.scrape() ?? '';
  }

  async stopOperator(): Promise<void> {
    await this.#life?.stop();
    this.#life = undefined;
  }

  /** The process is gone in the middle of whatever it did: no call of it is carried out or answered any more. */
  killOperator(): void {
    this.#life?.kill();
    this.#life = undefined;
  }

  async #pass(call: Call, carryOut: () => Promise<unknown>): Promise<unknown> {
    if (this.#isHot(call)) return new Promise<never>(() => undefined);
    if (call.what.startsWith('kube.get secrets/')) this.secretReads += 1;
    if (this.engineAway && !call.what.startsWith('kube.'))
      throw new RetryableError('EngineUnavailable', 'the engine does not answer');
    this.beforeCall(call);
    if (!call.writes) return carryOut();
    this.writes.push(call.what);
    return this.meddle(call, carryOut);
  }

  /** An operator that calls and calls while the clock stands still would do so for ever. */
  #isHot({ what }: Call): boolean {
    const atMs = this.clock.elapsedMs();
    this.#moment = this.#moment.atMs === atMs ? { atMs, calls: this.#moment.calls + 1 } : { atMs, calls: 1 };
    if (this.#moment.calls > mostCallsAtOnce) this.#hotAt = what;
    return this.#hotAt !== undefined;
  }

  async #resolve(url: string): Promise<ResolvedRef> {
    this.asked += 1;
    const answer = this.remote.get(url);
    await this.answerArrives();
    if (answer instanceof Error) throw answer;
    if (!answer) throw new RetryableError('RemoteUnreachable', `${url} is not there`);
    return answer;
  }

  push(repo: string, commit: string): void {
    this.remote.set(urlOf(repo), { is: 'found', commit: commit.padEnd(40, '0'), refName: 'refs/heads/main' });
  }

  /** What `kubectl apply` does: makes the object, or gives it this spec. */
  async apply(resource: Resource, name: string, spec: object, metadata: object = {}): Promise<void> {
    const object: NewObject = { apiVersion, kind: resource.kind, metadata: { name, namespace, ...metadata }, spec };
    if ((await this.kube.create(resource, object)) !== 'exists') return;
    const { spec: before } = (await this.kube.get(resource, key(name))) ?? {};
    await this.kube.patch(resource, key(name), undefined, { ...mergePatch({ spec: before }, { spec }), metadata });
  }

  async aCluster(spec: object = {}, name = 'main'): Promise<void> {
    await this.apply(searchClusterResource, name, { endpoints: ['https://engine:9200'], ...spec });
  }

  async aRepo(name: string, spec: object = {}, metadata: object = {}): Promise<void> {
    if (!this.remote.has(urlOf(name))) this.push(name, 'c1');
    const source = { url: urlOf(name) };
    await this.apply(
      indexedRepoResource,
      name,
      { clusterRef: { name: 'main' }, alias: name, source, ...spec },
      metadata,
    );
  }

  async aRequest(name: string, repo: string, spec: object = {}): Promise<void> {
    const target = { repoRef: { name: repo } };
    await this.apply(reindexRequestResource, name, { target, strategy: 'Rebuild', ...spec });
  }

  async aSecret(name: string, values: Readonly<Record<string, string>>): Promise<void> {
    const entries = Object.entries(values).map(([field, value]) => [field, Buffer.from(value).toString('base64')]);
    const data = Object.fromEntries(entries) as Record<string, string>;
    const metadata = { name, namespace };
    if ((await this.kube.create(secretResource, { apiVersion: 'v1', kind: 'Secret', metadata, data })) === 'exists')
      await this.kube.patch(secretResource, key(name), undefined, { data });
  }

  /** What `kubectl delete` does. */
  remove(resource: Resource, name: string): void {
    this.kube.remove(resource, key(name));
  }

  /** Turns the clock until the condition holds; fails with the last state after `minutes`. */
  async until(what: string, holds: () => Promise<boolean> | boolean, minutes = 30): Promise<void> {
    for (let second = 0; second < minutes * 60; second += 1) {
      if (await holds()) return;
      if (this.#hotAt !== undefined)
        throw new Error(`it never rests, last in ${this.#hotAt}\n${await this.describe()}`);
      await this.pass(1);
    }
    throw new Error(`never came: ${what}\n${await this.describe()}`);
  }

  /** Lets this many seconds pass, in steps after each of which the Jobs that are there run. */
  async pass(seconds: number, stepSeconds = 1): Promise<void> {
    for (let passed = 0; passed < seconds; passed += stepSeconds) {
      await this.clock.advance(stepSeconds * 1000);
      await this.worker.work();
      for (const resource of [reindexRequestResource, jobResource, podResource]) this.kube.collectGarbage(resource);
    }
  }

  async untilCondition(
    resource: Resource,
    name: string,
    type: string,
    status: string,
    reason?: Reason,
    minutes?: number,
  ): Promise<void> {
    const holds = async (): Promise<boolean> => {
      const found = await this.condition(resource, name, type);
      return found?.status === status && (reason === undefined || found.reason === reason);
    };
    await this.until(`${resource.kind} ${name}: ${type} ${status} ${reason ?? ''}`, holds, minutes);
  }

  async ready(name: string): Promise<void> {
    await this.untilCondition(indexedRepoResource, name, 'Ready', 'True');
    await this.until(`${name} is idle`, async () => (await this.repo(name)).rebuild?.request === undefined);
  }
}

/** A world whose operator is at work, and in which the IndexedRepo "kibana" serves its first version. */
export async function aWorldAtRest(): Promise<World> {
  const world = new World();
  world.startOperator();
  await world.aCluster();
  await world.aRepo('kibana');
  await world.ready('kibana');
  return world;
}

export function urlOf(repo: string): string {
  return `https://git.example.org/${repo}.git`;
}
