import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { load } from 'js-yaml';
import { chartFolder, helm, objectsIn, rendered, type Rendered } from '../../scripts/chart.ts';
import { deployFiles, withoutHelm } from '../../scripts/deploy-files.ts';
import { crdOf, kinds } from '../../src/api/crd.ts';
import { clusterPermissions, leasePermissions, watchedPermissions, type Permission } from '../../src/api/rbac.ts';
import { readConfig } from '../../src/operator/config.ts';
import { KUBERNETES_VERSION } from '../bed/components.ts';
import { golden } from '../support/checks/golden.ts';

const root = join(import.meta.dirname, '..', '..');
const hardened = ['--values', join(root, 'test', 'golden', 'chart-hardened-values.yaml')];
const namespaced = ['--set', 'watch.namespaces={search,code}'];

const place = { POD_NAME: 'reindeer-0', POD_NAMESPACE: 'reindeer-system' };

let defaults: readonly Rendered[];

beforeAll(async () => {
  defaults = await rendered();
}, 600_000);

describe('the chart', () => {
  it('passes helm lint without a warning', async () => {
    const report = await helm('lint', '--strict', chartFolder);
    expect(report).not.toMatch(/\[(WARNING|ERROR)\]/);
  });

  it('has the version of this package', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const chart = load(readFileSync(join(chartFolder, 'Chart.yaml'), 'utf8'));
    expect(chart).toMatchObject({ version, appVersion: version });
  });

  it.each([
    ['a name at the top that does not exist', 'replicaCount=2', "additional properties 'replicaCount' not allowed"],
    ['a misspelt name inside', 'image.tagg=1', "additional properties 'tagg' not allowed"],
    [
      'a resource that no Job may ask for',
      'worker.light.resources.limits.gpu=1',
      "additional properties 'gpu' not allowed",
    ],
    [
      'a quantity that is a number, which a setting cannot carry',
      'worker.heavy.resources.limits.cpu=2',
      'got number, want string',
    ],
    ['a value of the wrong type', 'crds.enabled=perhaps', 'got string, want boolean'],
    ['a log level that does not exist', 'logLevel=loud', "value must be one of 'debug', 'info', 'warn', 'error'"],
    ['a look at the aliases once an hour', 'aliasLookSeconds=3600', 'maximum'],
    ['a digest that is none', 'image.digest=latest', 'does not match pattern'],
    ['a URL where a host is wanted', 'git.allowedHosts={https://git.example.org}', 'does not match pattern'],
    [
      'a host with a port, which would match nothing',
      'git.allowedHosts={git.example.org:443}',
      'does not match pattern',
    ],
    ['a blocked range without its length', 'networkPolicy.blockedCidrs={169.254.169.254}', 'does not match pattern'],
    ['a range whose address is none', 'networkPolicy.blockedCidrs={999.1.1.1/99}', 'does not match pattern'],
    ['a range that is longer than its address', 'networkPolicy.blockedCidrs={10.0.0.0/33}', 'does not match pattern'],
    ['a namespace that can be none', 'watch.namespaces={A_b}', 'does not match pattern'],
    ['a quantity that is none', 'worker.heavy.resources.limits.memory=lots', 'does not match pattern'],
    ['a quantity of the operator that is none', 'resources.limits.memory=512 MB', 'does not match pattern'],
    ['a name that no object may have', 'fullnameOverride=Reindeer', 'does not match pattern'],
    ['a name that no label may have', 'nameOverride=rein_deer', 'does not match pattern'],
    ["a label of the operator's own", 'worker.podLabels.app\\.kubernetes\\.io/managed-by=me', 'invalid propertyName'],
    ['a label of the group', 'worker.podLabels.reindeer\\.dev/repo=x', 'invalid propertyName'],
    ['a label value that is none', 'worker.podLabels.team=a b', 'does not match pattern'],
    ['root for the pods of Jobs', 'worker.podSecurityContext.runAsUser=0', 'minimum'],
    ['a pod that may be root', 'podSecurityContext.runAsNonRoot=false', "'runAsNonRoot' not allowed"],
    ["a variable of the operator's own", 'extraEnv.REINDEER_TOKEN=nine', "invalid propertyName 'REINDEER_TOKEN'"],
    ['a name for no address', 'hostAliases[0].hostnames={es}', "missing property 'ip'"],
    ['an address that is none', 'hostAliases[0].ip=10.0.0.300,hostAliases[0].hostnames={es}', 'does not match pattern'],
    ['a host name that is none', 'hostAliases[0].ip=10.0.0.9,hostAliases[0].hostnames={E s}', 'does not match pattern'],
    ['a proxy with a password', 'proxy.https=http://me:secret@proxy.example.org:3128', 'does not match pattern'],
    [
      'a proxy without a list of hosts',
      'proxy.https=http://proxy.example.org:3128',
      'proxy.https needs git.allowedHosts',
    ],
  ])('refuses %s', async (_, value, message) => {
    await expect(rendered('--set', value)).rejects.toThrow(message);
  });

  it('needs the name of an account that it does not make', async () => {
    await expect(rendered('--set', 'serviceAccount.create=false')).rejects.toThrow('serviceAccount.name is needed');
  });

  it('pins the image by digest, for the operator and for its Jobs', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const { container } = operatorPod(await rendered('--set', `image.digest=${digest}`));
    expect(container.image).toBe(`reindeer.dev/reindeer@${digest}`);
    expect(settingsOf(container)['REINDEER_IMAGE']).toBe(`reindeer.dev/reindeer@${digest}`);
  });

  it('gives every object a name of its own', () => {
    const names = defaults.map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('renders a hardened installation in listed namespaces as it did before', async () => {
    const objects = await rendered(...hardened);
    golden('chart-hardened.yaml', objects);
  });
});

