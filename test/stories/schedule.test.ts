import type { Reason } from '../../src/api/reasons.ts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { keys } from '../../src/api/meta.ts';
import { RetryableError, TerminalError } from '../../src/domain/errors.ts';
import type { ResolvedRef } from '../../src/git/remote.ts';
import { urlOf, World } from '../support/worlds/a-world.ts';
import { namespace } from '../support/worlds/world-view.ts';

describe('the light schedule', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    world.startOperator();
    await world.aCluster();
  });
  afterEach(async () => world.stopOperator());

  async function aReadyRepo(spec: object = {}): Promise<void> {
    await world.aRepo('kibana', spec);
    await world.ready('kibana');
  }

  const isLive = (commit: string) => async (): Promise<boolean> =>
    (await world.repo('kibana')).live?.shortCommit === commit.padEnd(10, '0');

  it('asks at its ticks and starts no pod when nothing is new', async () => {
    await aReadyRepo();
    const { asked } = world;
    await world.pass(3600, 10);
    expect(world.asked - asked).toBeGreaterThanOrEqual(5);
    expect(world.asked - asked).toBeLessThanOrEqual(7);
    expect(world.worker.ran).toEqual(['full kibana-v1 c1']);
  });

  it('asks at the hours of its time zone', async () => {
    // The clock starts at midnight UTC: 7:30 in Kolkata is 2:00 UTC.
    await aReadyRepo({ light: { schedule: '30 7 * * *' }, timeZone: 'Asia/Kolkata' });
    expect((await world.repo('kibana')).light?.next).toBe('2026-01-01T02:00:00Z');
    world.push('kibana', 'c2');
    await world.pass(7000, 10);
    expect(world.worker.ran).toHaveLength(1);
    await world.until('c2 is live', isLive('c2'), 10);
    expect(world.clock.now().toISOString()).toMatch(/^2026-01-01T02:0/);
    expect((await world.repo('kibana')).light?.next).toBe('2026-01-02T02:00:00Z');
  });

  it('makes one run of however many ticks and commits were missed', async () => {
    await aReadyRepo();
    await world.stopOperator();
    // 576 ticks of ten minutes.
    for (let hour = 0; hour < 96; hour += 1) {
      world.push('kibana', `c${hour + 2}`);
      await world.pass(3600, 3600);
    }
    world.startOperator();
    await world.until('the newest is live', isLive('c97'));
    expect(world.worker.ran).toEqual(['full kibana-v1 c1', 'incremental kibana-v1 c97']);
  });

  it.each([-3_600_000, 3_600_000])(
    'follows the remote within one interval of a clock that jumps by %d ms',
    async jump => {
      await aReadyRepo();
      await world.pass(1800, 10);
      world.clock.jump(jump);
      world.push('kibana', 'c2');
      await world.until('c2 is live', isLive('c2'), 12);
      await world.pass(7200, 10);
      expect(world.worker.ran).toEqual(['full kibana-v1 c1', 'incremental kibana-v1 c2']);
    },
  );

  it('says what the worker would not do, such as removing nearly everything, and serves on', async () => {
    await aReadyRepo();
    world.worker.fate = () => ({ exitCode: 64, reason: 'NothingSelected' });
    world.push('kibana', 'c2');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'RunFailed');
    expect((await world.repo('kibana')).light?.last).toMatchObject({ outcome: 'Failed', reason: 'NothingSelected' });
    expect((await world.condition(indexedRepoResource, 'kibana', 'Fresh'))?.message).toContain('NothingSelected');
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    expect((await world.repo('kibana')).live?.shortCommit).toBe('c100000000');
  });

  it('asks at once when run-now is set to a new value', async () => {
    await aReadyRepo({ light: { schedule: '0 0 1 1 *' } });
    world.push('kibana', 'c2');
    await world.pass(600, 5);
    expect(world.worker.ran).toHaveLength(1);
    const annotations = { [keys.runNow]: 'ci-4711' };
    await world.kube.patch(indexedRepoResource, { namespace, name: 'kibana' }, undefined, {
      metadata: { annotations },
    });
    await world.until('c2 is live', isLive('c2'), 1);
    expect((await world.repo('kibana')).light?.lastRunNow).toBe('ci-4711');
  });

  it('repairs the live version in place when the selection changes, without a new commit and without a rebuild', async () => {
    await aReadyRepo();
    await world.aRepo('kibana', { source: { url: urlOf('kibana'), include: ['src/**'] } });
    await world.until('a light run', () => world.worker.ran.length === 2);
    await world.pass(1200, 5);
    expect(world.worker.ran).toEqual(['full kibana-v1 c1', 'incremental kibana-v1 c1']);
    expect(await world.requests()).toHaveLength(1);
  });

  it('follows a force push, whichever commit comes', async () => {
    await aReadyRepo();
    world.push('kibana', 'c9');
    await world.until('c9 is live', isLive('c9'));
    world.push('kibana', 'c1');
    await world.until('c1 is live', isLive('c1'));
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'UpToDate');
  });

  it.each([
    // What the schema refuses never comes this far.
    ['0 0 30 2 *', 'Etc/UTC', 'InvalidSchedule'],
    ['0 0 31 4 *', 'Etc/UTC', 'InvalidSchedule'],
    ['0 2 * * *', 'Mars/Olympus', 'InvalidTimeZone'],
  ] as const)('that nobody can follow, "%s" in %s, is %s: the alias serves on', async (schedule, timeZone, reason) => {
    await aReadyRepo();
    await world.aRepo('kibana', { light: { schedule }, timeZone });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', reason);
    expect(await world.condition(indexedRepoResource, 'kibana', 'Ready')).toMatchObject({ status: 'True' });
    world.push('kibana', 'c2');
    await world.pass(1800, 10);
    expect(world.worker.ran).toHaveLength(1);
    await world.aRepo('kibana');
    await world.until('c2 is live', isLive('c2'));
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False');
  });

  it('tries a failing run again after growing pauses, counts them, and forgets them after a good one', async () => {
    await aReadyRepo();
    const tries: number[] = [];
    world.worker.fate = ({ mode }) => {
      if (mode !== 'incremental') return 'succeed';
      tries.push(world.clock.now().getTime());
      return 'fail';
    };
    world.push('kibana', 'c2');
    await world.until('four tries', () => tries.length === 4, 60);
    const pauses = tries.slice(1).map((at, i) => Math.round((at - (tries[i] ?? 0)) / 1000));
    expect(pauses[0]).toBeGreaterThanOrEqual(30);
    expect(pauses[1]).toBeGreaterThanOrEqual(60);
    expect(pauses[2]).toBeGreaterThanOrEqual(120);
    await world.until('the fourth is counted', async () => (await world.repo('kibana')).light?.failures === 4);
    expect((await world.repo('kibana')).light).toMatchObject({
      failures: 4,
      last: { outcome: 'Failed', reason: 'WorkerFailed' },
    });
    expect(await world.condition(indexedRepoResource, 'kibana', 'Ready')).toMatchObject({ status: 'True' });
    world.worker.fate = () => 'succeed';
    await world.until('c2 is live', isLive('c2'));
    await world.until('no failures', async () => (await world.repo('kibana')).light?.failures === 0);
    expect((await world.jobs()).filter(job => job.metadata.ownerReferences?.[0]?.kind === 'IndexedRepo')).toHaveLength(
      1,
    );
  });

  it('counts a run that says that it ended well and left nothing as failed, with pauses', async () => {
    await aReadyRepo();
    world.worker.fate = () => 'lie';
    world.push('kibana', 'c2');
    await world.pass(1800, 5);
    const { light } = await world.repo('kibana');
    expect(light).toMatchObject({ last: { outcome: 'Failed', reason: 'VerificationFailed' } });
    expect(light?.failures).toBeGreaterThanOrEqual(3);
    expect(light?.failures).toBeLessThanOrEqual(7);
    world.worker.fate = () => 'succeed';
    await world.until('c2 is live', isLive('c2'), 60);
  });

  it('turns Fresh to False when the live version has been behind for longer than freshWithin', async () => {
    await aReadyRepo({ freshWithin: '30m' });
    world.worker.fate = () => 'fail';
    world.push('kibana', 'c2');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'RunFailed');
    const since = Date.parse((await world.repo('kibana')).source?.behindSince ?? '');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'False', 'RunFailed', 60);
    const late = (world.clock.now().getTime() - since) / 1000;
    expect(late).toBeGreaterThanOrEqual(1800);
    expect(late).toBeLessThan(1810);
    world.worker.fate = () => 'succeed';
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True', 'UpToDate', 90);
    expect((await world.repo('kibana')).source?.behindSince).toBeUndefined();
  });

  it('keeps Ready True and turns Fresh to Unknown while the remote cannot be asked', async () => {
    await aReadyRepo();
    world.remote.set(urlOf('kibana'), new RetryableError('RemoteUnreachable', 'git.example.org: no answer in time'));
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'Unknown', 'RemoteUnreachable');
    expect(await world.condition(indexedRepoResource, 'kibana', 'Ready')).toMatchObject({ status: 'True' });
    expect(await world.condition(indexedRepoResource, 'kibana', 'Stalled')).toMatchObject({ status: 'False' });
    const { asked } = world;
    await world.pass(3600, 10);
    expect(world.asked - asked).toBeLessThan(20);
    world.push('kibana', 'c2');
    await world.until('c2 is live', isLive('c2'), 10);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Fresh', 'True');
  });

  const answers: readonly [Reason, ResolvedRef | Error][] = [
    ['RefNotFound', { is: 'RefNotFound', message: 'there is no branch or tag "main"' }],
    ['RefAmbiguous', { is: 'RefAmbiguous', message: 'a branch and a tag are named "main"' }],
    ['EmptyRepository', { is: 'EmptyRepository', message: 'the repository has no commit yet' }],
    ['AuthenticationFailed', new TerminalError('AuthenticationFailed', 'it refused the credentials')],
    ['UnknownCA', new TerminalError('UnknownCA', 'its certificate is not signed by a CA that is known here')],
    ['RepositoryNotFound', new TerminalError('RepositoryNotFound', 'it has no repository there')],
    ['HostNotAllowed', new TerminalError('HostNotAllowed', 'the host is not allowed')],
  ];

  it.each(answers)(
    'says %s before the first build, asks for nothing, and goes on by itself',
    async (reason, answer) => {
      world.remote.set(urlOf('kibana'), answer);
      await world.aRepo('kibana');
      await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', reason);
      await world.pass(900, 5);
      expect(await world.requests()).toEqual([]);
      expect(await world.condition(indexedRepoResource, 'kibana', 'Ready')).toMatchObject({
        status: 'False',
        reason,
      });
      expect(await world.condition(indexedRepoResource, 'kibana', 'Reconciling')).toMatchObject({ status: 'False' });
      world.push('kibana', 'c1');
      await world.ready('kibana');
      await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False');
    },
  );

  it.each(answers)('says %s for a live version, which serves on, and goes on by itself', async (reason, answer) => {
    await aReadyRepo();
    world.remote.set(urlOf('kibana'), answer);
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', reason);
    expect(await world.condition(indexedRepoResource, 'kibana', 'Fresh')).toMatchObject({ status: 'Unknown', reason });
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    world.push('kibana', 'c2');
    await world.until('c2 is live', isLive('c2'));
  });

  it('says SecretNotFound for a Git Secret that is missing, InvalidSecret for an empty one, and goes on by itself', async () => {
    const source = { url: urlOf('kibana'), secretRef: { name: 'git' } };
    await world.aRepo('kibana', { source });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'SecretNotFound');
    expect(await world.requests()).toEqual([]);
    await world.aSecret('git', { username: 'ci' });
    await world.until('what it lacks is said', async () =>
      /needs username and password/.test(
        (await world.condition(indexedRepoResource, 'kibana', 'Stalled'))?.message ?? '',
      ),
    );
    await world.aSecret('git', { token: '\n' });
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', 'InvalidSecret');
    await world.aSecret('git', { token: 's3cret\n' });
    await world.ready('kibana');
    expect(JSON.stringify(world.log.lines)).not.toContain('s3cret');
  });
});
