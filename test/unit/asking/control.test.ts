import { describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import type { Resource } from '../../../src/api/object.ts';
import { reindexRequestResource } from '../../../src/api/reindex-request.ts';
import { ConflictError } from '../../../src/domain/errors.ts';
import { aDesk, type ADesk } from '../../support/fakes/a-desk.ts';
import { kubeBefore } from '../../support/fakes/kube-before.ts';
import { ended } from '../../support/objects/an-object.ts';

const specOf = async (
  { kube, namespace }: ADesk,
  name: string,
  resource: Resource = reindexRequestResource,
): Promise<unknown> => (await kube.get(resource, { namespace, name }))?.spec;

describe('reindeer pause and resume', () => {
  it.each(['run', 'rreq/run', 'ReindexRequest/run', 'reindexrequests.reindeer.dev/run', 'irepo/kibana', 'kibana'])(
    'stop and let go on the run that is called %s',
    async argument => {
      const desk = aDesk();
      await desk.repo('kibana');
      await desk.request('run');
      const name = 'reindexrequest.reindeer.dev/run';
      expect(await desk.reindeer(['pause', argument])).toEqual({ exitCode: 0, out: [`${name} paused`], err: [] });
      expect(await specOf(desk, 'run')).toMatchObject({ paused: true, strategy: 'Rebuild' });
      expect(await desk.reindeer(['pause', argument])).toMatchObject({ out: [`${name} paused (no change)`] });
      expect(await desk.reindeer(['resume', argument])).toEqual({ exitCode: 0, out: [`${name} resumed`], err: [] });
      expect(await specOf(desk, 'run')).not.toHaveProperty('paused');
      expect(await specOf(desk, 'kibana', indexedRepoResource)).toEqual({ alias: 'kibana' });
    },
  );

  it('turn to the IndexedRepo itself when it has no run', async () => {
    const desk = aDesk();
    await desk.repo('kibana');
    await desk.request('over', {}, ended('Succeeded'));
    const name = 'indexedrepo.reindeer.dev/kibana';
    expect(await desk.reindeer(['pause', 'kibana'])).toMatchObject({ exitCode: 0, out: [`${name} paused`] });
    expect(await specOf(desk, 'kibana', indexedRepoResource)).toMatchObject({ paused: true });
    expect(await desk.reindeer(['resume', 'kibana'])).toMatchObject({ exitCode: 0, out: [`${name} resumed`] });
    expect(await desk.reindeer(['resume', 'kibana'])).toMatchObject({ out: [`${name} resumed (no change)`] });
  });

  it('let both go on where the IndexedRepo and its run are paused', async () => {
    const desk = aDesk();
    await desk.repo('kibana', { paused: true });
    await desk.request('run', { paused: true });
    const out = ['indexedrepo.reindeer.dev/kibana resumed', 'reindexrequest.reindeer.dev/run resumed'];
    expect(await desk.reindeer(['resume', 'irepo/kibana'])).toMatchObject({ exitCode: 0, out });
  });
});

describe('reindeer abort', () => {
  it.each([
    [{}, 'what it has built is undone; what the alias serves is left as it is'],
    [{ switched: 't', bakeUntil: 't', from: { name: 'kibana-v6' } }, 'the alias goes back to kibana-v6'],
    [{ switched: 't' }, 'the alias serves its new version already: `reindeer rollback` goes back'],
  ])('says what follows when %j', async (status, follows) => {
    const desk = aDesk();
    await desk.request('run', {}, status);
    const out = ['reindexrequest.reindeer.dev/run aborted'];
    expect(await desk.reindeer(['abort', 'run'])).toEqual({ exitCode: 0, out, err: [follows] });
    expect(await specOf(desk, 'run')).toMatchObject({ abort: true });
    expect((await desk.reindeer(['abort', 'run'])).out).toEqual([`${out.join('')} (no change)`]);
  });
});

describe('reindeer approve', () => {
  const gates = ['BeforeSwitch', 'AfterBake'];

  it('lets a run through the gate that it waits at, and keeps what was approved before', async () => {
    const desk = aDesk();
    await desk.request('run', { gates, approved: ['BeforeSwitch'] }, { gate: 'AfterBake' });
    const out = ['reindexrequest.reindeer.dev/run approved at AfterBake'];
    expect(await desk.reindeer(['approve', 'run'])).toEqual({ exitCode: 0, out, err: [] });
    expect(await specOf(desk, 'run')).toMatchObject({ approved: gates });
    expect((await desk.reindeer(['approve', 'run'])).out).toEqual([`${out.join('')} (no change)`]);
  });

  it('takes a gate ahead of time, if it is one of the run', async () => {
    const desk = aDesk();
    await desk.request('run', { gates: ['BeforeSwitch'] }, { phase: 'Building' });
    expect(await desk.reindeer(['approve', 'run'])).toMatchObject({
      exitCode: 80,
      err: ['error: rreq/run waits at no gate (Building): --gate BeforeSwitch approves it ahead of time'],
    });
    expect(await desk.reindeer(['approve', 'run', '--gate', 'AfterBake'])).toMatchObject({
      exitCode: 64,
      err: ['error: rreq/run has no gate AfterBake: it has BeforeSwitch'],
    });
    expect(await desk.reindeer(['approve', 'run', '--gate', 'BeforeSwitch'])).toMatchObject({ exitCode: 0 });
    expect(await specOf(desk, 'run')).toMatchObject({ approved: ['BeforeSwitch'] });
  });

  it('lets a run past checks that are unclear, also at a gate, and ahead of time where that is named', async () => {
    const desk = aDesk();
    const conditions = [{ type: 'Paused', status: 'True', reason: 'Unclear', message: '' }];
    await desk.request('run', { gates }, { gate: 'BeforeSwitch', conditions });
    await desk.request('other');
    const out = ['reindexrequest.reindeer.dev/run approved as unclear'];
    expect(await desk.reindeer(['approve', 'run'])).toEqual({ exitCode: 0, out, err: [] });
    expect(await specOf(desk, 'run')).toMatchObject({ approved: ['Unclear'] });
    expect(await desk.reindeer(['approve', 'other', '--gate', 'Unclear'])).toMatchObject({ exitCode: 0 });
    expect(await specOf(desk, 'other')).toMatchObject({ approved: ['Unclear'] });
  });

  it('loses no gate that somebody else approves in the same moment', async () => {
    const desk = aDesk();
    await desk.request('run', { gates });
    let isFirst = true;
    const raced = kubeBefore(desk.kube, async method => {
      if (isFirst && method === 'patch') await desk.kube.patch(reindexRequestResource, { namespace: 'shop', name: 'run' }, undefined, { spec: { approved: ['AfterBake'] } }); // prettier-ignore
      if (method === 'patch') isFirst = false;
    });
    expect(await desk.reindeer(['approve', 'run', '--gate', 'BeforeSwitch'], raced)).toMatchObject({ exitCode: 0 });
    expect(await specOf(desk, 'run')).toMatchObject({ approved: ['AfterBake', 'BeforeSwitch'] });
  });

  it('gives up in one line when it never comes first', async () => {
    const desk = aDesk();
    await desk.request('run', { gates });
    const raced = kubeBefore(desk.kube, method => {
      if (method === 'patch') throw new ConflictError('not this version');
    });
    expect(await desk.reindeer(['approve', 'run', '--gate', 'AfterBake'], raced)).toEqual({
      exitCode: 75,
      out: [],
      err: ['error: the object was changed in this moment: run the same command again'],
    });
  });
});

describe('a verb for people', () => {
  it.each<[string, readonly string[], number, string]>([
    ['no such object', ['pause', 'kibanna'], 66, 'namespace shop has no ReindexRequest or IndexedRepo kibanna: did you mean kibana?'], // prettier-ignore
    ['no such request', ['abort', 'rreq/none'], 66, 'namespace shop has no ReindexRequest none: another one is given with -n'], // prettier-ignore
    ['a run that is over', ['abort', 'over'], 80, 'rreq/over is over (Succeeded): nothing was done'],
    ['no unfinished run', ['approve', 'billing'], 66, 'billing has no unfinished run'],
    ['several runs', ['pause', 'kibana'], 64, 'IndexedRepo kibana has 2 unfinished runs, name one: rreq/a (Rebuild, Building), rreq/b (Rollback, Pending)'], // prettier-ignore
    ['a name that two have', ['pause', 'two'], 64, 'both a ReindexRequest and an IndexedRepo are called two: write rreq/two or irepo/two'], // prettier-ignore
    ['another kind', ['pause', 'pod/a'], 64, '"pod/a" names no run: give NAME, rreq/NAME or irepo/NAME'],
    ['no name', ['pause', ''], 64, '"" names no run: give NAME, rreq/NAME or irepo/NAME'],
    ['a way out of its place', ['pause', '../a'], 64, '"../a" names no run: give NAME, rreq/NAME or irepo/NAME'],
  ])('refuses %s in one line', async (_, args, exitCode, why) => {
    const desk = aDesk();
    for (const name of ['kibana', 'billing', 'two']) await desk.repo(name);
    await desk.request('a', {}, { phase: 'Building' });
    await desk.request('b', { strategy: 'Rollback' });
    await desk.request('two', { target: { repoRef: { name: 'billing' } } }, ended('Succeeded'));
    await desk.request('over', {}, ended('Succeeded'));
    expect(await desk.reindeer(args)).toEqual({ exitCode, out: [], err: [`error: ${why}`] });
  });

  it('prints the object as kubectl does', async () => {
    const desk = aDesk();
    await desk.request('run');
    const { out } = await desk.reindeer(['pause', 'run', '-o', 'json']);
    const object = JSON.parse(out.join('\n')) as object;
    expect(object).toMatchObject({ kind: 'ReindexRequest', metadata: { name: 'run' }, spec: { paused: true } });
    expect((await desk.reindeer(['pause', 'run', '-o', 'yaml'])).out).toContain('  paused: true');
    expect((await desk.reindeer(['pause', 'run', '-o', 'name'])).out).toEqual(['reindexrequest.reindeer.dev/run']);
  });

  it('says that nothing was done of a dry run', async () => {
    const desk = aDesk();
    await desk.request('run');
    const { out, err } = await desk.reindeer(['abort', 'run', '--dry-run=server', '-n', 'shop']);
    expect({ out, err }).toEqual({ out: ['reindexrequest.reindeer.dev/run aborted (server dry run)'], err: [] });
    expect(desk.flags).toMatchObject({ dryRun: 'server', namespace: 'shop' });
    expect((await desk.reindeer(['abort', 'run', '--dry-run=client'])).exitCode).toBe(64);
  });
});