describe('the CRDs of the chart', () => {
  it('are those of the source, and survive an uninstall', () => {
    const crds = ofKind(defaults, 'CustomResourceDefinition');
    expect(crds.map(withoutHelm)).toEqual(expect.arrayContaining(kinds.map(crdOf)));
    expect(crds).toHaveLength(kinds.length);
    for (const { metadata } of crds) expect(metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
  });

  it('go with an uninstall when crds.keep is false', async () => {
    const crds = ofKind(await rendered('--set', 'crds.keep=false'), 'CustomResourceDefinition');
    expect(crds).toHaveLength(kinds.length);
    for (const { metadata } of crds) expect(metadata.annotations).toBeUndefined();
  });

  it('stay out when crds.enabled is false', async () => {
    expect(ofKind(await rendered('--set', 'crds.enabled=false'), 'CustomResourceDefinition')).toEqual([]);
  });
});

describe('the rights that the chart gives', () => {
  it('are exactly those of the source: a ClusterRole for all namespaces, and a Role for each Lease by its name', () => {
    expect(rulesOf(named(defaults, 'ClusterRole', 'reindeer'))).toEqual(
      rulesIn([...watchedPermissions, ...clusterPermissions]),
    );
    expect(leaseRolesOf(defaults)).toEqual([
      ['reindeer-system', rulesForLeases('reindeer')],
      ['kube-system', rulesForLeases('reindeer-cluster')],
    ]);
  });

  it('reach no Lease outside of its namespace where namespaces are listed, and there that of 0.1 as well', async () => {
    const objects = await rendered(...namespaced, '--set', 'fullnameOverride=team-a');
    expect(leaseRolesOf(objects)).toEqual([['reindeer-system', rulesForLeases('reindeer', 'team-a')]]);
  });

  it('never list or watch Secrets, and hold no wildcard', () => {
    for (const role of [...ofKind(defaults, 'ClusterRole'), ...ofKind(defaults, 'Role')]) {
      for (const rule of rulesOf(role)) {
        expect([...rule.apiGroups, ...rule.resources, ...rule.verbs]).not.toContain('*');
        if (rule.resources.includes('secrets')) expect(rule.verbs).toEqual(['get']);
      }
    }
  });

  it('are a Role in each listed namespace and nothing in the cluster', async () => {
    const objects = await rendered(...namespaced, '--set', 'crds.enabled=false');
    expect(objects.filter(({ kind }) => kind.startsWith('Cluster'))).toEqual([]);
    const roles = ofKind(objects, 'Role').filter(({ metadata }) => metadata.name === 'reindeer');
    expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['search', 'code']);
    for (const role of roles) expect(rulesOf(role)).toEqual(rulesIn(watchedPermissions));
    expect(settingsOf(operatorPod(objects).container)['REINDEER_NAMESPACES']).toBe('search,code');
  });

  it('are bound to the account of the operator and to no other', async () => {
    for (const objects of [defaults, await rendered(...namespaced)]) {
      const bindings = objects.filter((object): object is Binding => object.kind.endsWith('RoleBinding'));
      expect(bindings.length).toBeGreaterThan(1);
      for (const { subjects } of bindings) {
        expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'reindeer', namespace: 'reindeer-system' }]);
      }
    }
  });
});

