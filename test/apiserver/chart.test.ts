import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dump, load } from 'js-yaml';
import { chartFolder, deployNamespace, helm, objectsIn, type Rendered } from '../../scripts/chart.ts';
import { jobManifest } from '../../src/work/manifest.ts';
import { run } from '../bed/command.ts';
import { component } from '../bed/components.ts';
import { aRunJob } from '../support/objects/a-run-job.ts';
import { startControlPlane, type ControlPlane } from '../support/real/control-plane.ts';
import { eventually } from '../support/checks/eventually.ts';

/** A cluster of its own: what is installed here must not meet an operator that somebody runs in the bed. */
let plane: ControlPlane;
let kubectl: (args: string, input?: object) => Promise<string>;
const deploy = join(import.meta.dirname, '..', '..', 'deploy');
const scratch = mkdtempSync(join(tmpdir(), 'reindeer-chart-test-'));

beforeAll(async () => {
  plane = await startControlPlane();
  const program = join(await component('kubernetes'), 'kubectl');
  kubectl = async (args, input) => {
    const command = [program, '--kubeconfig', plane.kubeconfig, ...args.split(' ')];
    return run(command, input === undefined ? {} : { input: JSON.stringify(input) });
  };
  await kubectl(`apply --server-side --validate=strict -k ${deploy}`);
  // No controller runs here, so nobody else makes the account that pods without a named one get.
  await kubectl(`create serviceaccount default -n ${deployNamespace}`);
  await kubectl('wait --for=condition=Established crd --all --timeout=30s');
}, 600_000);

afterAll(async () => {
  await plane.stop();
  rmSync(scratch, { recursive: true });
});

describe('deploy/ on a real API server', () => {
  it.each(readdirSync(join(deploy, 'samples')))('has the sample %s accepted as it stands', async name => {
    await kubectl(`create --dry-run=server --validate=strict -f ${join(deploy, 'samples', name)}`);
  });

  it('has the pod of the operator accepted where the restricted standard is enforced', async () => {
    const [deployment] = objectsIn(readFileSync(join(deploy, 'deployment.yaml'), 'utf8')) as readonly Templated[];
    await createPod('operator', deployment!.spec.template.spec);
  });

  it('has the pod of a Job accepted there', async () => {
    const job = jobManifest(aJob, aJob) as unknown as Templated;
    await createPod('worker', job.spec.template.spec);
  });

  it('has a pod refused there that gives up one of the restrictions', async () => {
    const job = jobManifest(aJob, aJob) as unknown as Templated;
    const { securityContext: _dropped, ...pod } = job.spec.template.spec;
    await expect(createPod('root', pod)).rejects.toThrow('violates PodSecurity "restricted');
  });
});

describe('the rights of the operator', () => {
  it.each([
    ['yes', 'get secrets', 'other'],
    ['no', 'list secrets', 'other'],
    ['no', 'watch secrets', deployNamespace],
    ['no', 'create pods', 'other'],
    ['no', 'patch jobs.batch', 'other'],
    ['no', 'create indexedrepos.reindeer.dev', 'other'],
    ['yes', 'patch indexedrepos.reindeer.dev --subresource=status', 'other'],
    ['yes', 'create leases.coordination.k8s.io', deployNamespace],
    ['no', 'create leases.coordination.k8s.io', 'other'],
    ['yes', 'patch leases.coordination.k8s.io/reindeer', deployNamespace],
    ['no', 'patch leases.coordination.k8s.io/another', deployNamespace],
    ['yes', 'patch leases.coordination.k8s.io/reindeer-cluster', 'kube-system'],
    ['no', 'patch leases.coordination.k8s.io/kube-scheduler', 'kube-system'],
    ['no', 'update indexedrepos.reindeer.dev --subresource=finalizers', 'other'],
  ])('%s: %s in %s', async (verdict, what, namespace) => {
    expect(await mayOperator(what, namespace)).toBe(verdict);
  });
});

describe('helm', () => {
  const release = ['reindeer', '--namespace', deployNamespace];

  it('takes over what deploy/ installed, with rights in the listed namespaces only', async () => {
    await kubectl('create namespace search');
    await kubectl('delete clusterrole,clusterrolebinding -l app.kubernetes.io/name=reindeer');
    await kubectl('delete role,rolebinding -n kube-system -l app.kubernetes.io/name=reindeer');
    await onPlane('install', ...release, chartFolder, '--take-ownership', '--set', 'watch.namespaces={search}');
    expect(await mayOperator('get secrets', 'search')).toBe('yes');
    expect(await mayOperator('get secrets', 'other')).toBe('no');
    expect(await mayOperator('list indexedrepos.reindeer.dev', 'other')).toBe('no');
  });

  it('brings a new field with an upgrade, and keeps what is declared', async () => {
    await kubectl(`create -n search -f ${join(deploy, 'samples', 'one-of-many.yaml')}`);
    await onPlane('upgrade', ...release, chartWithField('flavour'), '--reuse-values');
    // The API server publishes a changed schema a moment after it took it.
    await eventually('the new field explained', 30_000, async () =>
      kubectl('explain indexedrepo.spec.flavour').then(
        text => text.includes('A field of a later version.'),
        () => false,
      ),
    );
    expect(await kubectl('get irepo -n search -o name')).toContain('indexedrepo.reindeer.dev/billing');
  });

  it('leaves CRDs and what is declared behind when it is uninstalled, and nothing else', async () => {
    await onPlane('uninstall', ...release);
    expect(await kubectl('get irepo -n search -o name')).toContain('indexedrepo.reindeer.dev/billing');
    const rest = 'deployment,service,serviceaccount,role,rolebinding,clusterrole,clusterrolebinding';
    expect(await kubectl(`get ${rest} -A -l app.kubernetes.io/instance=reindeer -o name`)).toBe('');
  });
});

type Templated = Rendered & {
  readonly spec: { readonly template: { readonly spec: Readonly<Record<string, unknown>> } };
};

const aJob = aRunJob({ namespace: deployNamespace, pod: {} });

async function createPod(name: string, spec: object): Promise<void> {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: deployNamespace }, spec };
  await kubectl('create --dry-run=server --validate=strict -f -', pod);
}

/** `kubectl auth can-i` ends with 1 for no. */
async function mayOperator(what: string, namespace: string): Promise<string> {
  const account = `system:serviceaccount:${deployNamespace}:reindeer`;
  const asked = kubectl(`auth can-i ${what} -n ${namespace} --as ${account}`);
  return (await asked.catch(() => 'no')).trim();
}

async function onPlane(...args: readonly string[]): Promise<string> {
  return helm(...args, '--kubeconfig', plane.kubeconfig);
}

/** The chart as a later version may be: with one more optional field in an IndexedRepo. */
function chartWithField(name: string): string {
  const folder = join(scratch, 'reindeer');
  cpSync(chartFolder, folder, { recursive: true });
  const file = join(folder, 'files', 'crds', 'indexedrepos.yaml');
  const crd = load(readFileSync(file, 'utf8')) as Crd;
  const { properties } = crd.spec.versions[0]!.schema.openAPIV3Schema.properties.spec;
  properties[name] = { type: 'string', description: 'A field of a later version.' };
  writeFileSync(file, dump(crd, { noRefs: true }));
  return folder;
}

type Crd = {
  readonly spec: {
    readonly versions: readonly {
      readonly schema: {
        readonly openAPIV3Schema: {
          readonly properties: { readonly spec: { readonly properties: Record<string, object> } };
        };
      };
    }[];
  };
};
