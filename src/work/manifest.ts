import { keys, managedBy } from '../api/meta.ts';
import type { NewObject, OwnerReference } from '../api/object.ts';
import { labelValue } from '../domain/child-name.ts';
import { declarationHash } from '../domain/declaration-hash.ts';
import { formerName, withFormerNames, type EngineVariable } from '../domain/engine-variables.ts';
import { completionOf, failurePolicyOf } from './completion.ts';
import { workerNodeOptions } from './heap.ts';
import { jobKeys } from './view.ts';
import type { WorkerPods } from './worker-pods.ts';

/** Where a pod finds the files of the Secrets that it is given. */
const gitSecretDir = '/var/run/reindeer/git';
const engineCaDir = '/var/run/reindeer/engine-ca';

export type PodShape = {
  readonly resources?: { readonly limits?: { readonly memory?: string | number | undefined } | undefined } | undefined;
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
  readonly tolerations?: readonly object[] | undefined;
  readonly priorityClassName?: string | undefined;
};

/** What an object says of its pods, field by field, else what the installation says. */
export function podShape(said: PodShape, given: PodShape): PodShape {
  return {
    resources: said.resources ?? given.resources,
    nodeSelector: said.nodeSelector ?? given.nodeSelector,
    tolerations: said.tolerations ?? given.tolerations,
    priorityClassName: said.priorityClassName ?? given.priorityClassName,
  };
}

/** What the operator gives every Job unless an object says otherwise. */
export type JobDefaults = {
  readonly image: string;
  /** Git hosts that a worker may reach; empty = those at public addresses. */
  readonly allowedGitHosts: readonly string[];
  readonly workers: WorkerPods;
};

/** How a worker reaches its engine: Secrets by name, never their content. */
export type EngineAccess = {
  readonly endpoints: readonly string[];
  readonly credentialsSecret?: string | undefined;
  readonly ca?: { readonly name: string; readonly key: string } | undefined;
  readonly settingsIndex: string;
};

/** One run of a worker: light or heavy, in full or incremental. */
export type RunJob = {
  readonly namespace: string;
  readonly name: string;
  readonly owner: OwnerReference;
  readonly repo: string;
  readonly image: string;
  readonly imagePullSecrets: readonly string[];
  readonly pod: PodShape;
  /** What the installation gives every Job. */
  readonly workers: WorkerPods;
  readonly engine: EngineAccess;
  readonly gitSecret?: string | undefined;
  readonly allowedGitHosts: readonly string[];
  readonly deadlineSeconds: number;
  readonly podRetries: number;
  /** Workers that fill the version together, one part each: 1 to 256. */
  readonly partitions: number;
  readonly mode: 'full' | 'incremental';
  readonly alias: string;
  readonly index: string;
  readonly token: number;
  readonly commit: string;
  readonly base: string;
  readonly round: number;
  readonly source: {
    readonly url: string;
    readonly ref: string;
    readonly include: readonly string[];
    readonly exclude: readonly string[];
    readonly maxFileBytes: number;
  };
  readonly requestUid: string;
  /** Of a light run: whether it works on while a heavy one holds the alias. */
  readonly duringReindex: 'Skip' | 'Continue';
};

/** The Job of one run. Create-only: never patched afterwards. */
export function jobManifest(run: RunJob): NewObject {
  // Ours last: whatever the installation adds, they win.
  const labels = {
    ...run.workers.labels,
    'app.kubernetes.io/name': managedBy,
    'app.kubernetes.io/managed-by': managedBy,
    'app.kubernetes.io/component': 'worker',
    'app.kubernetes.io/instance': labelValue(run.repo),
    [keys.repo]: labelValue(run.repo),
    [keys.alias]: labelValue(run.alias),
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: run.name,
      namespace: run.namespace,
      labels,
      annotations: {
        ...run.workers.annotations,
        [jobKeys.index]: run.index,
        [jobKeys.commit]: run.commit,
        [jobKeys.base]: run.base,
        [jobKeys.round]: String(run.round),
        [jobKeys.template]: templateHash(run),
        ...(run.partitions > 1 && { [jobKeys.partitions]: String(run.partitions) }),
      },
      ownerReferences: [run.owner],
    },
    spec: jobSpec(run, labels),
  };
}

function jobSpec(run: RunJob, labels: object): object {
  return {
    ...completionOf(run),
    activeDeadlineSeconds: run.deadlineSeconds,
    // A replacement starts only when the old pod is gone: two workers of one Job would only wait for each other.
    podReplacementPolicy: 'Failed',
    podFailurePolicy: failurePolicyOf(run),
    template: { metadata: { labels, ...podAnnotations(run) }, spec: podSpec(run) },
  };
}

/**
 * What is declared about the pods of a run, by whoever declares it: the object, its SearchCluster, the operator. What
 * belongs to this one run (its mode, commits, version, grant and division) is no part of it.
 */
export function templateHash(run: RunJob): string {
  const ofAnyRun = { ...run, mode: 'full' as const, commit: '', base: '', index: '', token: 0, partitions: 1 };
  return declarationHash(jobSpec(ofAnyRun, run.workers.labels));
}

function podAnnotations({ workers }: RunJob): { readonly annotations?: object } {
  return Object.keys(workers.annotations).length === 0 ? {} : { annotations: workers.annotations };
}

/** Those of the object and those of the installation: the kubelet tries each. */
function pullSecrets({ imagePullSecrets, workers }: RunJob): readonly { readonly name: string }[] {
  const names = [...imagePullSecrets, ...workers.imagePullSecrets.map(({ name }) => name)];
  return [...new Set(names)].map(name => ({ name }));
}

