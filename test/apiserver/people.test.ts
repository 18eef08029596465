import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { crdOf, kinds } from '../../src/api/crd.ts';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { apiVersion } from '../../src/api/meta.ts';
import type { KubeObject, NewObject } from '../../src/api/object.ts';
import { peoplePermissions } from '../../src/api/people-rbac.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import type { KubeAccess } from '../../src/kube/access.ts';
import { createKube, type KubeClient, type WriteOptions } from '../../src/kube/client.ts';
import { loadKubeConfig } from '../../src/kube/kubeconfig.ts';
import { collectionPath } from '../../src/kube/paths.ts';
import type { Kube } from '../../src/kube/port.ts';
import { systemClock as clock } from '../../src/runtime/clock.ts';
import { component } from '../bed/components.ts';
import { readBedState } from '../bed/state.ts';
import { eventually } from '../support/checks/eventually.ts';
import { kubeBefore } from '../support/fakes/kube-before.ts';
import { ended } from '../support/objects/an-object.ts';
import { compiledMain } from '../support/real/compiled-main.ts';
import { startControlPlane, type ControlPlane } from '../support/real/control-plane.ts';
import { callForPeople, type Said } from '../support/real/people-program.ts';

/** The verbs for people on a real API server, as people who may not do everything, and once as the plugin that kubectl finds. */

const namespace = `people-${process.pid}`;
const writes: WriteOptions = { fieldManager: 'reindeer-cli', isStrict: true };
const requests = reindexRequestResource;

let plane: ControlPlane | undefined;
let kubeconfig: string;
let folder: string;
let admin: KubeClient;
const clients: KubeClient[] = [];
/** One for each user, and for each way to write. */
let users: Readonly<Record<'edit' | 'view', { readonly kube: Kube; readonly trial: Kube }>>;

beforeAll(async () => {
  const bed = readBedState();
  if (bed === undefined) plane = await startControlPlane();
  kubeconfig = bed?.kubeconfig ?? plane?.kubeconfig ?? '';
  folder = mkdtempSync(join(tmpdir(), 'reindeer-people-'));
  admin = client(await loadKubeConfig(kubeconfig), {});
  await send('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  for (const crd of kinds.map(crdOf)) await send('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd);
  for (const { resource } of kinds) {
    const path = collectionPath(resource, namespace);
    const answer = async (): Promise<boolean> => (await admin.transport.call({ method: 'GET', path })).status === 200;
    await eventually(`${resource.plural} served`, 60_000, answer);
  }
  users = { edit: await userWith('edit'), view: await userWith('view') };
  await admin.create(indexedRepoResource, aRepo);
}, 600_000);