describe('the network policies of the chart', () => {
  const peersOf = (policy: Rendered): unknown => {
    const { egress } = (policy as Rendered & { readonly spec: { readonly egress: readonly Egress[] } }).spec;
    expect(egress[0]?.ports?.map(({ port }) => port)).toEqual([53, 53]);
    return egress[1]?.to;
  };

  it('are none unless they are wanted', () => {
    expect(ofKind(defaults, 'NetworkPolicy')).toEqual([]);
  });

  it('keep the operator, and the Jobs in listed namespaces, from the metadata services of clouds', async () => {
    const policies = ofKind(await rendered(...namespaced, '--set', 'networkPolicy.enabled=true'), 'NetworkPolicy');
    expect(policies.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)).toEqual(
      expect.arrayContaining(['reindeer-system/reindeer', 'search/reindeer-jobs', 'code/reindeer-jobs']),
    );
    for (const policy of policies) {
      expect(peersOf(policy)).toEqual([
        { ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } },
        { ipBlock: { cidr: '::/0', except: ['fe80::/10', 'fd00:ec2::254/128'] } },
      ]);
    }
  });

  it('select the pods that the operator makes, which nothing may reach', async () => {
    const values = '{"enabled": true, "jobNamespaces": ["team"], "blockedCidrs": []}';
    const policies = ofKind(await rendered('--set-json', `networkPolicy=${values}`), 'NetworkPolicy');
    const jobs = policies.find(({ metadata }) => metadata.namespace === 'team');
    expect(jobs).toMatchObject({
      spec: {
        podSelector: {
          matchLabels: { 'app.kubernetes.io/managed-by': 'reindeer', 'app.kubernetes.io/component': 'worker' },
        },
        ingress: [],
      },
    });
    expect(peersOf(jobs!)).toEqual([{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }]);
  });
});

