import { join } from 'node:path';

const ELASTICSEARCH = 'docker.elastic.co/elasticsearch/elasticsearch';
const IN_NODE = '/bed';
const AUDIT_FOLDER = '/var/log/kubernetes';
export const BED_NAMESPACE = 'reindeer-bed';
export const ENGINE_PORT = 9200;
export const GIT_PORT = 8443;

/** Settings of the kind cluster: the bed's folder and the audit log are shared with the node. */
export function kindCluster(home: string, checkout: string): object {
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [
      {
        role: 'control-plane',
        kubeadmConfigPatches: [JSON.stringify(auditPatch())],
        extraMounts: [
          { hostPath: home, containerPath: IN_NODE },
          { hostPath: join(home, 'logs'), containerPath: AUDIT_FOLDER },
          {
            hostPath: join(checkout, 'test', 'bed', 'git'),
            containerPath: join(IN_NODE, 'git-server'),
            readOnly: true,
          },
        ],
      },
    ],
  };
}

/** Elasticsearch and the Git server as pods in the node's own network, so that host and pods use one address. */
export function kindManifests(bed: {
  readonly version: string;
  readonly password: string;
  readonly image: string;
  readonly userId: number;
}): readonly object[] {
  const engine = {
    name: 'elasticsearch',
    image: `${ELASTICSEARCH}:${bed.version}`,
    env: environment({
      'discovery.type': 'single-node',
      'action.auto_create_index': 'false',
      'cluster.routing.allocation.disk.threshold_enabled': 'false',
      'node.store.allow_mmap': 'false',
      'xpack.security.http.ssl.enabled': 'true',
      'xpack.security.http.ssl.certificate': 'tls/server.crt',
      'xpack.security.http.ssl.key': 'tls/server.key',
      ELASTIC_PASSWORD: bed.password,
      ES_JAVA_OPTS: '-Xms512m -Xmx512m',
    }),
    volumeMounts: [{ name: 'tls', mountPath: '/usr/share/elasticsearch/config/tls' }],
  };
  const git = {
    name: 'git-server',
    image: bed.image,
    imagePullPolicy: 'Never',
    command: ['node', join(IN_NODE, 'git-server', 'main.ts'), join(IN_NODE, 'git', 'server.json')],
    // The repositories belong to the user who pushes into their folder from outside.
    securityContext: { runAsUser: bed.userId, runAsGroup: bed.userId },
    volumeMounts: [
      { name: 'bed', mountPath: IN_NODE },
      { name: 'program', mountPath: join(IN_NODE, 'git-server') },
    ],
  };
  const tls = { name: 'tls', secret: { secretName: 'tls' } };
  const folders = [
    { name: 'bed', hostPath: { path: IN_NODE } },
    { name: 'program', hostPath: { path: join(IN_NODE, 'git-server') } },
  ];
  return [pod(engine, [tls]), pod(git, folders)];
}

/** Where a path below the bed's home is seen in the node. */
export function inNode(home: string, path: string): string {
  return path.replace(home, IN_NODE);
}

function auditPatch(): object {
  return {
    kind: 'ClusterConfiguration',
    apiServer: {
      extraArgs: {
        'audit-policy-file': join(AUDIT_FOLDER, 'audit-policy.yaml'),
        'audit-log-path': join(AUDIT_FOLDER, 'audit.log'),
      },
      extraVolumes: [{ name: 'audit', hostPath: AUDIT_FOLDER, mountPath: AUDIT_FOLDER, pathType: 'Directory' }],
    },
  };
}

function pod(container: { readonly name: string }, volumes: readonly object[]): object {
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
