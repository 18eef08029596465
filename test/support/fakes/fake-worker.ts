import type { KubeObject, Resource } from '../../../src/api/object.ts';
import { selectionHash } from '../../../src/domain/document-model.ts';
import type { Engine } from '../../../src/engine/port.ts';
import { writeAliasName } from '../../../src/fences/write-alias.ts';
import { settingsOn } from '../../../src/registry/settings.ts';
import { jobResource } from '../../../src/work/kube-jobs.ts';
import { copyOn } from './fake-copy.ts';
import type { FakeKube } from './fake-kube.ts';

export const podResource: Resource = { group: '', version: 'v1', plural: 'pods', kind: 'Pod' };

type RawJob = KubeObject & {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly { readonly env: readonly { readonly name: string; readonly value?: string }[] }[];
      };
    };
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string }[] };
};

/** What a Job comes to: it ends well, it fails, it goes on for ever, it says that it ended well and did nothing, it stands. */
export type Fate = 'succeed' | 'fail' | 'hang' | 'lie' | LastWords | Standing;

/** No pod of it runs: the status of the only one that there is, or that there is none. */
export type Standing = { readonly stands: object | 'without a pod' };

/** What the kubelet says of an image that it cannot pull. */
export const unpullable: Standing = {
  stands: {
    phase: 'Pending',
    containerStatuses: [
      {
        name: 'worker',
        state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "reindeer:9"' } },
      },
    ],
  },
};

/** What the pod leaves behind as its termination message; exit code 0 = it did its work. */
export type LastWords = {
  readonly exitCode: number;
  /** With exit code 0. Absent: succeeded. */
  readonly outcome?: 'skipped';
  readonly reason?: string;
  readonly chunks?: { readonly written: number; readonly deleted: number };
  readonly bulkRetries?: number;
  readonly digest?: object;
  /** Of an Indexed Job: the one that failed for good. */
  readonly partition?: number;
};

/** What a Job was made for, as its environment says. */
export type Run = {
  readonly program: string;
  readonly mode: string;
  readonly index: string;
  readonly commit: string;
  readonly endpoint: string;
  readonly settingsIndex: string;
  readonly repoUrl: string;
  readonly branch: string;
  readonly selection: string;
  /** '' for a Job of one worker. */
  readonly partitions: string;
};

/** Job controller, kubelet and worker in one: runs every Job in an instant, as its fate says. */
export class FakeWorker {
  readonly #kube: FakeKube;
  readonly #now: () => Date;
  readonly #engineAt: (endpoint: string) => Engine;
  fate: (run: Run) => Fate = () => 'succeed';
  /** Files that each commit holds. */
  filesOf: (commit: string) => readonly string[] = commit => [`${commit.slice(0, 2)}.md`, 'README.md'];
  /** It knows how much it wrote without asking the engine. */
  countsBeforeRefresh = false;
  /** One line per Job that ran to its end: "full kibana-v1 c1". */
  readonly ran: string[] = [];

  constructor(kube: FakeKube, now: () => Date, engineAt: (endpoint: string) => Engine) {
    this.#kube = kube;
    this.#now = now;
    this.#engineAt = engineAt;
  }