describe("the operator's pod", () => {
  it('meets the restricted pod security standard', () => {
    const { pod, container } = operatorPod(defaults);
    expect(pod).not.toHaveProperty('hostNetwork');
    expect(pod.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.volumes).toEqual([{ name: 'tmp', emptyDir: {} }]);
  });

  it('alone mounts the token of its account', () => {
    expect(operatorPod(defaults).pod.automountServiceAccountToken).toBe(true);
    expect(named(defaults, 'ServiceAccount', 'reindeer')).toMatchObject({ automountServiceAccountToken: false });
  });

  it('reads every setting of the chart as the chart means it', async () => {
    const objects = await rendered(
      ...namespaced,
      '--set',
      'git.allowedHosts={git.example.org,*.Corp.example}',
      '--set',
      'logLevel=debug',
      '--set',
      'aliasLookSeconds=120',
    );
    const settings = settingsOf(operatorPod(objects).container);
    const config = readConfig({ ...settings, POD_NAME: 'reindeer-0', POD_NAMESPACE: 'reindeer-system' });
    expect(config).toMatchObject({
      namespaces: ['search', 'code'],
      allowedGitHosts: ['git.example.org', '*.corp.example'],
      logLevel: 'debug',
      aliasLookSeconds: 120,
      workerImage: operatorPod(objects).container.image,
      lease: { namespace: 'reindeer-system', name: 'reindeer' },
    });
  });

  it('elects its leader for the whole cluster where it watches all of it', () => {
    const config = readConfig({ ...settingsOf(operatorPod(defaults).container), ...place });
    expect(config.lease).toEqual({ namespace: 'kube-system', name: 'reindeer-cluster' });
  });

  it('reads what Jobs get as the chart means it, its proxy among it', async () => {
    const objects = await rendered(...hardened);
    const config = readConfig({ ...settingsOf(operatorPod(objects).container), ...place });
    expect(config.workerPods).toEqual({
      labels: { team: 'search' },
      annotations: { 'sidecar.istio.io/inject': 'false' },
      imagePullSecrets: [{ name: 'mirror' }],
      securityContext: null,
      env: { HTTPS_PROXY: 'http://proxy.corp.example:3128', NO_PROXY: '.cluster.local,10.0.0.0/8', TZ: 'UTC' },
      hostAliases: [{ ip: '10.1.2.3', hostnames: ['git.corp.example'] }],
    });
    expect(config.jobPods.heavy).toMatchObject({
      nodeSelector: { pool: 'batch' },
      tolerations: [{ key: 'batch', operator: 'Exists' }],
      priorityClassName: 'low',
    });
  });

  it.each([
    ['null', 'podSecurityContext=null'],
    ['each id null', ['runAsUser', 'runAsGroup', 'fsGroup'].map(id => `podSecurityContext.${id}=null`).join(',')],
  ])('leaves its user and groups to the platform with %s, but is never root', async (_, value) => {
    const { pod } = operatorPod(await rendered('--set', value));
    expect(pod.securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  });

  it('keeps away from its like where it can, once there are several', async () => {
    expect(operatorPod(defaults).pod).not.toHaveProperty('affinity');
    const { pod } = operatorPod(await rendered('--set', 'replicas=2'));
    expect(pod).toMatchObject({
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100 }] } },
    });
  });

  it('gives Jobs the resources that the operator gives them without the chart', () => {
    const settings = settingsOf(operatorPod(defaults).container);
    const bare = readConfig({ ...place, REINDEER_IMAGE: settings['REINDEER_IMAGE'] });
    const read = readConfig({ ...place, ...settings });
    expect(read.jobPods).toEqual(bare.jobPods);
    expect(read.workerPods).toEqual(bare.workerPods);
  });

  it('is asked for its health at the port where it listens', () => {
    const { container } = operatorPod(defaults);
    const { healthPort } = readConfig({ ...settingsOf(container), POD_NAME: 'reindeer-0', POD_NAMESPACE: 'x' });
    expect(container.ports).toEqual([{ name: 'http', containerPort: healthPort }]);
    expect(container.livenessProbe).toMatchObject({ httpGet: { path: '/healthz', port: 'http' } });
    expect(container.readinessProbe).toMatchObject({ httpGet: { path: '/readyz', port: 'http' } });
  });
});

describe('helm test', () => {
  it('runs one restricted pod of the image of the operator', async () => {
    const only = [
      '--namespace',
      'reindeer-system',
      '--kube-version',
      KUBERNETES_VERSION,
      '--show-only',
      'templates/test.yaml',
    ];
    const [pod] = objectsIn(await helm('template', 'reindeer', chartFolder, ...only));
    const { image } = operatorPod(defaults).container;
    expect(pod).toMatchObject({
      kind: 'Pod',
      metadata: { annotations: { 'helm.sh/hook': 'test' } },
      spec: {
        restartPolicy: 'Never',
        securityContext: { runAsNonRoot: true, runAsUser: 65532 },
        containers: [{ image, securityContext: { readOnlyRootFilesystem: true } }],
      },
    });
  });
});

