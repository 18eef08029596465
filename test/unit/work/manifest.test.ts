import { describe, expect, it } from '@jest/globals';
import { keys } from '../../../src/api/meta.ts';
import { terminalExitCodes, workerEnvironment } from '../../../src/work/contract.ts';
import { jobManifest, templateHash } from '../../../src/work/manifest.ts';
import { podShape } from '../../../src/work/pod-place.ts';
import { jobKeys, jobView } from '../../../src/work/view.ts';
import { workerPods } from '../../../src/work/worker-pods.ts';
import { aRunJob as aRun, type PodJob } from '../../support/objects/a-run-job.ts';
import { plainWorkers } from '../../support/objects/plain-workers.ts';

type Env = { readonly name: string; readonly value?: string; readonly valueFrom?: object };
type Container = {
  readonly env: readonly Env[];
  readonly securityContext: object;
  readonly volumeMounts: readonly { readonly name: string; readonly readOnly?: boolean }[];
  readonly [field: string]: unknown;
};
type PodSpec = {
  readonly containers: readonly [Container];
  readonly volumes: readonly { readonly name: string; readonly [field: string]: unknown }[];
  readonly [field: string]: unknown;
};
type Volume = { readonly defaultMode: number };
type JobSpec = {
  readonly template: { readonly metadata: object; readonly spec: PodSpec };
  readonly [field: string]: unknown;
};

type Given = NonNullable<Parameters<typeof aRun>[0]>;

const manifestOf = (job: PodJob) => jobManifest(job, job);
const specOf = (job: PodJob): JobSpec => manifestOf(job)['spec'] as JobSpec;
const podOf = (run: PodJob): PodSpec => specOf(run).template.spec;

/** The environment as the kubelet would make it. */
function environmentOf(run: PodJob): Record<string, string> {
  const { env } = podOf(run).containers[0];
  return Object.fromEntries(env.map(({ name, value, valueFrom }) => [name, value ?? fromElsewhere(name, valueFrom)]));
}

function fromElsewhere(name: string, source: object | undefined): string {
  return source !== undefined && 'resourceFieldRef' in source ? '1073741824' : `value of ${name}`;
}

const hostAliases = [{ ip: '10.0.0.9', hostnames: ['search-es-http.team.svc'] }];

