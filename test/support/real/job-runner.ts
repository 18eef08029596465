import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withFormerNames } from '../../../src/domain/engine-variables.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import type { Kube } from '../../../src/kube/port.ts';
import { terminalExitCodes } from '../../../src/work/contract.ts';
import { jobResource } from '../../../src/work/kube-jobs.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';

type Variable = {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
  };
};
type Volume = { readonly name: string; readonly secret?: { readonly secretName: string } };
export type RawJob = KubeObject & {
  readonly spec: {
    readonly backoffLimit: number;
    readonly template: {
      readonly spec: {
        readonly volumes: readonly Volume[];
        readonly containers: readonly [{ readonly env: readonly Variable[] }];
      };
    };
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
};

type Pods = {
  failures: number;
  /** No pod is started before. */
  notBeforeMs: number;
  readonly running: Set<WorkerProcess>;
  /** Known before any list of Jobs says so: one that is under way may be older. */
  isOver: boolean;
};

const lookEveryMs = 100;
const secrets = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' } as const;

/**
 * Job controller and kubelet in one, for control planes without a node: runs each Job's worker as a process of this
 * machine, pod after pod as its policy says, and writes down how the Job ended. A deleted Job takes its processes along.
 */
export class JobRunner {
  readonly #kube: Kube;
  readonly #main: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'reindeer-jobs-'));
  readonly #pods = new Map<string, Pods>();
  readonly #stop = new AbortController();
  #watching: Promise<void> | undefined;
  /** Jobs stay as they are while this is true, as with no node to run them. */
  isPaused = false;
  /** Before the pod that follows the first one that failed; twice as long after each other one. */
  backOffMs = 0;
  /** `{mode} {index}` of each pod that was started. */
  readonly started: string[] = [];
  /** What all workers printed. */
  output = '';

  constructor(kube: Kube, main: string) {
    this.#kube = kube;
    this.#main = main;
  }

  start(): void {
    this.#watching ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    for (const { running } of this.#pods.values()) for (const each of running) each.signal('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Workers that are at work now, all Jobs together. */
  get working(): readonly WorkerProcess[] {
    return [...this.#pods.values()].flatMap(({ running }) => [...running]);
  }

  /** The same by the uid of their Job. */
  get workingFor(): ReadonlyMap<string, readonly WorkerProcess[]> {
    const all = [...this.#pods].map(([uid, { running }]) => [uid, [...running]] as const);
    return new Map(all.filter(([, running]) => running.length > 0));
  }

  /** A second pod of a Job whose first one is still there: Kubernetes does not rule it out. */
  async duplicate(job: RawJob): Promise<WorkerProcess> {
    return this.#startPod(job, this.#podsOf(job));
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const lookedMs = performance.now();
      // An API server that is away is asked again; what runs goes on.
      const jobs = await this.#kube.list<RawJob>(jobResource, '').catch(() => undefined);
      if (jobs !== undefined) await this.#look(jobs).catch(() => undefined);
      // A list of many takes long, and is asked for less often.
      await sleep(Math.max(lookEveryMs, 2 * (performance.now() - lookedMs)));
    }
  }

  async #look(jobs: readonly RawJob[]): Promise<void> {
    const uids = new Set(jobs.map(job => job.metadata.uid));
    for (const [uid, { running }] of this.#pods) if (!uids.has(uid)) for (const each of running) each.signal('SIGTERM');
    for (const job of jobs) {
      const pods = this.#podsOf(job);
      pods.isOver ||= job.status?.conditions?.some(({ status }) => status === 'True') === true;
      if (pods.isOver || this.isPaused || pods.running.size > 0 || job.metadata.deletionTimestamp !== undefined)
        continue;
      if (performance.now() < pods.notBeforeMs) continue;
      await this.#startPod(job, pods);
    }
  }

  #podsOf({ metadata }: RawJob): Pods {
    const pods = this.#pods.get(metadata.uid) ?? { failures: 0, notBeforeMs: 0, running: new Set(), isOver: false };
    this.#pods.set(metadata.uid, pods);
    return pods;
  }

  async #startPod(job: RawJob, pods: Pods): Promise<WorkerProcess> {
    const env = await this.#environment(job);
    const worker = startWorker(this.#main, env);
    pods.running.add(worker);
    this.started.push(`${env['REINDEER_MODE'] ?? ''} ${env['REINDEER_INDEX'] ?? ''}`);
    const told = this.#write(job, { startTime: job.metadata.creationTimestamp, active: 1, ready: 1 });
    void worker.ended.then(async ({ code }) => {
      this.output += worker.output;
      await told;
      await this.#ended(job, pods, code);
      // Only now: a Job without a running pod and without a condition gets another one.
      pods.running.delete(worker);
    });
    return worker;
  }

  async #ended(job: RawJob, pods: Pods, code: number | null): Promise<void> {
    // Another pod of it has ended it.
    if (pods.isOver) return;
    if (code !== 0) {
      pods.notBeforeMs = performance.now() + this.backOffMs * 2 ** pods.failures;
      pods.failures += 1;
    }
    const isTerminal = code !== null && terminalExitCodes.includes(code);
    pods.isOver = code === 0 || isTerminal || pods.failures > job.spec.backoffLimit;
    if (!pods.isOver) return;
    if (code === 0) return this.#finish(job, 'Complete', '');
    await this.#finish(job, 'Failed', isTerminal ? 'PodFailurePolicy' : 'BackoffLimitExceeded');
  }

  async #finish(job: RawJob, type: 'Complete' | 'Failed', reason: string): Promise<void> {
    const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const condition = (name: string): object => ({ type: name, status: 'True', reason, lastTransitionTime: at });
    const before = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
    const status = {
      startTime: job.metadata.creationTimestamp,
      active: null,
      ready: null,
      conditions: [condition(before), condition(type)],
      ...(type === 'Complete' && { completionTime: at, succeeded: 1 }),
    };
    await this.#write(job, status);
  }

  /** Tries for as long as the API server is away, as a controller does; a Job that is gone needs no status. */
  async #write(job: RawJob, status: object): Promise<void> {
    const { namespace, name, uid } = job.metadata;
    while (!this.#stop.signal.aborted) {
      const found = await this.#kube.get<RawJob>(jobResource, { namespace, name }).catch(() => 'away' as const);
      if (found === undefined || (found !== 'away' && found.metadata.uid !== uid)) return;
      if (found !== 'away') {
        const { resourceVersion } = found.metadata;
        const done = await this.#kube
          .patchStatus(jobResource, { namespace, name }, resourceVersion, status)
          .catch((error: unknown) => void (this.output += `job runner: ${String(error)}\n`));
        if (done !== undefined) return;
      }
      await sleep(lookEveryMs);
    }
  }

  async #environment(job: RawJob): Promise<Readonly<Record<string, string>>> {
    const { volumes, containers } = job.spec.template.spec;
    const folder = mkdtempSync(join(this.#folder, 'pod-'));
    mkdirSync(join(folder, 'tmp'));
    for (const { name, secret } of volumes)
      if (secret !== undefined) await this.#mount(job, secret.secretName, join(folder, name));
    const entries: [string, string][] = [];
    for (const variable of containers[0].env) entries.push([variable.name, await this.#valueOf(job, variable)]);
    const env = Object.fromEntries(entries);
    const mounted = (path: string | undefined): string => (path ?? '').replace('/var/run/reindeer', folder);
    return {
      ...env,
      REINDEER_WORK_DIR: join(folder, 'tmp'),
      REINDEER_GIT_SECRET_DIR: mounted(env['REINDEER_GIT_SECRET_DIR']),
      ...withFormerNames({ SEARCH_CA_CERT: mounted(env['SEARCH_CA_CERT']) }),
    };
  }

  async #valueOf(job: RawJob, { value = '', valueFrom }: Variable): Promise<string> {
    if (valueFrom?.fieldRef !== undefined)
      return valueFrom.fieldRef.fieldPath === 'metadata.uid' ? randomUUID() : job.metadata.uid;
    if (valueFrom?.secretKeyRef === undefined) return value;
    const { name, key } = valueFrom.secretKeyRef;
    return (await this.#secret(job, name)).get(key) ?? '';
  }

  async #mount(job: RawJob, secretName: string, folder: string): Promise<void> {
    mkdirSync(folder);
    for (const [key, text] of await this.#secret(job, secretName)) writeFileSync(join(folder, key), text);
  }

  async #secret(job: RawJob, name: string): Promise<ReadonlyMap<string, string>> {
    type Secret = KubeObject & { readonly data?: Readonly<Record<string, string>> };
    const found = await this.#kube.get<Secret>(secrets, { namespace: job.metadata.namespace, name });
    if (found === undefined) throw new Error(`there is no Secret ${name}`);
    return new Map(
      Object.entries(found.data ?? {}).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]),
    );
  }
}
