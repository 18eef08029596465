import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { reindexRequestResource } from '../../../src/api/reindex-request.ts';
import { spanText } from '../../../src/cli/people/run-row.ts';
import { RetryableError } from '../../../src/domain/errors.ts';
import { eventually } from '../../support/checks/eventually.ts';
import { aDesk, type ADesk } from '../../support/fakes/a-desk.ts';
import type { Said } from '../../support/real/people-program.ts';
import { aCondition, ended } from '../../support/objects/an-object.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reindeer-plan-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const written = (object: object): string => {
  const file = join(folder, 'object.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'reindeer.dev/v1alpha1', ...object }));
  return file;
};

const spec = { target: { repoRef: { name: 'kibana' } }, strategy: 'Rebuild' };
const aRequest = (more: object = {}, metadata: object = { name: 'weekly' }): string =>
  written({ kind: 'ReindexRequest', metadata, spec: { ...spec, ...more } });

const left = async ({ kube, namespace }: ADesk): Promise<readonly KubeObject[]> =>
  kube.list(reindexRequestResource, namespace);

const passed = {
  alias: 'kibana',
  preflight: {
    verdict: 'Pass',
    needBytes: 13_314_398_618,
    freeBytes: 86_000_000_000,
    shards: 6,
    estimatedSeconds: 840,
    checks: [{ name: 'Disk', ok: true, message: '12.4 GiB of 80.1 GiB' }],
  },
  conditions: [
    aCondition('Succeeded', 'True', 'DryRun', 'kibana serves kibana-v7 and would serve kibana-v8: nothing was done'),
    aCondition('Finished', 'True', 'DryRun'),
  ],
};
const refused = {
  alias: 'kibana',
  preflight: { verdict: 'Refuse', checks: [{ name: 'Disk', ok: false, message: '12.4 GiB of 1.0 GiB' }] },
  ...ended('VersionNotFound', 'too little'),
};

/** The request of a plan, once it is there: the file is read by real time. */
async function made(desk: ADesk, namespace = desk.namespace): Promise<KubeObject> {
  const found = async (): Promise<KubeObject | undefined> =>
    (await desk.kube.list(reindexRequestResource, namespace))[0];
  const request = await eventually('a request is made', 10_000, found);
  // By then it is waited for.
  await desk.clock.advance(100);
  return request;
}

/** Has the operator answer it; tells what it was. */
async function answered(desk: ADesk, planning: Promise<Said>, status: object): Promise<[Said, KubeObject]> {
  const request = await made(desk);
  await desk.report(request.metadata.name, status);
  await desk.clock.advance(5_000);
  return [await planning, request];
}

