import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crdOf, kinds } from '../../../src/api/crd.ts';
import { leasePermissions, ownNamespacePermissions, watchedPermissions } from '../../../src/api/rbac.ts';
import { searchClusterResource } from '../../../src/api/search-cluster.ts';
import { createKube, type KubeClient } from '../../../src/kube/client.ts';
import { loadKubeConfig } from '../../../src/kube/kubeconfig.ts';
import { collectionPath } from '../../../src/kube/paths.ts';
import type { Settings } from '../../../src/registry/port.ts';
import { settingsOn } from '../../../src/registry/settings.ts';
import type { EngineLocation } from '../../bed/state.ts';
import { compiledMain } from './compiled-main.ts';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import { eventually } from '../checks/eventually.ts';
import type { FaultStage } from './fault-stage.ts';
import { forward, type HttpFaultProxy } from './http-fault-proxy.ts';
import { engineSecrets, engineSpec, secret } from './installed.ts';
import { JobRunner } from './job-runner.ts';
import { startOperator, type OperatorProcess } from './operator-process.ts';
import { tcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** Where the resources of a fault test live, and where the operator's Lease does. */
export const team = 'team';
const home = 'reindeer-system';
/** By this name the API server knows the operator. */
export const operatorUser = `system:serviceaccount:${home}:reindeer`;

/** The operator as a program between an API server and an engine of a test's own, each behind a relay. */
export type ControlStage = FaultStage & {
  /** Where its resources live. */
  readonly namespace: string;
  readonly plane: ControlPlane;
  /** Administrator, past every relay. */
  readonly kube: KubeClient;
  readonly jobs: JobRunner;
  /** Between everybody and the engine. */
  readonly engineWire: HttpFaultProxy;
  /** Between the operator and the API server, below TLS. */
  readonly kubeWire: TcpProxy;
  readonly settings: Settings;
  readonly settingsIndex: string;
  /** The one that runs, or ran last. */
  readonly operator: () => OperatorProcess;
  /** Everything that all operators printed. */
  readonly printed: () => string;
  readonly start: (given?: OperatorGiven) => Promise<OperatorProcess>;
  /** A new token of the operator's service account, where its kubeconfig reads it. */
  renewToken(): Promise<void>;
  /** The token that is in that file is not taken any more. */
  revokeToken(): Promise<void>;
};

export type OperatorGiven = {
  /** Port of a relay in place of `kubeWire`. */
  readonly kubePort?: number;
  readonly env?: Readonly<Record<string, string>>;
};

const settingsIndex = 'reindeer-settings';

export async function aControlStage(stage: FaultStage): Promise<ControlStage> {
  const [plane, main, engineWire] = await Promise.all([startControlPlane(), compiledMain(), stage.proxy()]);
  const kube = createKube(await loadKubeConfig(plane.kubeconfig));
  const kubeWire = await tcpProxy({ host: '127.0.0.1', port: plane.port });
  const jobs = new JobRunner(kube, main);
  const operators = new Operators(main);
  await prepare(kube, stage, engineWire);
  const renewToken = async (): Promise<void> => writeFileSync(tokenFile(plane), await aToken(kube));
  await renewToken();
  jobs.start();
  return {
    ...stage,
    ...{ namespace: team, plane, kube, jobs, engineWire, kubeWire, renewToken },
    revokeToken: async () => replaceServiceAccount(kube),
    settings: settingsOn(stage.engine, settingsIndex),
    settingsIndex,
    operator: () => operators.last,
    printed: () => operators.printed,
    start: async ({ kubePort = kubeWire.port, env = {} } = {}) =>
      operators.start({ KUBECONFIG: kubeconfigOf(plane, kubePort), REINDEER_NAMESPACES: team, ...env }),
    close: async () => {
      await operators.kill();
      await jobs.stop();
      await kube.close();
      await kubeWire.close();
      await plane.stop();
      await stage.close();
    },
  };
}

/** The operators that were started one after the other, or beside each other. */
export class Operators {
  readonly #main: string;
  readonly #started: OperatorProcess[] = [];

  constructor(main: string) {
    this.#main = main;
  }

  async start(env: Readonly<Record<string, string>>): Promise<OperatorProcess> {
    const started = startOperator(this.#main, {
      POD_NAMESPACE: home,
      POD_NAME: `operator-${this.#started.length}`,
      REINDEER_IMAGE: 'reindeer.dev/reindeer:faults',
      REINDEER_ALLOWED_GIT_HOSTS: '127.0.0.1',
      // One replica at a time: a killed one is followed at once, not after its Lease has run out.
      REINDEER_LEADER_ELECTION: 'false',
      ...env,
    });
    this.#started.push(started);
    await untilStarted(started);
    return started;
  }

  /** The one that runs, or ran last. */
  get last(): OperatorProcess {
    const last = this.#started.at(-1);
    if (last === undefined) throw new Error('no operator was started');
    return last;
  }

  get printed(): string {
    return this.#started.map(({ output }) => output).join('');
  }

  async kill(): Promise<void> {
    for (const each of this.#started) await each.kill();
  }
}

async function untilStarted(operator: OperatorProcess): Promise<void> {
  await eventually(
    'the operator started',
    60_000,
    () => {
      if (operator.hasEnded) throw new Error(`the operator ended: ${operator.output.slice(-2000)}`);
      return operator.output.includes('"operator started"');
    },
    () => operator.output.slice(-2000),
  );
}

async function prepare(kube: KubeClient, stage: FaultStage, engineWire: HttpFaultProxy): Promise<void> {
  const post = postOf(kube);
  for (const crd of kinds.map(crdOf)) await post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd);
  for (const { resource } of kinds) {
    const isServed = async (): Promise<boolean> =>
      (await kube.transport.call({ method: 'GET', path: collectionPath(resource, team) })).status === 200;
    await eventually(`${resource.plural} served`, 60_000, isServed);
  }
  await post('/api/v1/namespaces', aNamespace(home));
  await post(`/api/v1/namespaces/${home}/serviceaccounts`, { metadata: { name: 'reindeer' } });
  await furnish(kube, { namespace: team, git: stage.git, engine: { ...stage.node, url: engineWire.url } });
  await grant(post, home, [...leasePermissions, ...ownNamespacePermissions]);
}