describe('the Job of a run', () => {
  it('gives the worker everything that its contract asks for', () => {
    const parsed = workerEnvironment.parse(environmentOf(aRun()));
    expect(parsed).toMatchObject({
      REINDEER_CONTRACT: '1',
      REINDEER_MODE: 'incremental',
      REINDEER_ALIAS: 'kibana',
      REINDEER_INDEX: 'kibana-v3',
      REINDEER_TOKEN: 7,
      REINDEER_BRANCH: 'main',
      REINDEER_INCLUDE: ['src/**'],
      REINDEER_EXCLUDE: ['**/x "y"'],
      REINDEER_MAX_FILE_BYTES: 2048,
      REINDEER_DEADLINE_SECONDS: 3600,
      REINDEER_DISK_BYTES: 1_073_741_824,
      REINDEER_REQUEST_UID: 'run-uid',
      REINDEER_NAMESPACE: 'team',
      REINDEER_NAME: 'kibana',
      REINDEER_ALLOWED_GIT_HOSTS: ['git.corp', '*.example.org'],
      SEARCH_ENDPOINT: 'https://one:9200,https://two:9200',
    });
  });

  it('gives the worker its credentials without the line end that an editor left in the Secret, and without its byte order mark', () => {
    const given = {
      ...environmentOf(aRun()),
      SEARCH_USERNAME: '\uFEFFelastic\n',
      SEARCH_PASSWORD: '\uFEFFp w\r\n',
    };
    const { SEARCH_USERNAME, SEARCH_PASSWORD } = workerEnvironment.parse(given);
    expect([SEARCH_USERNAME, SEARCH_PASSWORD]).toEqual(['elastic', 'p w']);
  });

  it('names no variable that the contract does not know, but for those of the engine under the names of before', () => {
    const { env } = podOf(aRun()).containers[0];
    const known = Object.keys(workerEnvironment.shape);
    const others = env.map(({ name }) => name).filter(name => !known.includes(name));
    expect(others.toSorted()).toEqual(['CA_CERT', 'ENDPOINT', 'PASSWORD', 'USERNAME'].map(of => `ELASTICSEARCH_${of}`));
    const said = (named: string) => env.filter(({ name }) => name === named).map(({ name: _, ...source }) => source);
    for (const name of others) expect(said(name)).toEqual(said(name.replace('ELASTICSEARCH_', 'SEARCH_')));
  });

  it('leaves out what there is none of', () => {
    const bare = aRun({
      gitSecret: undefined,
      engine: { endpoints: ['http://e:9200'], settingsIndex: 's' },
      imagePullSecrets: [],
    });
    const environment = environmentOf(bare);
    expect(environment).toMatchObject({ REINDEER_GIT_SECRET_DIR: '', SEARCH_CA_CERT: '' });
    expect(environment).not.toHaveProperty('SEARCH_PASSWORD');
    expect(podOf(bare).volumes.map(volume => volume.name)).toEqual(['work']);
    expect(podOf(bare)).not.toHaveProperty('imagePullSecrets');
    expect(workerEnvironment.safeParse(environment).success).toBe(true);
  });

  it('hands Secrets over by name: no value of one stands in it', () => {
    const { env, volumeMounts } = podOf(aRun()).containers[0];
    const password = env.find(each => each.name === 'SEARCH_PASSWORD');
    expect(password?.valueFrom).toEqual({ secretKeyRef: { name: 'engine', key: 'password' } });
    expect(volumeMounts.filter(mount => mount.name !== 'work').every(mount => mount.readOnly)).toBe(true);
    expect(podOf(aRun()).volumes.find(volume => volume.name === 'engine-ca')).toMatchObject({
      secret: { secretName: 'engine-ca', items: [{ key: 'tls.crt', path: 'ca.crt' }] },
    });
  });

  it('hands an API key over by name as well, in the place of user and password', () => {
    const { endpoints, settingsIndex } = aRun().engine;
    const job = aRun({ engine: { endpoints, settingsIndex, apiKey: { name: 'key', key: 'encoded' } } });
    const { env } = podOf(job).containers[0];
    expect(env.find(({ name }) => name === 'SEARCH_API_KEY')?.valueFrom).toEqual({
      secretKeyRef: { name: 'key', key: 'encoded' },
    });
    expect(env.filter(({ name }) => /PASSWORD|USERNAME/.test(name))).toEqual([]);
    expect(workerEnvironment.parse(environmentOf(job))).toMatchObject({ SEARCH_API_KEY: 'value of SEARCH_API_KEY' });
  });

  it('names the superuser of an engine of ECK, and hands only the password over by name', () => {
    const { endpoints, settingsIndex } = aRun().engine;
    const user = { name: 'elastic', password: { name: 'search-es-elastic-user', key: 'elastic' } };
    const { env } = podOf(aRun({ engine: { endpoints, settingsIndex, user } })).containers[0];
    const said = (name: string) => env.find(each => each.name === name);
    expect(said('SEARCH_USERNAME')).toEqual({ name: 'SEARCH_USERNAME', value: 'elastic' });
    expect(said('ELASTICSEARCH_PASSWORD')?.valueFrom).toEqual({ secretKeyRef: user.password });
  });

  it('keeps to the restricted pod security standard', () => {
    const pod = podOf(aRun());
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(pod.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const allowed = new Set(['emptyDir', 'secret']);
    for (const { name, ...source } of pod.volumes)
      expect({ name, allowed: Object.keys(source).every(key => allowed.has(key)) }).toEqual({ name, allowed: true });
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'serviceAccountName', 'initContainers'])
      expect(pod).not.toHaveProperty(field);
  });

  it('takes from the user what a pod may be told, and nothing else', () => {
    const sneaky = { ...aRun().pod, hostNetwork: true, volumes: [] } as PodJob['pod'];
    const pod = podOf(aRun({ pod: sneaky }));
    expect(pod).toMatchObject({
      nodeSelector: { pool: 'build' },
      tolerations: [{ key: 'x' }],
      priorityClassName: 'low',
    });
    expect(pod.containers[0]['resources']).toEqual({ limits: { memory: '1Gi' } });
    expect(pod).not.toHaveProperty('hostNetwork');
  });

  it('ends at its deadline, replaces a pod only when it is gone, and not for what would fail again', () => {
    expect(specOf(aRun())).toMatchObject({
      parallelism: 1,
      completions: 1,
      backoffLimit: 2,
      activeDeadlineSeconds: 3600,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'FailJob', onExitCodes: { containerName: 'worker', operator: 'In', values: terminalExitCodes } },
        ],
      },
    });
    expect(podOf(aRun())).toMatchObject({ restartPolicy: 'Never' });
    expect(specOf(aRun())).not.toHaveProperty('ttlSecondsAfterFinished');
  });

  it('of one worker says nothing of partitions', () => {
    expect(JSON.stringify(manifestOf(aRun()))).not.toMatch(/partition|"Indexed"|PerIndex|completionMode/);
    expect(workerEnvironment.parse(environmentOf(aRun()))).toMatchObject({
      REINDEER_PARTITIONS: 1,
      REINDEER_PARTITION: 0,
    });
  });

  it.each([
    [2, 2],
    [8, 8],
    [256, 8],
  ])(
    'of %i partitions is an Indexed Job with %i pods at once, each with tries of its own',
    (partitions, parallelism) => {
      const run = aRun({ work: { partitions } });
      const spec = specOf(run);
      expect(spec).toMatchObject({
        completionMode: 'Indexed',
        completions: partitions,
        parallelism,
        backoffLimitPerIndex: 2,
        maxFailedIndexes: 0,
        podReplacementPolicy: 'Failed',
        podFailurePolicy: {
          rules: [
            { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
            { action: 'FailJob', onExitCodes: { values: terminalExitCodes.filter(code => code !== 79) } },
            { action: 'FailIndex', onExitCodes: { containerName: 'worker', operator: 'In', values: [79] } },
          ],
        },
      });
      expect(spec).not.toHaveProperty('backoffLimit');
      const { env } = podOf(run).containers[0];
      expect(env.find(({ name }) => name === 'REINDEER_PARTITION')?.valueFrom).toEqual({
        fieldRef: { fieldPath: "metadata.annotations['batch.kubernetes.io/job-completion-index']" },
      });
      const asInPod = { ...environmentOf(run), REINDEER_PARTITION: String(partitions - 1) };
      expect(workerEnvironment.parse(asInPod)).toMatchObject({
        REINDEER_PARTITIONS: partitions,
        REINDEER_PARTITION: partitions - 1,
      });
      expect(workerEnvironment.safeParse({ ...asInPod, REINDEER_PARTITION: String(partitions) }).success).toBe(false);
    },
  );

  it('carries labels of ours only, cut to what Kubernetes allows', () => {
    const { metadata } = manifestOf(aRun({ work: { alias: `${'a'.repeat(62)}-b` }, repo: 'kibana' }));
    expect(metadata.labels).toEqual({
      'app.kubernetes.io/managed-by': 'reindeer',
      'app.kubernetes.io/component': 'worker',
      'app.kubernetes.io/name': 'reindeer',
      'app.kubernetes.io/instance': 'kibana',
      [keys.repo]: 'kibana',
      [keys.alias]: 'a'.repeat(62),
    });
  });

  it('says what its pods were declared to be: the same for every run of the same declaration', () => {
    const template = (given: Given = {}): string => templateHash(aRun(given), aRun(given));
    const { annotations } = manifestOf(aRun()).metadata;
    expect(annotations?.[jobKeys.template]).toBe(template());
    expect(
      template({
        ...{ token: 9, attempt: 3, step: 'index-job', id: 'x' },
        work: { commit: 'c9', base: 'c8', index: 'kibana-v9', mode: 'full', partitions: 4 },
      }),
    ).toBe(template());
    const { pod, engine } = aRun();
    const others: readonly Given[] = [
      { image: 'reindeer:2' },
      { imagePullSecrets: [] },
      { pod: { ...pod, nodeSelector: { pool: 'other' } } },
      { pod: { ...pod, tolerations: [] } },
      { pod: { ...pod, priorityClassName: 'high' } },
      { pod: { ...pod, resources: { limits: { memory: '2Gi' } } } },
      { engine: { ...engine, user: { name: 'elastic', password: { name: 'other', key: 'p' } } } },
      { engine: { ...engine, ca: { name: 'engine-ca', key: 'ca.crt' } } },
      { gitSecret: 'other' },
      { deadlineSeconds: 60 },
      { workers: { ...plainWorkers, labels: { team: 'search' } } },
      { workers: { ...plainWorkers, annotations: { a: 'b' } } },
      { workers: { ...plainWorkers, securityContext: null } },
      { workers: { ...plainWorkers, hostAliases } },
    ];
    expect(new Set([template(), ...others.map(template)]).size).toBe(1 + others.length);
  });

  describe('with what the installation gives every Job', () => {
    const workers = workerPods.parse({
      labels: { team: 'search' },
      annotations: { 'sidecar.istio.io/inject': 'false' },
      imagePullSecrets: [{ name: 'mirror' }, { name: 'registry' }],
      securityContext: null,
      env: { HTTPS_PROXY: 'http://proxy.example.org:3128' },
      hostAliases,
    });
    const run = aRun({ workers });

    it('carries its labels and annotations on the Job and on its pods', () => {
      const { metadata } = manifestOf(run);
      const { template } = specOf(run);
      expect(metadata.labels).toMatchObject({ team: 'search', 'app.kubernetes.io/managed-by': 'reindeer' });
      expect(metadata.annotations).toMatchObject({ 'sidecar.istio.io/inject': 'false' });
      expect(template.metadata).toEqual({
        labels: metadata.labels,
        annotations: { 'sidecar.istio.io/inject': 'false' },
      });
    });

    it('keeps its own labels whatever the installation says', () => {
      const labels = { 'app.kubernetes.io/managed-by': 'somebody', [keys.repo]: 'other' };
      const { metadata } = manifestOf(aRun({ workers: { ...plainWorkers, labels } }));
      expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'reindeer', [keys.repo]: 'kibana' });
    });

    it('pulls with the Secrets of both, each once', () => {
      expect(podOf(run)['imagePullSecrets']).toEqual([{ name: 'registry' }, { name: 'mirror' }]);
    });

    it('leaves users and groups to the platform, but never root, and its files readable', () => {
      expect(podOf(run)['securityContext']).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      const modes = podOf(run).volumes.flatMap(({ secret }) => (secret ? [(secret as Volume).defaultMode] : []));
      expect(modes).toEqual([0o444, 0o444]);
    });

    it('knows the names of the installation, and says nothing of names where there are none', () => {
      expect(podOf(run)).toMatchObject({ hostAliases });
      expect(podOf(aRun())).not.toHaveProperty('hostAliases');
    });

    it('passes the variables on, and none over its own', () => {
      expect(environmentOf(run)).toMatchObject({ HTTPS_PROXY: 'http://proxy.example.org:3128', REINDEER_TOKEN: '7' });
      const env = { REINDEER_TOKEN: '8' };
      expect(environmentOf(aRun({ workers: { ...plainWorkers, env } }))).toMatchObject({ REINDEER_TOKEN: '7' });
    });
  });

  it("takes the installation's place and priority where the object names none", () => {
    const given = {
      nodeSelector: { pool: 'batch' },
      priorityClassName: 'low',
      resources: { limits: { memory: '1Gi' } },
    };
    expect(podShape({ nodeSelector: { pool: 'own' } }, given)).toEqual({ ...given, nodeSelector: { pool: 'own' } });
  });

  it('is read back as what it was made for', () => {
    const { metadata, ...rest } = manifestOf(aRun());
    const stored = {
      ...metadata,
      uid: 'u',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    };
    const { metadata: divided } = manifestOf(aRun({ work: { partitions: 7 } }));
    const status = { failedIndexes: '2,4-6' };
    expect(jobView({ ...rest, metadata: { ...stored, ...divided }, status })).toMatchObject({
      partitions: 7,
      failedPartitions: '2,4-6',
    });
    expect(jobView({ ...rest, metadata: stored })).toMatchObject({
      partitions: 1,
      failedPartitions: '',
      key: { namespace: 'team', name: 'kibana-light-1f' },
      ownerUid: 'kibana-uid',
      ownerKind: 'IndexedRepo',
      ownerName: 'kibana',
      state: 'active',
      index: 'kibana-v3',
      commit: 'c2'.padEnd(40, '0'),
      base: 'c1'.padEnd(40, '0'),
      round: 1,
    });
  });
});