describe('reindeer plan', () => {
  it('tells what would be done, and leaves nothing behind', async () => {
    const desk = aDesk();
    const ofPeople = { paused: true, gates: ['BeforeSwitch'], bake: { for: '6h' }, ttlAfterFinished: '24h' };
    const file = aRequest({ deadline: '12h', ...ofPeople });
    const [said, request] = await answered(desk, desk.reindeer(['plan', '-f', file]), passed);
    expect(said).toEqual({
      exitCode: 0,
      out: [
        'CHECK  OK   MESSAGE',
        'Disk   yes  12.4 GiB of 80.1 GiB',
        'needs 12.4 GiB at its peak, free: 80.1 GiB; shards: 6; time: about 14m',
        'Rebuild of kibana could work: kibana serves kibana-v7 and would serve kibana-v8: nothing was done',
      ],
      err: [],
    });
    expect(request.metadata.name).toMatch(/^weekly-plan-[0-9a-f]{6}$/);
    // The file is checked whole; what a dry run has no use for is left away.
    expect(desk.tried).toMatchObject([{ spec: { ...spec, deadline: '12h', ...ofPeople } }]);
    expect(request.spec).toEqual({ ...spec, deadline: '12h', dryRun: true, ttlAfterFinished: '10m' });
    expect(await left(desk)).toEqual([]);
  });

  it('ends with 1 where it is refused, with what is missing', async () => {
    const desk = aDesk();
    const [said] = await answered(desk, desk.reindeer(['plan', '-f', aRequest()]), refused);
    expect(said).toMatchObject({
      exitCode: 1,
      out: [
        'CHECK  OK  MESSAGE',
        'Disk   NO  12.4 GiB of 1.0 GiB',
        'needs unknown at its peak, free: unknown; shards: unknown; time: unknown',
        'Rebuild of kibana refused: too little',
      ],
    });
    expect(await left(desk)).toEqual([]);
  });

  it('prints the object with what the operator found', async () => {
    const desk = aDesk();
    const [{ out }] = await answered(desk, desk.reindeer(['plan', '-f', aRequest(), '-o', 'json']), passed);
    expect(JSON.parse(out.join('\n'))).toMatchObject({ status: { preflight: { shards: 6 } } });
  });

  it('removes its request also when it is interrupted, and when no operator answers', async () => {
    const desk = aDesk();
    const planning = desk.reindeer(['plan', '-f', aRequest(), '--timeout', '10s']);
    await made(desk);
    await desk.clock.advance(15_000);
    expect(await planning).toMatchObject({
      exitCode: 75,
      err: ['no answer within 10s: does an operator run that watches namespace shop?'],
    });
    const again = desk.reindeer(['plan', '-f', aRequest()]);
    await made(desk);
    desk.interrupt.abort(new Error('SIGINT'));
    expect(await again).toMatchObject({ exitCode: 75, err: ['interrupted: nothing is known yet'] });
    expect(await left(desk)).toEqual([]);
  });

  it('removes a request of which it never heard whether it was made', async () => {
    const desk = aDesk();
    const create = desk.kube.create.bind(desk.kube);
    desk.kube.create = async (resource, object) => {
      await create(resource, object);
      throw new RetryableError('KubernetesUnavailable', 'no answer');
    };
    expect(await desk.reindeer(['plan', '-f', aRequest()])).toMatchObject({ exitCode: 75 });
    expect(await left(desk)).toEqual([]);
  });

  it('says what it could not remove', async () => {
    const desk = aDesk();
    desk.kube.delete = async () => {
      throw new RetryableError('KubernetesUnavailable', 'no answer');
    };
    const [said, request] = await answered(desk, desk.reindeer(['plan', '-f', aRequest()]), passed);
    const name = request.metadata.name;
    expect(said).toMatchObject({ exitCode: 0, err: [expect.stringContaining(`rreq/${name} could not be removed`)] });
  });

  it('keeps to the namespace of the file, unless -n says another one', async () => {
    const desk = aDesk();
    const file = aRequest({}, { name: 'weekly', namespace: 'other' });
    expect(await desk.reindeer(['plan', '-f', file, '-n', 'shop'])).toMatchObject({
      exitCode: 64,
      err: ['error: the object is of namespace other, -n says shop: give one of them'],
    });
    const planning = desk.reindeer(['plan', '-f', file]);
    await made(desk, 'other');
    desk.interrupt.abort(new Error('SIGINT'));
    await planning;
  });

  it.each<[string, readonly string[], RegExp]>([
    ['a file that is not there', ['-f', '/nowhere/a'], /^error: \/nowhere\/a cannot be read: ENOENT/],
    ['no file', [], /^error: required option '-f, --filename <file>' not specified/],
    ['a time-out that is none', ['-f', '/dev/null', '--timeout', 'soon'], /^error: --timeout is a duration/],
    ['an empty file', ['-f', '/dev/null'], /^error: the file cannot be planned: it holds 0 objects/],
  ])('refuses %s', async (_, args, why) => {
    const { exitCode, err } = await aDesk().reindeer(['plan', ...args]);
    expect([exitCode, err[0]]).toEqual([64, expect.stringMatching(why)]);
  });
});

describe('reindeer plan of an IndexedRepo', () => {
  const repoSpec = {
    clusterRef: { name: 'main' },
    alias: 'kibana',
    source: { url: 'https://git.example.org/kibana.git' },
    rebuild: { template: { deadline: '6h' } },
  };
  const aRepo = (more: object = {}): string =>
    written({ kind: 'IndexedRepo', metadata: { name: 'kibana' }, spec: { ...repoSpec, ...more } });
  const declared = async (desk: ADesk): Promise<unknown> => desk.repo('kibana', repoSpec);

  it('asks for a dry run of its rebuild, as the operator would make it', async () => {
    const desk = aDesk();
    await declared(desk);
    const [said, request] = await answered(desk, desk.reindeer(['plan', '-f', aRepo({ paused: true })]), passed);
    expect(said.exitCode).toBe(0);
    expect(request.spec).toEqual({ ...spec, deadline: '6h', dryRun: true, ttlAfterFinished: '10m' });
  });

  it.each<[string, object, number, RegExp]>([
    ['that is declared otherwise', { index: { shards: 3 } }, 64, /^error: IndexedRepo kibana is there with another spec\.index: apply it/], // prettier-ignore
    ['that cannot be', { alias: 'A' }, 64, /^error: IndexedRepo kibana: spec\.alias: /],
  ])('refuses one %s, and makes nothing', async (_, more, exitCode, why) => {
    const desk = aDesk();
    await declared(desk);
    const said = await desk.reindeer(['plan', '-f', aRepo(more)]);
    expect(said).toMatchObject({ exitCode, err: [expect.stringMatching(why)] });
    expect(await left(desk)).toEqual([]);
  });

  it('says how one is planned that is not there yet, which the API server has checked', async () => {
    const desk = aDesk();
    expect(await desk.reindeer(['plan', '-f', aRepo()])).toMatchObject({
      exitCode: 66,
      err: [expect.stringMatching(/is valid, but not in namespace shop, .*: apply it with spec\.paused/)],
    });
    expect(desk.tried).toMatchObject([{ kind: 'IndexedRepo', metadata: { name: 'kibana' } }]);
    expect(await desk.kube.list(indexedRepoResource, 'shop')).toEqual([]);
  });
});

describe('figures for people', () => {
  it('are times in the unit that fits', () => {
    expect([0, 45, 600, 12_000, 7_200, 200_000, 172_800].map(spanText)).toEqual(['0s', '45s', '10m', '3h20m', '2h', '2d7h', '2d']); // prettier-ignore
  });
});