  /** Runs the Jobs that are there now. */
  async work(): Promise<void> {
    for (const job of await this.#kube.list<RawJob>(jobResource, ''))
      if (!job.status?.conditions?.length && job.metadata.deletionTimestamp === undefined) await this.#run(job);
  }

  async #run(job: RawJob): Promise<void> {
    const run = runOf(job);
    const fate = this.fate(run);
    if (fate === 'hang') return this.#runs(job);
    if (typeof fate === 'object' && 'stands' in fate)
      return fate.stands === 'without a pod' ? undefined : this.#pod(job, fate.stands);
    if (fate === 'succeed' && run.program !== 'index') return this.#copy(job);
    const words = typeof fate === 'object' ? fate : undefined;
    const works = fate === 'succeed' || words?.exitCode === 0;
    const indexes = works && words?.outcome !== 'skipped';
    const failed = (indexes && !(await this.#index(run))) || fate === 'fail' || (words !== undefined && !works);
    const ran =
      run.program === 'index'
        ? `${run.mode} ${run.index} ${run.commit.replace(/0+$/, '')}`
        : `${run.program} ${run.index}`;
    this.ran.push(`${ran}${failed ? ' failed' : ''}`);
    if (words) await this.#lastWords(job, run, words);
    await this.#finish(job, failed ? 'Failed' : 'Complete', words?.partition);
  }

  /** What the programs of a copy do is done by themselves, on the fake engine. */
  async #copy(job: RawJob): Promise<void> {
    const env = environmentOf(job);
    const { exitCode, result } = await copyOn(this.#engineAt(env.get('SEARCH_ENDPOINT') ?? ''), {
      ...Object.fromEntries(env),
      ...{ REINDEER_JOB_UID: job.metadata.uid, REINDEER_POD_UID: `${job.metadata.uid}-pod` },
    });
    this.ran.push(`${result.program} ${result.index}${exitCode === 0 ? '' : ' failed'}`);
    await this.#podThatEnded(job, { exitCode, message: JSON.stringify(result) });
    await this.#finish(job, exitCode === 0 ? 'Complete' : 'Failed', undefined);
  }

  /** False for a version that was deleted: a real worker says so and fails. */
  async #index(run: Run): Promise<boolean> {
    const { index, commit, endpoint, settingsIndex, repoUrl, branch } = run;
    const engine = this.#engineAt(endpoint);
    const settings = settingsOn(engine, settingsIndex);
    const record = await settings.versionRecord(index);
    if (!record) return false;
    const { writer } = record.source;
    const lines = this.filesOf(commit).flatMap(file => [
      { index: { _id: `f.${file}`, version: writer.token + 1, version_type: 'external_gte' } },
      { doc: 'file', filePath: file },
      { index: { _id: `c.${file}`, version: writer.token + 1, version_type: 'external_gte' } },
      { doc: 'chunk', filePath: file, content: commit },
    ]);
    const ndjson = Buffer.from(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
    await engine.documents.bulk(ndjson, { target: writeAliasName(index, writer.epoch), requireAlias: true });
    await engine.indices.refresh(index);
    const [files = 0, chunks = 0] = this.countsBeforeRefresh
      ? [lines.length / 4, lines.length / 4]
      : await Promise.all(['file', 'chunk'].map(async doc => engine.indices.count(index, { term: { doc } })));
    const done = { commit, files, chunks, repoUrl, branch, selectionHash: run.selection, clean: true };
    await settings.changeVersion(index, before => ({ ...before, ...done }));
    return true;
  }

