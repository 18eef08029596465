import { isIP } from 'node:net';
import { z } from 'zod';
import { podFields } from '../api/fragments.ts';
import { group } from '../api/meta.ts';

/** What an installation gives every Job of its own, beside what objects say: labels, names, a proxy, who may pull the image. */

const qualifiedKey = z
  .string()
  .max(317)
  .regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/, 'takes a label key');
const labelValue = z
  .string()
  .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/, 'takes a label value of at most 63 characters');

/** Those by which the operator and the network policies know their own. */
const ownKeys = ['name', 'instance', 'managed-by', 'component'].map(name => `app.kubernetes.io/${name}`);
const isOwn = (key: string): boolean =>
  ownKeys.includes(key) || key.startsWith(`${group}/`) || key.startsWith('batch.kubernetes.io/');
const free = <V extends z.ZodString>(value: V) =>
  z.record(qualifiedKey, value).refine(map => !Object.keys(map).some(isOwn), {
    message: `may not hold the operator's own keys: ${ownKeys.join(', ')}, ${group}/..., batch.kubernetes.io/...`,
  });

const id = z.int().min(1).max(2_147_483_647);
/** What may be said of users and groups; that no pod runs as root is not for anybody to say. */
const podSecurityContext = z.strictObject({
  runAsUser: id.optional(),
  runAsGroup: id.optional(),
  fsGroup: id.optional(),
  fsGroupChangePolicy: z.enum(['OnRootMismatch', 'Always']).optional(),
  supplementalGroups: z.array(id).optional(),
  seLinuxOptions: z.record(z.string(), z.string()).optional(),
});

/** Names that the operator gives a value itself, or with which a pod could be led astray. */
const ownVariable =
  /^(REINDEER_|SEARCH_|ELASTICSEARCH_|OPENSEARCH_|KUBERNETES_|POD_|GIT_|LD_|NODE_OPTIONS$|PATH$|HOME$)/;
const variables = z
  .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'takes the name of a variable'), z.string().max(32_768))
  .refine(map => !Object.keys(map).some(name => ownVariable.test(name)), {
    message: `may not hold the operator's own variables: ${ownVariable.source}`,
  });

/** As Kubernetes takes them: a Job with one that is none would be refused by the API server, run after run. */
const hostAlias = z.strictObject({
  ip: z.string().refine(text => isIP(text) !== 0 && !text.includes('%'), 'takes an IP address'),
  hostnames: z
    .array(
      z
        .string()
        .max(253)
        .regex(
          /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
          'takes host names of small letters, digits, hyphens and dots',
        ),
    )
    .min(1),
});

/** Fields of the chart's `worker` that hold for light and heavy Jobs. */
export const workerPods = z.strictObject({
  labels: free(labelValue).default({}),
  annotations: free(z.string()).default({}),
  imagePullSecrets: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'takes the name of a Secret'),
      }),
    )
    .max(8)
    .default([]),
  /** Null or without an id: the platform gives the pod its user and groups, as OpenShift does. */
  securityContext: podSecurityContext.nullable().default({ runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532 }),
  env: variables.default({}),
  /** Names beside those of DNS, the same that the operator has: it judges by them whether a Job can do its work. */
  hostAliases: z.array(hostAlias).default([]),
});
export type WorkerPods = z.infer<typeof workerPods>;

/** Resources and place of a Job whose IndexedRepo does not say; field by field, as there. */
export const jobPod = z.strictObject(podFields('the chart'));
export type JobPod = z.infer<typeof jobPod>;