export type Furniture = {
  readonly namespace: string;
  readonly git: FaultStage['git'];
  /** As it is reached from there. */
  readonly engine: EngineLocation;
  /** Of the SearchCluster, besides how its engine is reached. */
  readonly spec?: object;
};

/** Makes a namespace with a SearchCluster, the Secrets that it and repositories name, and the rights of the operator in it. */
export async function furnish(kube: KubeClient, { namespace, git, engine, spec }: Furniture): Promise<void> {
  const post = postOf(kube);
  await post('/api/v1/namespaces', aNamespace(namespace));
  const { username, password, ca } = git;
  for (const each of [...engineSecrets(engine), secret('git', { username, password, 'ca.crt': ca })])
    await post(`/api/v1/namespaces/${namespace}/secrets`, each);
  await grant(post, namespace, watchedPermissions);
  await kube.create(searchClusterResource, {
    apiVersion: 'reindeer.dev/v1alpha1',
    kind: 'SearchCluster',
    metadata: { name: 'main', namespace },
    spec: { ...engineSpec(engine), ...spec },
  });
}

function aNamespace(name: string): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

type Post = (path: string, body: object) => Promise<void>;

function postOf(kube: KubeClient): Post {
  return async (path, body) => {
    const { status, body: said } = await kube.transport.call({ method: 'POST', path, body });
    if (status >= 300) throw new Error(`POST ${path}: ${status} ${JSON.stringify(said)}`);
  };
}

/** The rules of the chart, so that a verb can be missing. */
async function grant(post: Post, namespace: string, permissions: readonly { readonly why: string }[]): Promise<void> {
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const rules = permissions.map(({ why: _why, ...rule }) => rule);
  await post(`${path}/roles`, { metadata: { name: 'reindeer' }, rules });
  await post(`${path}/rolebindings`, roleBinding);
}

/** Gives the operator its Role in a namespace. */
export const roleBinding = {
  metadata: { name: 'reindeer' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reindeer' },
  subjects: [{ kind: 'ServiceAccount', name: 'reindeer', namespace: home }],
};

function tokenFile({ kubeconfig }: ControlPlane): string {
  return join(dirname(kubeconfig), 'operator-token');
}

/** Tokens speak of the uid of their account. */
async function replaceServiceAccount(kube: KubeClient): Promise<void> {
  const path = `/api/v1/namespaces/${home}/serviceaccounts`;
  await kube.transport.call({ method: 'DELETE', path: `${path}/reindeer` });
  await kube.transport.call({ method: 'POST', path, body: { metadata: { name: 'reindeer' } } });
}

async function aToken(kube: KubeClient): Promise<string> {
  const { status, body } = await kube.transport.call({
    method: 'POST',
    path: `/api/v1/namespaces/${home}/serviceaccounts/reindeer/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } },
  });
  const token = (body as { status?: { token?: string } }).status?.token;
  if (token === undefined) throw new Error(`no token was given: ${status} ${JSON.stringify(body)}`);
  return token;
}

/** With a token in a file of its own, as a pod has it. */
export function kubeconfigOf(plane: ControlPlane, port: number): string {
  const file = join(dirname(plane.kubeconfig), `operator-${port}`);
  const ca = readFileSync(plane.caFile).toString('base64');
  const provider = { name: 'tokenFile', config: { tokenFile: tokenFile(plane) } };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'operator',
    contexts: [{ name: 'operator', context: { cluster: 'own', user: 'operator' } }],
    clusters: [{ name: 'own', cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': ca } }],
    users: [{ name: 'operator', user: { 'auth-provider': provider } }],
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** Takes all faults away. */
export function heal({ engineWire, kubeWire, jobs }: ControlStage): void {
  engineWire.fate = () => forward;
  kubeWire.heal();
  jobs.isPaused = false;
}