  /** The pod that stays behind, with its exit code and termination message. */
  async #lastWords(job: RawJob, run: Run, words: LastWords): Promise<void> {
    const { exitCode, reason = '', chunks = { written: 0, deleted: 0 }, bulkRetries = 0 } = words;
    const said = {
      v: 1,
      outcome: words.outcome ?? (exitCode === 0 ? 'succeeded' : 'failed'),
      reason,
      index: run.index,
      bulkRetries,
      ms: 0,
      token: 0,
      errors: exitCode === 0 ? [] : [`the worker says ${reason || exitCode}`],
    };
    const ofIndexing = {
      mode: run.mode,
      branch: '',
      commit: run.commit,
      base: '',
      files: { total: 0, indexed: 0, skipped: 0, deleted: 0, failed: 0 },
      chunks: { total: 0, ...chunks },
      fingerprint: '',
      verify: '',
      ...(words.digest && { digest: words.digest }),
    };
    const ofCopy = { program: run.program, documents: { read: 0, ...chunks, refused: 0 } };
    const message = JSON.stringify({ ...said, ...(run.program === 'index' ? ofIndexing : ofCopy) });
    await this.#podThatEnded(job, { exitCode, message, partition: words.partition });
  }

  async #podThatEnded(
    job: RawJob,
    { exitCode, message, partition }: { exitCode: number; message: string; partition?: number | undefined },
  ): Promise<void> {
    const { namespace, name, uid } = job.metadata;
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true };
    await this.#kube.create(podResource, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${name}-pod`,
        namespace,
        labels: { 'batch.kubernetes.io/controller-uid': uid },
        annotations: { 'batch.kubernetes.io/job-completion-index': String(partition ?? '') },
        ownerReferences: [owner],
      },
    });
    const state = { terminated: { exitCode, message, finishedAt: this.#now().toISOString() } };
    const pod = await this.#kube.get(podResource, { namespace, name: `${name}-pod` });
    await this.#kube.patchStatus(podResource, { namespace, name: `${name}-pod` }, pod?.metadata.resourceVersion ?? '', {
      containerStatuses: [{ name: 'worker', state }],
    });
  }

  /** What the Job controller writes once a pod is at work. */
  async #runs({ metadata: { namespace, name, resourceVersion } }: RawJob): Promise<void> {
    await this.#kube.patchStatus(jobResource, { namespace, name }, resourceVersion, { active: 1, ready: 1 });
  }

  /** The pod that stands, made once. */
  async #pod({ metadata: { namespace, name, uid } }: RawJob, status: object): Promise<void> {
    const key = { namespace, name: `${name}-x7k2p` };
    const made = await this.#kube.create<KubeObject>(podResource, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...key,
        labels: { 'batch.kubernetes.io/controller-uid': uid },
        ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true }],
      },
    });
    const pod = made === 'exists' ? await this.#kube.get(podResource, key) : made;
    await this.#kube.patchStatus(podResource, key, pod?.metadata.resourceVersion ?? '', status);
  }

  async #finish(job: RawJob, type: 'Failed' | 'Complete', failedIndex: number | undefined): Promise<void> {
    const { namespace, name, resourceVersion } = job.metadata;
    const at = this.#now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
    const failure = failedIndex === undefined ? 'BackoffLimitExceeded' : 'MaxFailedIndexesExceeded';
    const reason = type === 'Failed' ? failure : '';
    const conditions = [{ type, status: 'True', reason, lastTransitionTime: at }];
    await this.#kube.patchStatus(jobResource, { namespace, name }, resourceVersion, {
      conditions,
      active: null,
      ready: null,
      ...(failedIndex !== undefined && { failedIndexes: String(failedIndex) }),
      ...(type === 'Complete' && { completionTime: at }),
    });
  }
}

function runOf(job: RawJob): Run {
  const env = environmentOf(job);
  const read = (name: string): string => env.get(name) ?? '';
  const work = workOf(read('REINDEER_ASSIGNMENT'));
  return {
    program: work?.program ?? 'index',
    mode: read('REINDEER_MODE'),
    index: work?.index ?? read('REINDEER_INDEX'),
    commit: read('REINDEER_COMMIT'),
    endpoint: read('SEARCH_ENDPOINT'),
    settingsIndex: read('REINDEER_SETTINGS_INDEX'),
    repoUrl: read('REINDEER_REPO_URL'),
    branch: read('REINDEER_BRANCH'),
    partitions: read('REINDEER_PARTITIONS'),
    selection: selectionHash({
      include: JSON.parse(read('REINDEER_INCLUDE') || '[]') as string[],
      exclude: JSON.parse(read('REINDEER_EXCLUDE') || '[]') as string[],
      maxFileBytes: Number(read('REINDEER_MAX_FILE_BYTES')),
    }),
  };
}

function environmentOf(job: RawJob): ReadonlyMap<string, string> {
  return new Map(job.spec.template.spec.containers[0]?.env.map(each => [each.name, each.value ?? '']));
}

/** As contract 2 says it; contract 1 knows indexing alone. */
function workOf(assignment: string): Pick<Run, 'program' | 'index'> | undefined {
  return assignment === '' ? undefined : (JSON.parse(assignment) as { work: Pick<Run, 'program' | 'index'> }).work;
}
