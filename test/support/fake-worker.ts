import type { Engine } from '../../src/engine/port.ts';
import type { Settings } from '../../src/engine/settings-port.ts';
import { writeAliasName } from '../../src/engine/write-alias.ts';
import type { KubeObject } from '../../src/kube/port.ts';
import { jobResource } from '../../src/plan/apply.ts';
import type { FakeKube } from './fake-kube.ts';

type RawJob = KubeObject & {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly env: readonly { name: string; value?: string }[] }[] };
    };
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string }[] };
};

/** What a Job comes to: it ends well, it fails, or it goes on for ever. */
export type Fate = 'succeed' | 'fail' | 'hang' | 'lie';

/** Job controller, kubelet and worker in one: runs every Job in an instant, as its fate says. */
export class FakeWorker {
  readonly #kube: FakeKube;
  readonly #engine: Engine;
  readonly #settings: Settings;
  fate: (mode: string, index: string) => Fate = () => 'succeed';
  /** Files that each commit holds. */
  filesOf: (commit: string) => readonly string[] = commit => [`${commit.slice(0, 2)}.md`, 'README.md'];
  /** One line per Job that ran to its end: "full kibana-v1 c1". */
  readonly ran: string[] = [];

  constructor(kube: FakeKube, engine: Engine, settings: Settings) {
    this.#kube = kube;
    this.#engine = engine;
    this.#settings = settings;
  }

  /** Runs the Jobs that are there now. */
  async work(): Promise<void> {
    for (const job of await this.#kube.list<RawJob>(jobResource, ''))
      if (!job.status?.conditions?.length) await this.#run(job);
  }

  async #run(job: RawJob): Promise<void> {
    const env = new Map(job.spec.template.spec.containers[0]?.env.map(each => [each.name, each.value ?? '']));
    const index = env.get('REINDEER_INDEX') ?? '';
    const commit = env.get('REINDEER_COMMIT') ?? '';
    const mode = env.get('REINDEER_MODE') ?? '';
    const fate = this.fate(mode, index);
    if (fate === 'hang') return;
    if (fate === 'succeed') await this.#index(index, commit);
    this.ran.push(`${mode} ${index} ${commit.replace(/0+$/, '')}${fate === 'fail' ? ' failed' : ''}`);
    await this.#finish(job, fate === 'fail' ? 'Failed' : 'Complete');
  }

  async #index(index: string, commit: string): Promise<void> {
    const files = this.filesOf(commit);
    const record = await this.#settings.versionRecord(index);
    if (!record) throw new Error(`no record of ${index}`);
    const lines = files.flatMap(file => [
      { index: { _id: `f.${file}`, version: record.source.writer.token + 1, version_type: 'external_gte' } },
      { doc: 'file', filePath: file },
      { index: { _id: `c.${file}`, version: record.source.writer.token + 1, version_type: 'external_gte' } },
      { doc: 'chunk', filePath: file, content: commit },
    ]);
    const ndjson = Buffer.from(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
    await this.#engine.documents.bulk(ndjson, {
      target: writeAliasName(index, record.source.writer.epoch),
      requireAlias: true,
    });
    await this.#engine.indices.refresh(index);
    const [files_, chunks] = await Promise.all(
      ['file', 'chunk'].map(async doc => this.#engine.indices.count(index, { term: { doc } })),
    );
    await this.#settings.changeVersion(index, before => ({
      ...before,
      commit,
      files: files_ ?? 0,
      chunks: chunks ?? 0,
      clean: true,
    }));
  }

  async #finish(job: RawJob, type: 'Failed' | 'Complete'): Promise<void> {
    const { namespace, name, resourceVersion, creationTimestamp } = job.metadata;
    const conditions = [
      {
        type,
        status: 'True',
        reason: type === 'Failed' ? 'BackoffLimitExceeded' : '',
        lastTransitionTime: creationTimestamp,
      },
    ];
    await this.#kube.patchStatus(jobResource, { namespace, name }, resourceVersion, {
      conditions,
      completionTime: creationTimestamp,
    });
  }
}
