import { describe, expect, it } from '@jest/globals';
import { reindexRequestResource } from '../../../src/api/reindex-request.ts';
import { RetryableError } from '../../../src/domain/errors.ts';
import { aDesk, type ADesk } from '../../support/fakes/a-desk.ts';
import { kubeBefore } from '../../support/fakes/kube-before.ts';
import type { Said } from '../../support/real/people-program.ts';
import { aCondition, ended } from '../../support/objects/an-object.ts';

const progress = { unit: 'Files', done: 41, total: 100, perSecond: 3100, summary: '41% 3.1k/s', eta: '2026-01-01T00:04:00Z' }; // prettier-ignore
const running = { conditions: [aCondition('Succeeded', 'Unknown', 'Running')] };
const building = { ...running, phase: 'Building', alias: 'kibana', progress, from: { name: 'kibana-v7' }, to: { name: 'kibana-v8' } }; // prettier-ignore

/** Turns the clock until the command has ended. */
async function ending(desk: ADesk, command: Promise<Said>): Promise<Said> {
  let said: Said | undefined;
  void command.then(end => (said = end));
  for (let turns = 0; said === undefined && turns < 500; turns += 1) await desk.clock.advance(1_000);
  if (said === undefined) throw new Error('the command never ended');
  return said;
}

