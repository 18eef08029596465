import { z } from 'zod';
import { problemsOf } from '../api/kind.ts';
import { logLevels } from '../runtime/log.ts';
import { proxySettings } from '../runtime/proxy.ts';
import { jobPod, workerPods, type JobPod, type WorkerPods } from '../work/worker-pods.ts';

const list = z
  .string()
  .default('')
  .transform(text =>
    text
      .split(',')
      .map(item => item.trim())
      .filter(item => item !== ''),
  );

/** `git.example.org`, or `*.example.org` for every host below; a URL or a port would never match anything. */
const hosts = list.pipe(
  z.array(
    z
      .string()
      .toLowerCase()
      .regex(/^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'takes host names such as git.example.org or *.example.org'),
  ),
);

const dnsName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'takes a name of small letters, digits and hyphens');

const flag = z
  .enum(['true', 'false'])
  .default('true')
  .transform(text => text === 'true');

/** JSON in a variable, because these are trees; the message names the field and never repeats a value. */
const json = <S extends z.ZodType>(schema: S, fallback: z.input<S>) =>
  z
    .string()
    .default(JSON.stringify(fallback))
    .transform((text, context): z.output<S> => {
      const parsed = schema.safeParse(parsedJson(text));
      if (parsed.success) return parsed.data;
      for (const message of problemsOf(parsed.error, 'value')) context.addIssue({ code: 'custom', message });
      return z.NEVER;
    });

/** Undefined for what is no JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Everything that an operator process is told; docs/reference.md has a row for each. */
export const operatorEnvironment = z.object({
  REINDEER_NAMESPACES: list,
  POD_NAMESPACE: z.string().min(1),
  POD_NAME: z.string().min(1),
  REINDEER_INSTALLATION: dnsName.default('reindeer'),
  REINDEER_CLUSTER_LEASE_NAMESPACE: dnsName.optional(),
  REINDEER_IMAGE: z.string().min(1),
  REINDEER_ALLOWED_GIT_HOSTS: hosts,
  REINDEER_LOG_LEVEL: z.enum(logLevels).default('info'),
  REINDEER_HEALTH_PORT: z.coerce.number().int().min(0).max(65535).default(8080),
  REINDEER_LEADER_ELECTION: flag,
  REINDEER_ALIAS_LOOK_SECONDS: z.coerce.number().int().min(10).max(300).default(60),
  REINDEER_WORKER_PODS: json(workerPods, {}),
  REINDEER_LIGHT_POD: json(jobPod, {
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } },
  }),
  REINDEER_HEAVY_POD: json(jobPod, {
    resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' } },
  }),
});

/** The same for every installation that watches all namespaces. */
export const clusterLeaseName = 'reindeer-cluster';

/** How one operator process was set up; the chart's values arrive here as environment variables. */
export type OperatorConfig = {
  /** Namespaces to watch; empty = all. */
  readonly namespaces: readonly string[];
  /** Where the operator itself runs. */
  readonly ownNamespace: string;
  /** Full name of the release, which other releases in the namespace do not have. */
  readonly installation: string;
  /** What elects the replica that acts: one for the whole cluster where all namespaces are watched. */
  readonly lease: { readonly namespace: string; readonly name: string };
  readonly podName: string;
  /** Image of light and heavy Jobs whose resource names none. */
  readonly workerImage: string;
  /** Hosts that Git URLs may name; empty = any that does not resolve to a private address. */
  readonly allowedGitHosts: readonly string[];
  readonly logLevel: (typeof logLevels)[number];
  readonly healthPort: number;
  readonly leaderElection: boolean;
  /** All aliases of a cluster are looked at this often. */
  readonly aliasLookSeconds: number;
  readonly jobPods: { readonly light: JobPod; readonly heavy: JobPod };
  /** What every Job gets; the proxy of the operator is among its variables. */
  readonly workerPods: WorkerPods;
};

/** Reads the environment once; throws one error that names every variable that is missing or wrong, without its value. */
export const readConfig = (env: Readonly<Record<string, string | undefined>>): OperatorConfig => {
  const parsed = operatorEnvironment.safeParse(env);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`the operator's environment is not usable: ${problems.join('; ')}`);
  }
  const { data } = parsed;
  const workers = data.REINDEER_WORKER_PODS;
  return {
    namespaces: data.REINDEER_NAMESPACES,
    ownNamespace: data.POD_NAMESPACE,
    installation: data.REINDEER_INSTALLATION,
    lease: data.REINDEER_CLUSTER_LEASE_NAMESPACE
      ? { namespace: data.REINDEER_CLUSTER_LEASE_NAMESPACE, name: clusterLeaseName }
      : { namespace: data.POD_NAMESPACE, name: data.REINDEER_INSTALLATION },
    podName: data.POD_NAME,
    workerImage: data.REINDEER_IMAGE,
    allowedGitHosts: data.REINDEER_ALLOWED_GIT_HOSTS,
    logLevel: data.REINDEER_LOG_LEVEL,
    healthPort: data.REINDEER_HEALTH_PORT,
    leaderElection: data.REINDEER_LEADER_ELECTION,
    aliasLookSeconds: data.REINDEER_ALIAS_LOOK_SECONDS,
    jobPods: { light: data.REINDEER_LIGHT_POD, heavy: data.REINDEER_HEAVY_POD },
    workerPods: { ...workers, env: { ...proxySettings(env), ...workers.env } },
  };
};
