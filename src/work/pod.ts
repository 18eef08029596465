import { formerName, withFormerNames, type EngineVariable } from '../domain/engine-variables.ts';
import type { Assignment } from './assignment.ts';
import { asContract } from './contract.ts';
import { workerNodeOptions } from './heap.ts';
import type { KeyOfSecret, PodPlace, PodShape } from './pod-place.ts';

/** Where a pod finds the files of the Secrets that it is given. */
const gitSecretDir = '/var/run/reindeer/git';
const engineCaDir = '/var/run/reindeer/engine-ca';

type PodJob = Assignment & PodPlace;

/** Those of the object and those of the installation: the kubelet tries each. */
function pullSecrets({ imagePullSecrets, workers }: PodJob): readonly { readonly name: string }[] {
  const names = [...imagePullSecrets, ...workers.imagePullSecrets.map(({ name }) => name)];
  return [...new Set(names)].map(name => ({ name }));
}

/** The pod that does an assignment at this place. */
export function podSpec(run: PodJob): object {
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
    ...(run.workers.hostAliases.length > 0 && { hostAliases: run.workers.hostAliases }),
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

function secretMounts(run: PodJob): readonly object[] {
  return [
    ...(run.gitSecret ? [{ name: 'git', mountPath: gitSecretDir, readOnly: true }] : []),
    ...(run.engine.ca ? [{ name: 'engine-ca', mountPath: engineCaDir, readOnly: true }] : []),
  ];
}

function secretVolumes(run: PodJob): readonly object[] {
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
function secretMode({ workers }: PodJob): number {
  return workers.securityContext?.fsGroup === undefined ? 0o444 : 0o440;
}

function environment(run: PodJob): readonly object[] {
  const { engine } = run;
  const plain: Readonly<Record<string, string>> = {
    ...asContract(run),
    REINDEER_SETTINGS_INDEX: engine.settingsIndex,
    REINDEER_NODE_OPTIONS: workerNodeOptions(memoryLimitOf(run.pod)),
    REINDEER_WORK_DIR: '/tmp',
    REINDEER_NAMESPACE: run.namespace,
    REINDEER_NAME: run.repo ?? run.work.alias,
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
    ...(engine.user
      ? [
          ...underBothNames('SEARCH_USERNAME', said(engine.user.name)),
          ...underBothNames('SEARCH_PASSWORD', said(engine.user.password)),
        ]
      : []),
    ...(engine.apiKey ? [{ name: 'SEARCH_API_KEY', ...said(engine.apiKey) }] : []),
  ];
}

/** A version is followed by the image that built it, which may know only the name of before. */
function underBothNames(name: EngineVariable, value: object): readonly object[] {
  return [name, formerName(name)].map(each => ({ name: each, ...value }));
}

function said(value: string | KeyOfSecret): object {
  return typeof value === 'string' ? { value } : { valueFrom: { secretKeyRef: value } };
}

function memoryLimitOf({ resources }: PodShape): string | number | undefined {
  return resources?.limits?.memory;
}

/** A pod of an Indexed Job finds its number where the Job controller writes it. */
function partitionOf({ work }: PodJob): readonly object[] {
  if (work.partitions === 1) return [];
  const completionIndex = "metadata.annotations['batch.kubernetes.io/job-completion-index']";
  return [{ name: 'REINDEER_PARTITION', valueFrom: field(completionIndex) }];
}

function field(fieldPath: string): object {
  return { fieldRef: { fieldPath } };
}
