import { join } from 'node:path';
import { DISTRIBUTIONS } from './distributions.ts';
import { JAVA_FOLDERS, JAVA_HOME } from './node-root.ts';
import type { ProcessSpec } from './processes.ts';

export const ELASTICSEARCH_IMAGE = `docker.elastic.co/elasticsearch/elasticsearch:${DISTRIBUTIONS.elasticsearch.version}`;
export const BED_NAMESPACE = 'reindeer-bed';
export const ENGINE_PORT = 9200;
export const GIT_PORT = 8443;
/** Where the checkout is seen in the node: all of it, because the Git server takes modules from src. */
export const CHECKOUT = '/checkout';
const NOBODY = 65534;

/** A container, and the folders and Secrets that it takes in. */
export type Part = {
  readonly container: { readonly name: string; readonly [field: string]: unknown };
  readonly volumes: readonly { readonly name: string; readonly [kind: string]: unknown }[];
};

/** Settings of the kind cluster. The bed's folder has one path outside, in the node and in pods: its files name each other. */
export function kindCluster(bed: {
  readonly home: string;
  readonly checkout: string;
  /** Where the API server is reached, if the engine is the bed's own and not at this machine's loopback. */
  readonly apiServer: { readonly address: string; readonly port: number } | undefined;
}): object {
  const { home, checkout, apiServer } = bed;
  const networking = { apiServerAddress: apiServer?.address, apiServerPort: apiServer?.port };
  const patches = [auditPatch(join(home, 'logs')), ...(apiServer === undefined ? [] : [withoutDns])];
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    ...(apiServer === undefined ? {} : { networking }),
    nodes: [
      {
        role: 'control-plane',
        kubeadmConfigPatches: patches.map(patch => JSON.stringify(patch)),
        extraMounts: [
          { hostPath: home, containerPath: home },
          { hostPath: checkout, containerPath: CHECKOUT, readOnly: true },
        ],
      },
    ],
  };
}

/** Elasticsearch and the Git server as pods in the node's own network, so that host and pods use one address. */
export function kindManifests(engine: Part, git: Part): readonly object[] {
  return [pod(engine), pod(git)];
}

/** The engine's own image, set up as the local bed sets up its engine. */
export function pulledElasticsearch(password: string): Part {
  const settings = {
    'discovery.type': 'single-node',
    'node.attr.zone': 'zone-a',
    'path.repo': '/tmp/snapshots',
    'action.auto_create_index': 'false',
    'cluster.routing.allocation.disk.threshold_enabled': 'false',
    'node.store.allow_mmap': 'false',
    // At rest it must write nothing: the tests count.
    'ingest.geoip.downloader.enabled': 'false',
    'xpack.ml.enabled': 'false',
    'xpack.security.http.ssl.enabled': 'true',
    'xpack.security.http.ssl.certificate': 'tls/server.crt',
    'xpack.security.http.ssl.key': 'tls/server.key',
    ELASTIC_PASSWORD: password,
    ES_JAVA_OPTS: '-Xms512m -Xmx512m',
  };
  return {
    container: {
      name: 'elasticsearch',
      image: ELASTICSEARCH_IMAGE,
      imagePullPolicy: 'IfNotPresent',
      env: environment(settings),
      volumeMounts: [{ name: 'tls', mountPath: '/usr/share/elasticsearch/config/tls' }],
    },
    volumes: [{ name: 'tls', secret: { secretName: 'tls' } }],
  };
}

/** The distribution that the local bed runs, configured as that one is, on the node's Java: no registry is asked. */
export function unpackedElasticsearch(home: string, image: string, { command, env }: ProcessSpec): Part {
  const program = command.at(-1) ?? '';
  const java = JAVA_FOLDERS.map((path, index) => ({ name: `java-${index}`, path }));
  const folders = [{ name: 'bed', path: home }, ...java];
  return {
    container: {
      name: 'elasticsearch',
      image,
      imagePullPolicy: 'Never',
      command: [program],
      env: environment({ ...env, ES_JAVA_HOME: JAVA_HOME }),
      securityContext: { runAsUser: NOBODY, runAsGroup: NOBODY },
      volumeMounts: folders.map(({ name, path }) => ({ name, mountPath: path, readOnly: name !== 'bed' })),
    },
    volumes: folders.map(({ name, path }) => ({ name, hostPath: { path } })),
  };
}

/** The Git server as the local bed runs it. The repositories belong to the user who pushes into their folder from outside. */
export function gitServer(home: string, image: string, userId: number): Part {
  return {
    container: {
      name: 'git-server',
      image,
      imagePullPolicy: 'Never',
      command: ['node', join(CHECKOUT, 'test', 'bed', 'git', 'main.ts'), join(home, 'git', 'server.json')],
      securityContext: { runAsUser: userId, runAsGroup: userId },
      volumeMounts: [
        { name: 'bed', mountPath: home },
        { name: 'checkout', mountPath: CHECKOUT, readOnly: true },
      ],
    },
    volumes: [
      { name: 'bed', hostPath: { path: home } },
      { name: 'checkout', hostPath: { path: CHECKOUT } },
    ],
  };
}

/** Without a version: kind converts a map of arguments for every kubeadm. */
function auditPatch(logs: string): object {
  return {
    kind: 'ClusterConfiguration',
    apiServer: {
      extraArgs: { 'audit-policy-file': join(logs, 'audit-policy.yaml'), 'audit-log-path': join(logs, 'audit.log') },
      extraVolumes: [{ name: 'audit', hostPath: logs, mountPath: logs, pathType: 'Directory' }],
    },
  };
}

/** The list replaces kind's own, which skips the preflight. No part of the bed asks for names. */
const withoutDns = { kind: 'InitConfiguration', skipPhases: ['preflight', 'addon/coredns'] };

function pod({ container, volumes }: Part): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: container.name, namespace: BED_NAMESPACE },
    spec: { hostNetwork: true, containers: [container], volumes },
  };
}

function environment(values: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}
