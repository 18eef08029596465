import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { crdOf, kinds } from '../../src/api/crd.ts';
import { readObject } from '../../src/api/kind.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { loadKubeConfig } from '../../src/kube/kubeconfig.ts';
import { readBedState } from '../bed/state.ts';
import { startControlPlane, type ControlPlane } from '../support/real/control-plane.ts';
import { crdCases, type Manifest } from '../support/checks/crd-cases.ts';
import { eventually } from '../support/checks/eventually.ts';

type Reply = { readonly status: number; readonly text: string };
type Send = (method: string, path: string, body?: unknown, contentType?: string) => Promise<Reply>;

const namespace = `crd-cases-${process.pid}`;
const agent = new Agent({ keepAlive: true });
let plane: ControlPlane | undefined;
let send: Send;

beforeAll(async () => {
  const bed = readBedState();
  if (bed === undefined) plane = await startControlPlane();
  send = await senderTo(bed?.kubeconfig ?? plane?.kubeconfig);
  await expectDone(
    send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
  );
  for (const crd of kinds.map(crdOf)) {
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd.metadata.name}`;
    await expectDone(apply(path, crd));
    await eventually(`${crd.metadata.name} established`, 30_000, async () => isEstablished(await send('GET', path)));
  }
  for (const { resource } of kinds) {
    const served = async (): Promise<boolean> => (await send('GET', pathOf(resource.kind))).status === 200;
    await eventually(`${resource.plural} served`, 30_000, served);
  }
}, 120_000);

afterAll(async () => {
  if (plane === undefined) await send('DELETE', `/api/v1/namespaces/${namespace}`);
  agent.destroy();
  await plane?.stop();
});

async function senderTo(kubeconfig: string | undefined): Promise<Send> {
  const access = await loadKubeConfig(kubeconfig);
  const { tls, headers: identity } = await access.credential();
  return async (method, path, body, contentType = 'application/json') =>
    new Promise((resolve, reject) => {
      const headers = { ...identity, 'content-type': contentType };
      const asked = request(new URL(path, access.server), { ...tls, agent, method, headers }, reply => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      });
      asked.on('error', reject);
      asked.end(typeof body === 'object' ? JSON.stringify(body) : body);
    });
}

async function apply(path: string, object: object): Promise<Reply> {
  const query = 'fieldManager=crd-cases&force=true&fieldValidation=Strict';
  return send('PATCH', `${path}?${query}`, object, 'application/apply-patch+yaml');
}

async function expectDone(reply: Promise<Reply>): Promise<void> {
  const { status, text } = await reply;
  if (status >= 300) throw new Error(text);
}

function isEstablished({ text }: Reply): boolean {
  const { status } = JSON.parse(text) as { status?: { conditions?: { type: string; status: string }[] } };
  return status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') ?? false;
}

function pathOf(kindName: string): string {
  const resource = kinds.find(({ resource: { kind } }) => kind === kindName)?.resource;
  if (resource === undefined) throw new Error(`no kind ${kindName}`);
  return `/apis/${resource.group}/${resource.version}/namespaces/${namespace}/${resource.plural}`;
}

/** Asks for the verdict on a new object without keeping it. */
async function judge(manifest: Manifest): Promise<Reply> {
  return send('POST', `${pathOf(manifest.kind)}?dryRun=All&fieldValidation=Strict`, manifest);
}

async function applied(manifest: Manifest): Promise<Reply> {
  return apply(`${pathOf(manifest.kind)}/${manifest.metadata.name}`, manifest);
}

const cases = crdCases();
const single = cases.filter(({ update }) => update === undefined);
const edits = cases.flatMap(({ update, ...rest }) => (update === undefined ? [] : [{ ...rest, update }]));

describe('the API server', () => {
  it.each(single.filter(({ verdict }) => verdict === 'accepted'))('accepts $name', async ({ manifest }) => {
    expect(await judge(manifest)).toMatchObject({ status: 201 });
  });

  it.each(single.filter(({ verdict }) => verdict === 'refused'))('refuses $name and says why', async refused => {
    const { status, text } = await judge(refused.manifest);
    expect([400, 422]).toContain(status);
    const said = (JSON.parse(text) as { message: string }).message;
    expect(said).toContain(refused.field);
    expect(said).toContain(refused.message ?? refused.serverMessage);
    expect(said).not.toContain('hunter2');
    expect(said).not.toMatch(/compilation|evaluation|cost|no such/);
  });

  it.each(edits)('$verdict: the edit $name', async ({ verdict, manifest, update, field, message }) => {
    await expectDone(applied(manifest));
    const { status, text } = await applied(update);
    expect(status).toBe(verdict === 'accepted' ? 200 : 422);
    if (verdict === 'refused') expect(text).toContain(`${field}: Invalid value`);
    if (verdict === 'refused') expect(text).toContain(message);
  });

  it.each(single.filter(({ verdict }) => verdict === 'accepted'))(
    'fills in the defaults of $name as Zod does',
    async one => {
      const { text } = await judge(one.manifest);
      const stored = JSON.parse(text) as KubeObject;
      const kind = kinds.find(({ resource }) => resource.kind === one.manifest.kind)!;
      const read = readObject(kind, { metadata: stored.metadata, spec: one.manifest.spec });
      expect(read).toMatchObject({ is: 'valid', object: { spec: stored.spec } });
      expect(stored.spec).toEqual(read.is === 'valid' ? read.object.spec : undefined);
    },
  );

  it('refuses a key that is given twice', async () => {
    const twice = [
      'apiVersion: reindeer.dev/v1alpha1',
      'kind: SearchCluster',
      'metadata: {name: twice}',
      'spec:',
      '  paused: true',
      '  paused: false',
      '  endpoints: ["https://es.example.org"]',
    ];
    const reply = await send(
      'POST',
      `${pathOf('SearchCluster')}?dryRun=All&fieldValidation=Strict`,
      twice.join('\n'),
      'application/yaml',
    );
    expect(reply).toMatchObject({ status: 400, text: expect.stringContaining('key \\"paused\\" already set') });
  });

  it('lets nobody write a status along with a spec', async () => {
    const minimal = cases.find(({ name }) => name === 'scluster-minimal')!.manifest;
    const body = { ...minimal, status: { observedGeneration: 9 } };
    const reply = await send('POST', `${pathOf('SearchCluster')}?dryRun=All&fieldValidation=Strict`, body);
    expect(JSON.parse(reply.text)).not.toHaveProperty('status');
  });

  it.each([
    ['IndexedRepo', 'spec.clusterRef.name'],
    ['ReindexRequest', 'spec.target.repoRef.name'],
  ])('finds a %s by its field %s', async (kind, field) => {
    const found = async (value: string): Promise<Reply> =>
      send('GET', `${pathOf(kind)}?fieldSelector=${field}%3D${value}`);
    const { status, text } = await found('nobody-has-this-name');
    expect([status, (JSON.parse(text) as { items: readonly object[] }).items]).toEqual([200, []]);
  });

  it('replaces a reference as a whole: of two who apply halves of it the second owns all', async () => {
    const { manifest } = cases.find(({ name }) => name === 'scluster-maximal')!;
    const metadata = { name: 'whole', namespace };
    const spec = (caSecretRef: object) => ({ endpoints: ['https://es.example.org'], tls: { caSecretRef } });
    const path = `${pathOf('SearchCluster')}/whole`;
    const by = async (manager: string, caSecretRef: object): Promise<Reply> =>
      send(
        'PATCH',
        `${path}?fieldManager=${manager}&force=true`,
        { ...manifest, metadata, spec: spec(caSecretRef) },
        'application/apply-patch+yaml',
      );
    await expectDone(by('first', { name: 'a', key: 'own.crt' }));
    const { text } = await by('second', { name: 'b' });
    expect(JSON.parse(text)).toMatchObject({ spec: { tls: { caSecretRef: { name: 'b', key: 'ca.crt' } } } });
  });

  it('keeps the CRDs that are committed exactly as the ones that it judged by', async () => {
    for (const { resource } of kinds) {
      const file = new URL(`../../crds/${resource.plural}.yaml`, import.meta.url);
      const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${resource.plural}.${resource.group}`;
      const reply = await send(
        'PATCH',
        `${path}?fieldManager=crd-cases&force=true&dryRun=All`,
        readFileSync(file, 'utf8'),
        'application/apply-patch+yaml',
      );
      const before = JSON.parse((await send('GET', path)).text) as { metadata: { generation: number } };
      expect(JSON.parse(reply.text)).toMatchObject({ metadata: { generation: before.metadata.generation } });
    }
  });
});

describe('a status', () => {
  const condition = {
    type: 'Ready',
    status: 'True',
    reason: 'Connected',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
    observedGeneration: 1,
  };

  const withConditions = async (conditions: readonly object[]): Promise<Reply> => {
    const { manifest } = cases.find(({ name }) => name === 'scluster-maximal')!;
    await expectDone(applied(manifest));
    const path = `${pathOf('SearchCluster')}/${manifest.metadata.name}/status`;
    return send('PATCH', path, { status: { conditions } }, 'application/merge-patch+json');
  };

  it('takes a condition of the standard shape', async () => {
    expect(await withConditions([condition])).toMatchObject({ status: 200 });
  });

  it.each([
    ['without a reason', [{ ...condition, reason: undefined }]],
    ['with an empty reason', [{ ...condition, reason: '' }]],
    ['with a reason of two words', [{ ...condition, reason: 'not ready' }]],
    ['of the same type twice', [condition, condition]],
    ['with a time that is none', [{ ...condition, lastTransitionTime: 'yesterday' }]],
  ])('refuses a condition %s', async (_, conditions) => {
    expect(await withConditions(conditions)).toMatchObject({ status: 422 });
  });
});