describe('reindeer watch', () => {
  it('says in lines what is new, and with its exit code how it ended', async () => {
    const desk = aDesk();
    await desk.request('run', {}, building);
    const watching = desk.reindeer(['watch', 'run']);
    await desk.clock.advance(10_000);
    await desk.report('run', { ...building, progress: { ...progress, summary: '42% 3.1k/s' } });
    await desk.clock.advance(10_000);
    await desk.report('run', { ...building, progress: { ...progress, summary: '50% 3.1k/s' } });
    await desk.clock.advance(20_000);
    await desk.report('run', { phase: 'Succeeded', ...ended('Succeeded', 'kibana-v8 serves') });
    expect(await ending(desk, watching)).toEqual({
      exitCode: 0,
      out: [
        '2026-01-01T00:00:00Z run Building 41% 3.1k/s kibana-v7 -> kibana-v8',
        '2026-01-01T00:00:30Z run Building 50% 3.1k/s kibana-v7 -> kibana-v8',
        '2026-01-01T00:00:42Z run Succeeded kibana-v8 serves',
      ],
      err: [],
    });
  });

  it.each([
    ['Succeeded', 0],
    ['DryRun', 0],
    ['VerificationFailed', 1],
    ['Aborted', 81],
    ['Superseded', 81],
    ['RolledBack', 82],
  ] as const)('of a run that is over already, as %s, ends with %d', async (reason, exitCode) => {
    const desk = aDesk();
    const [condition, finished] = ended(reason).conditions ?? [];
    const status = reason === 'DryRun' ? 'True' : condition?.status;
    await desk.request('run', {}, { phase: 'X', conditions: [{ ...condition, status }, finished] });
    expect(await desk.reindeer(['watch', 'run'])).toMatchObject({ exitCode, out: [expect.stringContaining(reason)] });
  });

  it('draws one line per run over itself on a terminal, with what each waits for', async () => {
    const desk = aDesk({ isTTY: true });
    await desk.request('a', {}, building);
    const gate = { conditions: [aCondition('Paused', 'True', 'AwaitingApproval')], gate: 'BeforeSwitch' };
    await desk.request('b', {}, { ...gate, phase: 'AwaitingApproval' });
    const baking = { conditions: [aCondition('Succeeded', 'Unknown', 'Baking')], phase: 'Baking' };
    await desk.request('c', {}, { ...baking, bakeUntil: '2026-01-01T02:00:00Z' });
    await desk.request(
      'd',
      { strategy: 'Rollback' },
      { ...running, queue: { position: 2, behind: 'ReindexRequest/shop/a' } },
    );
    await desk.request('over', {}, ended('Succeeded'));
    await desk.request('dry', { dryRun: true });
    const watching = desk.reindeer(['watch']);
    await desk.clock.advance(1_000);
    const lines = (desk.drawn[0] ?? '').replaceAll('\u001b[K', '').split('\n');
    expect(lines.slice(0, -1)).toEqual([
      '\rNAME  ALIAS   STRATEGY  PHASE             PROGRESS                       ETA  REMARK',
      'a     kibana  Rebuild   Building          [=======         ] 41% 3.1k/s  4m   kibana-v7 -> kibana-v8',
      'b     kibana  Rebuild   AwaitingApproval  -                              -    waits at gate BeforeSwitch for `reindeer ', // prettier-ignore
      'c     kibana  Rebuild   Baking            -                              -    bakes until 2026-01-01T02:00:00Z (2h more', // prettier-ignore
      'd     kibana  Rollback  Pending           -                              -    place 2 in the queue, behind ReindexReque', // prettier-ignore
    ]);
    for (const name of ['a', 'b', 'd']) await desk.report(name, ended('Succeeded'));
    await desk.report('c', ended('Aborted'));
    expect(await ending(desk, watching)).toEqual({ exitCode: 81, out: [], err: [] });
    expect(desk.drawn[1]).toMatch(/^\u001b\[5A\rNAME/);
  });

  it('never steers the terminal by what an object says', async () => {
    for (const isTTY of [true, false]) {
      const desk = aDesk({ isTTY });
      await desk.request('run', {}, { phase: '\u001b[2JX', ...ended('VerificationFailed', 'a\nb\u001b[1A') });
      const { out } = await desk.reindeer(['watch', 'run']);
      const shown = isTTY ? desk.drawn.join('').replaceAll(/\u001b\[[KJ]/g, '') : out.join('');
      expect(shown).not.toContain('\u001b');
      expect(shown).toContain('\\u001b[2JX');
    }
  });

  it('of an IndexedRepo shows what is at work, else the last run', async () => {
    const desk = aDesk();
    await desk.repo('kibana');
    expect(await desk.reindeer(['watch', 'kibana'])).toEqual({ exitCode: 0, out: [], err: ['namespace shop: no run is at work'] }); // prettier-ignore
    await desk.request('old', {}, ended('Succeeded'));
    await desk.clock.advance(1_000);
    await desk.request('last', {}, { phase: 'Failed', ...ended('VerificationFailed') });
    await desk.request('other', { target: { repoRef: { name: 'billing' } } }, building);
    const over = await desk.reindeer(['watch', 'kibana']);
    expect(over).toMatchObject({ exitCode: 1, out: [expect.stringContaining(' last Failed ')] });
    await desk.request('new', {}, building);
    const watching = desk.reindeer(['watch', 'kibana']);
    await desk.clock.advance(1_000);
    desk.kube.remove(reindexRequestResource, { namespace: 'shop', name: 'new' });
    const gone = await ending(desk, watching);
    expect(gone).toMatchObject({ exitCode: 81, out: [expect.stringContaining(' new Building ')], err: ['rreq/new was deleted'] }); // prettier-ignore
  });

  it('follows a run, not another one of the same name', async () => {
    const desk = aDesk();
    await desk.request('run', {}, building);
    const watching = desk.reindeer(['watch', 'rreq/run']);
    await desk.clock.advance(1_000);
    desk.kube.remove(reindexRequestResource, { namespace: 'shop', name: 'run' });
    await desk.request('run', {}, ended('Succeeded'));
    expect(await ending(desk, watching)).toMatchObject({ exitCode: 81, err: ['rreq/run was deleted'] });
  });

  it('waits five minutes for an API server that does not answer, and says so once', async () => {
    const desk = aDesk();
    await desk.request('run', {}, building);
    const away = { is: false };
    const kube = kubeBefore(desk.kube, () => {
      if (away.is) throw new RetryableError('KubernetesUnavailable', 'no answer');
    });
    const watching = desk.reindeer(['watch', 'rreq/run'], kube);
    await desk.clock.advance(1_000);
    away.is = true;
    await desk.clock.advance(200_000);
    away.is = false;
    await desk.clock.advance(10_000);
    away.is = true;
    const { exitCode, err } = await ending(desk, watching);
    expect(exitCode).toBe(75);
    expect(err).toEqual([
      'the API server does not answer, it is asked again: no answer',
      'the API server does not answer, it is asked again: no answer',
      'error: no answer: is this the cluster that you mean (--context, --kubeconfig)?',
    ]);
  });

  it('leaves the runs alone when it is interrupted', async () => {
    const desk = aDesk();
    await desk.request('run', {}, building);
    const watching = desk.reindeer(['watch']);
    await desk.clock.advance(1_000);
    desk.interrupt.abort(new Error('SIGINT'));
    expect(await watching).toMatchObject({ exitCode: 75, err: ['no longer watched; the runs themselves go on'] });
  });

  it('prints each object that changed, where that is asked for', async () => {
    const desk = aDesk();
    await desk.request('run', {}, building);
    const watching = desk.reindeer(['watch', 'run', '-o', 'json']);
    await desk.clock.advance(10_000);
    await desk.report('run', { phase: 'Succeeded', ...ended('Succeeded') });
    const { out } = await ending(desk, watching);
    expect(out.filter(line => line === '{')).toHaveLength(2);
    expect(out).toContain('        "phase": "Succeeded",');
  });
});

describe('reindeer rollback --wait', () => {
  const retired = { retired: [{ name: 'kibana-v7', number: 7 }] };

  it.each([
    ['Succeeded', 0],
    ['VersionNotFound', 1],
  ] as const)('ends as the run does: %s', async (reason, exitCode) => {
    const desk = aDesk();
    await desk.repo('kibana', {}, retired);
    const waiting = desk.reindeer(['rollback', 'kibana', '--wait']);
    await desk.clock.advance(3_000);
    const [request] = await desk.kube.list(reindexRequestResource, 'shop');
    await desk.report(request?.metadata.name ?? '', ended(reason));
    const { out, ...said } = await ending(desk, waiting);
    expect(said).toEqual({ exitCode, err: [] });
    expect(out).toEqual([
      expect.stringMatching(/ created$/),
      expect.stringMatching(/ Pending$/),
      expect.stringContaining(reason),
    ]);
  });

  it('prints the object as it is in the end', async () => {
    const desk = aDesk();
    await desk.repo('kibana', {}, retired);
    const waiting = desk.reindeer(['rollback', 'kibana', '--wait', '-o', 'json']);
    await desk.clock.advance(3_000);
    const [request] = await desk.kube.list(reindexRequestResource, 'shop');
    await desk.report(request?.metadata.name ?? '', { phase: 'Succeeded', ...ended('Succeeded') });
    const { out } = await ending(desk, waiting);
    expect(JSON.parse(out.join('\n'))).toMatchObject({ status: { phase: 'Succeeded' } });
  });
});
