import { describe, expect, it } from '@jest/globals';
import { reindexRequestResource } from '../../../src/api/reindex-request.ts';
import { aDesk } from '../../support/fakes/a-desk.ts';

const live = { name: 'kibana-v8', number: 8 };
const retired = [
  { name: 'kibana-v7', number: 7 },
  { name: 'kibana-v5', number: 5 },
];

describe('reindeer rollback', () => {
  it.each([
    [[], undefined],
    [['--to-version', '5'], { toVersion: 5 }],
    [['--warm-first'], { warmFirst: true }],
  ])('asks for a return with %j', async (flags, rollback) => {
    const desk = aDesk();
    await desk.repo('kibana', {}, { live, retired });
    const { exitCode, out } = await desk.reindeer(['rollback', 'kibana', ...flags]);
    const [request] = await desk.kube.list(reindexRequestResource, desk.namespace);
    expect(request?.metadata.name).toMatch(/^kibana-back-[0-9a-f]{6}$/);
    expect({ exitCode, out }).toEqual({
      exitCode: 0,
      out: [`reindexrequest.reindeer.dev/${request?.metadata.name} created`],
    });
    const spec = { target: { repoRef: { name: 'kibana' } }, strategy: 'Rollback' };
    expect(request?.spec).toEqual(rollback === undefined ? spec : { ...spec, rollback });
  });

  it.each<[string, readonly string[], number, string]>([
    ['there is nothing to go back to', ['new'], 66, 'IndexedRepo new has no retired version to return to'],
    ['that version is gone', ['kibana', '--to-version', '6'], 66, 'IndexedRepo kibana has no retired version 6: it has 7, 5'], // prettier-ignore
    ['a request is named', ['rreq/kibana'], 64, 'that is a ReindexRequest: name the IndexedRepo'],
    ['there is no such IndexedRepo', ['kibanna'], 66, 'namespace shop has no IndexedRepo kibanna: did you mean kibana?'], // prettier-ignore
  ])('makes nothing when %s', async (_, args, exitCode, why) => {
    const desk = aDesk();
    await desk.repo('kibana', {}, { live, retired });
    await desk.repo('new');
    expect(await desk.reindeer(['rollback', ...args])).toEqual({ exitCode, out: [], err: [`error: ${why}`] });
    expect(await desk.kube.list(reindexRequestResource, desk.namespace)).toEqual([]);
  });

  it('fits the name of any IndexedRepo', async () => {
    const desk = aDesk();
    const long = `${'a'.repeat(50)}.${'b'.repeat(150)}`;
    await desk.repo(long, {}, { live, retired });
    expect((await desk.reindeer(['rollback', long])).exitCode).toBe(0);
    const [request] = await desk.kube.list(reindexRequestResource, desk.namespace);
    expect(request?.metadata.name.length).toBeLessThanOrEqual(63);
  });
});