describe('deploy/', () => {
  it('holds what npm run render writes', async () => {
    for (const { path, content } of await deployFiles()) expect(readFileSync(join(root, path), 'utf8')).toBe(content);
  });

  it('lists every file of its own, and equals the chart object by object', () => {
    const kustomization = load(readFileSync(join(root, 'deploy', 'kustomization.yaml'), 'utf8')) as Kustomization;
    const files = ['.', 'crds'].flatMap(folder =>
      readdirSync(join(root, 'deploy', folder))
        .filter(name => name.endsWith('.yaml') && name !== 'kustomization.yaml')
        .map(name => join(folder, name)),
    );
    expect([...kustomization.resources].sort()).toEqual(files.sort());
    const objects = files.flatMap(file => objectsIn(readFileSync(join(root, 'deploy', file), 'utf8')));
    const [namespaces, others] = [ofKind(objects, 'Namespace'), objects.filter(({ kind }) => kind !== 'Namespace')];
    expect(namespaces).toHaveLength(1);
    expect(byName(others)).toEqual(byName(defaults.map(withoutHelm)));
  });
});

type Rule = Omit<Permission, 'why'>;
type Binding = Rendered & { readonly subjects: readonly object[] };
type Egress = { readonly ports?: readonly { readonly port: number }[]; readonly to?: unknown };
type Kustomization = { readonly resources: readonly string[] };
type Container = {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports: readonly object[];
  readonly livenessProbe: object;
  readonly readinessProbe: object;
  readonly securityContext: object;
};
type Pod = {
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: object;
  readonly volumes: readonly object[];
  readonly containers: readonly Container[];
};
type Deployment = Rendered & { readonly spec: { readonly template: { readonly spec: Pod } } };

function ofKind(objects: readonly Rendered[], kind: string): readonly Rendered[] {
  return objects.filter(object => object.kind === kind);
}

function named(objects: readonly Rendered[], kind: string, name: string): Rendered {
  const found = ofKind(objects, kind).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name} among ${objects.map(object => object.kind).join(', ')}`);
  return found;
}

function operatorPod(objects: readonly Rendered[]): { readonly pod: Pod; readonly container: Container } {
  const pod = (named(objects, 'Deployment', 'reindeer') as Deployment).spec.template.spec;
  expect(pod.containers).toHaveLength(1);
  return { pod, container: pod.containers[0]! };
}

function settingsOf({ env }: Container): Readonly<Record<string, string>> {
  return Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}

function rulesOf(role: Rendered): readonly Rule[] {
  return (role as Rendered & { readonly rules: readonly Rule[] }).rules;
}

function rulesIn(permissions: readonly Permission[]): readonly Rule[] {
  return permissions.map(({ why: _why, ...rule }) => rule);
}

/** The rules for Leases by their namespace. */
function leaseRolesOf(objects: readonly Rendered[]): readonly (readonly [string | undefined, readonly Rule[]])[] {
  const roles = ofKind(objects, 'Role').filter(role =>
    rulesOf(role).some(({ resources }) => resources.includes('leases')),
  );
  return roles.map(role => [role.metadata.namespace, rulesOf(role)]);
}

function rulesForLeases(...resourceNames: readonly string[]): readonly object[] {
  return rulesIn(leasePermissions).map(rule => (rule.verbs.includes('create') ? rule : { ...rule, resourceNames }));
}

function byName(objects: readonly Rendered[]): Readonly<Record<string, Rendered>> {
  return Object.fromEntries(objects.map(object => [`${object.kind}/${object.metadata.name}`, object]));
}