afterAll(async () => {
  if (plane === undefined) await admin.transport.call({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
  await Promise.all(clients.map(async each => each.close()));
  await plane?.stop();
  rmSync(folder, { recursive: true });
});

const aRepo: NewObject = {
  apiVersion,
  kind: 'IndexedRepo',
  metadata: { namespace, name: 'kibana' },
  spec: { clusterRef: { name: 'main' }, alias: 'kibana', source: { url: 'https://git.example.org/kibana.git' } },
};

function client(access: KubeAccess, options: WriteOptions): KubeClient {
  const kube = createKube(access, { writes: options });
  clients.push(kube);
  return kube;
}

async function send(path: string, body: object): Promise<void> {
  const { status, body: answer } = await admin.transport.call({ method: 'POST', path, body });
  if (status >= 300 && status !== 409) throw new Error(JSON.stringify(answer));
}

/** Somebody with that role of the chart in the namespace, which holds what the roles before it hold. */
async function userWith(role: 'view' | 'edit'): Promise<{ readonly kube: Kube; readonly trial: Kube }> {
  const permissions = role === 'view' ? peoplePermissions.view : [...peoplePermissions.view, ...peoplePermissions.edit];
  const rules = permissions.map(({ apiGroups, resources, verbs }) => ({ apiGroups, resources, verbs }));
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const metadata = { name: role, namespace };
  const group = 'rbac.authorization.k8s.io';
  const subjects = [{ apiGroup: group, kind: 'User', name: `${role}-of-${namespace}` }];
  await send(`${rbac}/roles`, { apiVersion: `${group}/v1`, kind: 'Role', metadata, rules });
  const roleRef = { apiGroup: group, kind: 'Role', name: role };
  await send(`${rbac}/rolebindings`, { apiVersion: `${group}/v1`, kind: 'RoleBinding', metadata, subjects, roleRef });
  const whole = await loadKubeConfig(kubeconfig);
  const access: KubeAccess = {
    ...whole,
    credential: async () => {
      const { headers, tls } = await whole.credential();
      return { tls, headers: { ...headers, 'impersonate-user': `${role}-of-${namespace}` } };
    },
  };
  return { kube: client(access, writes), trial: client(access, { ...writes, isDryRun: true }) };
}

async function reindeer(args: readonly string[], as: 'edit' | 'view' = 'edit', before?: Kube): Promise<Said> {
  const { kube, trial } = users[as];
  const { signal } = new AbortController();
  return callForPeople(args, {
    deskFor: ({ dryRun }) => ({
      kube: before ?? (dryRun === 'server' ? trial : kube),
      trial,
      namespace,
      clock,
      signal,
    }),
  });
}

let made = 0;
let name: string;
let request: KubeObject;

async function aRequest(spec: object = {}): Promise<KubeObject> {
  made += 1;
  name = `run-${made}`;
  const whole = { target: { repoRef: { name: 'kibana' } }, strategy: 'Rebuild', gates: ['BeforeSwitch'], ...spec };
  const object = { apiVersion, kind: requests.kind, metadata: { namespace, name }, spec: whole };
  const created = await admin.create(requests, object);
  if (created === 'exists') throw new Error(`${name} exists`);
  return created;
}

async function report(object: KubeObject, status: object): Promise<void> {
  const found = await admin.get(requests, object.metadata);
  await admin.patchStatus(requests, object.metadata, found?.metadata.resourceVersion ?? '', status);
}

const stored = async (): Promise<KubeObject | undefined> => admin.get(requests, request.metadata);

describe('the verbs for people', () => {
  beforeEach(async () => {
    request = await aRequest();
  });

  it('change single fields under a name of their own', async () => {
    for (const verb of ['pause', 'resume', 'abort']) expect((await reindeer([verb, name])).exitCode).toBe(0);
    const object = await stored();
    expect(object?.spec).toMatchObject({ abort: true, gates: ['BeforeSwitch'] });
    expect(object?.spec).not.toHaveProperty('paused');
    expect(JSON.stringify(object?.metadata)).toMatch(/"manager":"reindeer-cli","operation":"Update"/);
  });

  it('approve a gate', async () => {
    expect(await reindeer(['approve', name, '--gate', 'BeforeSwitch'])).toMatchObject({ exitCode: 0, err: [] });
    expect((await stored())?.spec).toMatchObject({ approved: ['BeforeSwitch'] });
  });

  it('do nothing in a dry run', async () => {
    const said = await reindeer(['abort', name, '--dry-run=server']);
    expect(said).toMatchObject({ exitCode: 0, out: [expect.stringContaining('aborted (server dry run)')] });
    expect((await stored())?.spec).not.toHaveProperty('abort');
  });

  it('leave an object alone that was made anew under its name in between', async () => {
    const late = kubeBefore(users.edit.kube, async method => {
      if (method !== 'patch') return;
      await admin.delete(requests, request.metadata, request.metadata.uid);
      await admin.create(requests, {
        apiVersion,
        kind: requests.kind,
        metadata: { namespace, name },
        spec: request.spec,
      });
    });
    expect(await reindeer(['abort', `rreq/${name}`], 'edit', late)).toEqual({
      exitCode: 75,
      out: [],
      err: ['error: an object of that name was made anew in this moment: run the same command again'],
    });
    expect((await stored())?.spec).not.toHaveProperty('abort');
  });

  it('are refused in one line to those who may only look on', async () => {
    expect(await reindeer(['pause', name], 'view')).toEqual({
      exitCode: 77,
      out: [],
      err: [expect.stringMatching(/^error: .*cannot patch resource "reindexrequests".*: role "edit" in namespace/)],
    });
    expect((await stored())?.spec).not.toHaveProperty('paused');
    await report(request, ended('Superseded', 'another run'));
    const said = await reindeer(['watch', name], 'view');
    expect(said).toMatchObject({ exitCode: 81, out: [expect.stringContaining('Superseded: another run')] });
  });

  it('say where there is nothing of Reindeer', async () => {
    const { kube, trial } = users.edit;
    const { signal } = new AbortController();
    const elsewhere = { kube, trial, namespace: 'default', clock, signal };
    expect(await callForPeople(['pause', name], { deskFor: () => elsewhere })).toMatchObject({ exitCode: 77 });
    expect(await reindeer(['pause', 'none'])).toMatchObject({
      exitCode: 66,
      err: [`error: namespace ${namespace} has no ReindexRequest or IndexedRepo none: another one is given with -n`],
    });
  });

  it('ask for a rollback, and wait for it', async () => {
    const repo = await admin.get(indexedRepoResource, { namespace, name: 'kibana' });
    const retired = [{ name: 'kibana-v3', number: 3, indices: ['kibana-v3'] }];
    await admin.patchStatus(indexedRepoResource, { namespace, name: 'kibana' }, repo?.metadata.resourceVersion ?? '', { retired }); // prettier-ignore
    const waiting = reindeer(['rollback', 'kibana', '--to-version', '3', '--wait']);
    const asked = await eventually('a rollback is asked for', 20_000, async () =>
      (await admin.list(requests, namespace)).find(({ metadata }) => metadata.name.startsWith('kibana-back-')),
    );
    expect(asked.spec).toMatchObject({ strategy: 'Rollback', rollback: { toVersion: 3 } });
    await report(asked, { phase: 'Succeeded', ...ended('Succeeded', 'kibana serves kibana-v3') });
    expect(await waiting).toMatchObject({ exitCode: 0, err: [] });
  });
});

describe('reindeer plan', () => {
  const written = (spec: object): string => {
    const file = join(folder, 'request.json');
    writeFileSync(file, JSON.stringify({ apiVersion, kind: requests.kind, metadata: { name: 'weekly' }, spec }));
    return file;
  };
  const spec = { target: { repoRef: { name: 'kibana' } }, strategy: 'Rebuild' };
  const plans = async (): Promise<readonly KubeObject[]> =>
    (await admin.list(requests, namespace)).filter(({ metadata }) => metadata.name.startsWith('weekly-plan-'));

  it('makes a dry run that the schema takes, and removes it', async () => {
    const planning = reindeer([
      'plan',
      '-f',
      written({ ...spec, gates: ['AfterBake'], bake: { for: '1h' }, paused: true }),
    ]);
    const dry = await eventually('a dry run is made', 20_000, async () => (await plans())[0]);
    expect(dry.spec).toMatchObject({ dryRun: true });
    const [outcome, finished] = ended('Succeeded', 'kibana serves nothing').conditions ?? [];
    await report(dry, { conditions: [{ ...outcome, reason: 'DryRun' }, finished] });
    expect(await planning).toEqual({
      exitCode: 0,
      out: ['Rebuild of kibana could work: kibana serves nothing'],
      err: [],
    });
    expect(await plans()).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ['a rule', { ...spec, rollback: {} }, /rollback belongs to strategy Rollback/],
    ['a bound', { ...spec, bake: { for: '1s' } }, /spec\.bake\.for: .*must be a duration from 1m to 720h/],
    ['an unknown field', { ...spec, shards: 3 }, /unknown field "spec\.shards".*of another release than this program/],
  ])('is refused in one line for %s of the file, and makes nothing', async (_, bad, why) => {
    const said = await reindeer(['plan', '-f', written(bad)]);
    expect(said).toEqual({ exitCode: 64, out: [], err: [expect.stringMatching(why)] });
    expect(said.err[0]).not.toContain('\n');
    expect(await plans()).toEqual([]);
  });
});

describe('kubectl reindeer', () => {
  let path: string;

  beforeAll(async () => {
    const [main, kubernetes] = [await compiledMain(), await component('kubernetes')];
    for (const each of ['as', 'bin']) mkdirSync(join(folder, each));
    // What npm and the image lay out: the same file under three names.
    for (const as of ['reindeer', 'kubectl-reindeer', 'kubectl_complete-reindeer']) {
      symlinkSync(join(dirname(main), 'reindeer.js'), join(folder, 'as', as));
      const program = join(folder, 'bin', as);
      writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${join(folder, 'as', as)} "$@"\n`);
      chmodSync(program, 0o755);
    }
    path = [join(folder, 'bin'), kubernetes, process.env['PATH'] ?? ''].join(delimiter);
    request = await aRequest();
  }, 600_000);

  const kubectl = async (args: readonly string[], input = ''): Promise<Said> => {
    const command = spawn('kubectl', args, { env: { PATH: path, KUBECONFIG: kubeconfig, HOME: folder } });
    command.stdin.end(input);
    const [out, err] = await Promise.all([text(command.stdout), text(command.stderr), once(command, 'close')]);
    const lines = (said: string): readonly string[] => said.split('\n').filter(line => line !== '');
    return { exitCode: command.exitCode ?? -1, out: lines(out), err: lines(err) };
  };

  it('is this program', async () => {
    const said = await kubectl(['reindeer', 'pause', `rreq/${name}`, '-n', namespace, '-o', 'yaml']);
    expect(said).toMatchObject({ exitCode: 0, out: expect.arrayContaining(['  paused: true']) });
    expect((await stored())?.spec).toMatchObject({ paused: true });
    expect((await kubectl(['reindeer', '--help'])).out[0]).toBe('Usage: kubectl reindeer [options] [command]');
  });

  it('hands its exit code and one line on', async () => {
    expect(await kubectl(['reindeer', 'plan', '-n', namespace, '-f', '-'], 'kind: Pod')).toMatchObject({
      exitCode: 64,
    });
    await report(request, ended('RolledBack', 'spec.abort was set'));
    expect(await kubectl(['reindeer', 'watch', name, '-n', namespace])).toMatchObject({ exitCode: 82, err: [] });
  });

  it('is completed by kubectl with what the cluster holds', async () => {
    request = await aRequest();
    const { out } = await kubectl(['__complete', 'reindeer', 'abort', '-n', namespace, 'rreq/']);
    expect(out).toContain(`rreq/${name}\tRebuild of kibana, Pending`);
    expect(out.at(-1)).toBe(':4');
  });
});