function podSpec(run: RunJob): object {
  const secrets = pullSecrets(run);
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 30,
    securityContext: {
      ...run.workers.securityContext,
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(secrets.length > 0 && { imagePullSecrets: secrets }),
    ...(run.pod.nodeSelector && { nodeSelector: run.pod.nodeSelector }),
    ...(run.pod.tolerations && { tolerations: run.pod.tolerations }),
    ...(run.pod.priorityClassName && { priorityClassName: run.pod.priorityClassName }),
    containers: [
      {
        name: 'worker',
        image: run.image,
        args: ['worker'],
        env: environment(run),
        ...(run.pod.resources && { resources: run.pod.resources }),
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'work', mountPath: '/tmp' }, ...secretMounts(run)],
      },
    ],
    volumes: [{ name: 'work', emptyDir: {} }, ...secretVolumes(run)],
  };
}

function secretMounts(run: RunJob): readonly object[] {
  return [
    ...(run.gitSecret ? [{ name: 'git', mountPath: gitSecretDir, readOnly: true }] : []),
    ...(run.engine.ca ? [{ name: 'engine-ca', mountPath: engineCaDir, readOnly: true }] : []),
  ];
}

function secretVolumes(run: RunJob): readonly object[] {
  const { ca } = run.engine;
  return [
    ...(run.gitSecret ? [{ name: 'git', secret: { secretName: run.gitSecret, defaultMode: secretMode(run) } }] : []),
    ...(ca
      ? [
          {
            name: 'engine-ca',
            secret: { secretName: ca.name, defaultMode: secretMode(run), items: [{ key: ca.key, path: 'ca.crt' }] },
          },
        ]
      : []),
  ];
}

/** Read by the group of the pod; where that is left to the platform nobody knows whether there is one. */
function secretMode({ workers }: RunJob): number {
  return workers.securityContext?.fsGroup === undefined ? 0o444 : 0o440;
}

function environment(run: RunJob): readonly object[] {
  const { engine, source } = run;
  const plain: Readonly<Record<string, string>> = {
    REINDEER_CONTRACT: '1',
    REINDEER_MODE: run.mode,
    REINDEER_ALIAS: run.alias,
    REINDEER_INDEX: run.index,
    REINDEER_SETTINGS_INDEX: engine.settingsIndex,
    REINDEER_TOKEN: String(run.token),
    REINDEER_REPO_URL: source.url,
    REINDEER_BRANCH: source.ref,
    REINDEER_COMMIT: run.commit,
    REINDEER_INCLUDE: JSON.stringify(source.include),
    REINDEER_EXCLUDE: JSON.stringify(source.exclude),
    REINDEER_MAX_FILE_BYTES: String(source.maxFileBytes),
    REINDEER_NODE_OPTIONS: workerNodeOptions(memoryLimitOf(run.pod)),
    REINDEER_WORK_DIR: '/tmp',
    REINDEER_DEADLINE_SECONDS: String(run.deadlineSeconds),
    REINDEER_DURING_REINDEX: run.duringReindex,
    REINDEER_REQUEST_UID: run.requestUid,
    REINDEER_NAMESPACE: run.namespace,
    REINDEER_NAME: run.repo,
    REINDEER_ALLOWED_GIT_HOSTS: run.allowedGitHosts.join(','),
    REINDEER_GIT_SECRET_DIR: run.gitSecret ? gitSecretDir : '',
    SEARCH_ENDPOINT: engine.endpoints.join(','),
    SEARCH_CA_CERT: engine.ca ? `${engineCaDir}/ca.crt` : '',
  };
  return [
    ...Object.entries({ ...run.workers.env, ...withFormerNames(plain) }).map(([name, value]) => ({ name, value })),
    { name: 'REINDEER_JOB_UID', valueFrom: field("metadata.labels['batch.kubernetes.io/controller-uid']") },
    { name: 'REINDEER_POD_UID', valueFrom: field('metadata.uid') },
    // Without a limit the kubelet gives what the node has for all its pods.
    {
      name: 'REINDEER_DISK_BYTES',
      valueFrom: { resourceFieldRef: { containerName: 'worker', resource: 'limits.ephemeral-storage' } },
    },
    ...partitionOf(run),
    ...(engine.credentialsSecret
      ? [
          ...underBothNames('SEARCH_USERNAME', secretKey(engine.credentialsSecret, 'username')),
          ...underBothNames('SEARCH_PASSWORD', secretKey(engine.credentialsSecret, 'password')),
        ]
      : []),
  ];
}

/** A version is followed by the image that built it, which may know only the name of before. */
function underBothNames(name: EngineVariable, valueFrom: object): readonly object[] {
  return [name, formerName(name)].map(each => ({ name: each, valueFrom }));
}

function memoryLimitOf({ resources }: PodShape): string | number | undefined {
  return resources?.limits?.memory;
}

/** A pod of an Indexed Job finds its number where the Job controller writes it. */
function partitionOf({ partitions }: RunJob): readonly object[] {
  if (partitions === 1) return [];
  const completionIndex = "metadata.annotations['batch.kubernetes.io/job-completion-index']";
  return [
    { name: 'REINDEER_PARTITIONS', value: String(partitions) },
    { name: 'REINDEER_PARTITION', valueFrom: field(completionIndex) },
  ];
}

function field(fieldPath: string): object {
  return { fieldRef: { fieldPath } };
}

function secretKey(name: string, key: string): object {
  return { secretKeyRef: { name, key } };
}
