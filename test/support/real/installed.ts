import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../bed/command.ts';
import { withLock } from '../../bed/lock.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { BedState, EngineLocation } from '../../bed/state.ts';
import { Kubectl, type Manifest } from './kubectl.ts';

export const operatorNamespace = 'reindeer-system';
const chart = fileURLToPath(new URL('../../../charts/reindeer', import.meta.url));

/**
 * Installs the operator as a user does: with the chart, as pods of the image that was built from this checkout. Other values
 * than the usual ones are for files that have the bed to themselves.
 */
export async function installOperator(
  bed: BedState,
  { aliasLookSeconds = 60, hostAliases = [] }: OperatorValues = {},
): Promise<void> {
  const image = bed.node?.image;
  if (image === undefined) throw new Error('a bed of level 1 is needed: it has no node that runs pods');
  await installChart(bed, chart, { ...valuesOf(bed, image), aliasLookSeconds, hostAliases });
}

export type OperatorValues = {
  readonly aliasLookSeconds?: number;
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
};

/** What the chart of any release is told about a bed. */
export function valuesOf(bed: BedState, image: string): object {
  const at = image.lastIndexOf(':');
  return {
    image: { repository: image.slice(0, at), tag: image.slice(at + 1), pullPolicy: 'Never' },
    git: { allowedHosts: [bed.address, ...(bed.host === undefined ? [] : [bed.host])] },
    // The one node of a bed has two cores, which other suites use too: the operator must get to renew its Lease.
    resources: { requests: { cpu: '300m' } },
  };
}

/** Over whatever release of the chart is installed. Another suite may have installed the CRDs by themselves. */
export async function installChart(bed: BedState, folder: string, values: object): Promise<void> {
  const options = ['--create-namespace', '--values', '-', '--wait', '--timeout', '120s', '--take-ownership'];
  await helm(bed, ['upgrade', '--install', 'reindeer', folder, ...options], values);
}

/** Files that run beside each other take turns: Helm refuses two at once. */
export async function helm(bed: BedState, args: readonly string[], values: object = {}): Promise<void> {
  const command = [join(bed.binaries, 'helm'), ...args, '--namespace', operatorNamespace];
  await withLock(join(tmpdir(), 'reindeer-helm.lock'), () =>
    run(command, { env: { KUBECONFIG: bed.kubeconfig }, input: JSON.stringify(values) }),
  );
}

/**
 * A namespace with a SearchCluster `main` and the Secrets that reach the bed's engine and its private Git repositories.
 * `spec` is what the SearchCluster has besides.
 */
export async function aNamespace(bed: BedState, name: string, spec: object = {}): Promise<Kubectl> {
  const kubectl = new Kubectl(bed, name);
  await kubectl.apply(aNamespaceManifest(name));
  await kubectl.apply(...engineSecrets(bed.engine), gitSecret(bed), aSearchCluster(bed, spec));
  await kubectl.waitFor('scluster', 'main', 'Ready', 60);
  return kubectl;
}

const [ownLabel, own] = ['app.kubernetes.io/managed-by', 'reindeer-bed'];

/** Of a namespace whose pods must meet the restricted standard. */
export function aNamespaceManifest(name: string): Manifest {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted', [ownLabel]: own };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/**
 * Takes away every namespace that a demonstration or an interrupted test left, with what was made in the engine for it, and
 * answers their names: a SearchCluster that stays bounds the heavy runs of all others on its engine.
 */
export async function removeNamespaces(bed: BedState): Promise<readonly string[]> {
  const found = await new Kubectl(bed, 'default').list<{ metadata: { name: string } }>(
    'namespaces',
    `${ownLabel}=${own}`,
  );
  const names = found.map(({ metadata }) => metadata.name);
  // Finalizers are the operator's.
  if (names.length > 0) await installOperator(bed);
  await Promise.all(names.map(async name => removeNamespace(new Kubectl(bed, name))));
  return names;
}

async function removeNamespace(kubectl: Kubectl): Promise<void> {
  const timeout = ['--ignore-not-found', '--timeout=120s'];
  // Before the SearchCluster and the Secrets, with which it is removed from the engine.
  await kubectl.run(['delete', 'indexedrepos', '--all', ...timeout]);
  await kubectl.run(['delete', 'namespace', kubectl.namespace, ...timeout]);
}

export function aSearchCluster(bed: BedState, spec: object = {}): Manifest {
  return {
    apiVersion: 'reindeer.dev/v1alpha1',
    kind: 'SearchCluster',
    metadata: { name: 'main' },
    spec: {
      ...engineSpec(bed.engine),
      ...spec,
    },
  };
}

/** What the spec of a SearchCluster says of how its engine is reached, with the Secrets of {@link engineSecrets}. */
export function engineSpec({ url, username, caFile }: EngineLocation): JsonObject {
  return {
    endpoints: [url],
    ...(username !== '' && { auth: { basic: { secretRef: { name: 'engine' } } } }),
    ...(caFile !== '' && { tls: { caSecretRef: { name: 'engine-ca' } } }),
  };
}

export function anIndexedRepo(
  bed: BedState,
  name: string,
  spec: { readonly path?: string; readonly [field: string]: unknown } = {},
): Manifest {
  const { path = `private/${name}.git`, ...rest } = spec;
  return {
    apiVersion: 'reindeer.dev/v1alpha1',
    kind: 'IndexedRepo',
    metadata: { name },
    spec: {
      clusterRef: { name: 'main' },
      alias: name,
      source: { url: `${bed.git.url}/${path}`, ref: 'main', secretRef: { name: 'git' } },
      light: { schedule: '@every 1m' },
      ...rest,
    },
  };
}

/** The Secrets that {@link engineSpec} names; none where an engine has neither users nor a certificate. */
export function engineSecrets({ username, password, caFile }: EngineLocation): readonly Manifest[] {
  return [
    ...(username === '' ? [] : [secret('engine', { username, password })]),
    ...(caFile === '' ? [] : [secret('engine-ca', { 'ca.crt': readFileSync(caFile, 'utf8') })]),
  ];
}

/** The one that {@link anIndexedRepo} names. */
export function gitSecret({ git: { username, password, caFile } }: BedState): Manifest {
  return secret('git', { username, password, 'ca.crt': readFileSync(caFile, 'utf8') });
}

export function secret(name: string, stringData: Readonly<Record<string, string>>): Manifest {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData };
}
