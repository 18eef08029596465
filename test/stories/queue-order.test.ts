import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { RefusedRequestError, RetryableError, TerminalError } from '../../src/domain/errors.ts';
import { patienceMs } from '../../src/runs/line.ts';
import {
  aQueue,
  atWork,
  firstBuilds,
  idleRepos,
  runOf,
  starts,
  untilEnded,
  waiting,
} from '../support/worlds/a-queue.ts';
import { urlOf, World } from '../support/worlds/a-world.ts';
import { key } from '../support/worlds/world-view.ts';

describe('a queue of requests', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.startOperator();
  });
  afterEach(async () => world.stopOperator());

  const reason = async (repo: string): Promise<string | undefined> =>
    (await world.condition(reindexRequestResource, runOf(repo), 'Succeeded'))?.reason;

  /** The look that makes this call never ends, and no other look at the same request begins. */
  function neverAnswers(what: string): void {
    const before = world.meddle;
    world.meddle = async (call, carryOut) =>
      call.what === what ? new Promise<never>(() => undefined) : before(call, carryOut);
  }

  /** The run that is at work ends: which one begins after it, and goes on, and how many ms later that is. */
  async function next(order: readonly string[]): Promise<{ readonly began: string | undefined; readonly ms: number }> {
    const { length } = order;
    const [first] = await atWork(world);
    world.worker.fate = ({ index }) => (index.startsWith(`${first}-`) ? 'succeed' : 'hang');
    await world.until('it has ended', async () => !(await atWork(world)).some(repo => repo === first));
    const endedMs = world.clock.elapsedMs();
    await world.until('the next one begins', () => order.length > length);
    const ms = world.clock.elapsedMs() - endedMs;
    await world.until('it is at work', async () => (await atWork(world)).join() === order.at(-1));
    return { began: order.at(-1), ms };
  }

  /** The same, where it begins as soon as it is woken: sooner than anything on a timer looks again. */
  async function atOnce(order: readonly string[]): Promise<string | undefined> {
    const { began, ms } = await next(order);
    expect(ms).toBeLessThan(8_000);
    return began;
  }

  it('begins in the order of their age, and no more at once than the limit', async () => {
    await firstBuilds(world, 40, 2);
    const repos = await waiting(world);
    expect(repos).toHaveLength(38);
    const order = starts(world);
    world.worker.fate = () => 'succeed';
    let most = 0;
    await world.until('all have begun', async () => {
      most = Math.max(most, (await atWork(world)).length);
      return order.length === repos.length;
    });
    expect(outOfTurn(order, repos, 2)).toEqual([]);
    expect(most).toBe(2);
  });

  it('keeps its order over a stop and a death of the operator', async () => {
    const repos = await idleRepos(world, 16);
    const order = starts(world);
    await aQueue(world, repos, 1);
    world.worker.fate = () => 'succeed';
    await untilEnded(world, 3);
    await world.stopOperator();
    world.startOperator();
    await untilEnded(world, 5);
    world.killOperator();
    world.startOperator();
    await world.until('all have begun', () => order.length === repos.length);
    expect(order).toEqual(repos);
  });

  it('is not held up by one whose remote is away, which goes next once that is back', async () => {
    const [a = '', b = '', c = '', d = '', e = ''] = await idleRepos(world, 5);
    const order = starts(world);
    await aQueue(world, [a, b, c, d, e], 1);
    world.remote.set(urlOf(b), new RetryableError('RemoteUnreachable', 'the remote is away'));
    expect(await atOnce(order)).toBe(c);
    expect(await reason(b)).toBe('RemoteUnreachable');
    expect(await atOnce(order)).toBe(d);
    world.push(b, 'c2');
    await world.until('it waits for its turn again', async () => (await reason(b)) === 'Queued');
    expect(await atOnce(order)).toBe(b);
    expect(await atOnce(order)).toBe(e);
  });

  it('does not write what stands aside while others pass it, and asks for it at its own pace', async () => {
    const [a = '', b = '', c = '', d = ''] = await idleRepos(world, 4);
    const order = starts(world);
    await aQueue(world, [a, b, c, d], 1);
    world.remote.set(urlOf(b), new RetryableError('RemoteUnreachable', 'the remote is away'));
    expect(await atOnce(order)).toBe(c);
    await world.pass(30);
    const seen: string[] = [];
    world.beforeCall = ({ what }) => {
      if (what.includes(b)) seen.push(what);
    };
    await world.pass(120);
    // Its own four, and one a minute of its IndexedRepo.
    expect(seen.filter(what => what.startsWith('aliases.members')).length).toBeLessThanOrEqual(6);
    expect(await atOnce(order)).toBe(d);
    await world.pass(30);
    expect(seen.filter(what => what.startsWith('kube.patchStatus reindexrequests/'))).toEqual([]);
  });

  it('is not held up by one whose IndexedRepo is paused, which costs the engine nothing', async () => {
    const [a = '', b = '', c = '', d = ''] = await idleRepos(world, 4);
    const order = starts(world);
    await aQueue(world, [a, b, c, d], 1);
    await world.aRepo(b, { light: { schedule: '0 0 1 1 *' }, paused: true });
    expect(await atOnce(order)).toBe(c);
    expect(await reason(b)).toBe('PausedBySpec');
    await world.pass(30);
    const asked: string[] = [];
    world.beforeCall = ({ what }) => {
      if (!what.startsWith('kube.') && what.includes(b)) asked.push(what);
    };
    await world.pass(120);
    expect(asked).toEqual([]);
    await world.aRepo(b, { light: { schedule: '0 0 1 1 *' }, paused: false });
    await world.until('it waits for its turn again', async () => (await reason(b)) === 'Queued');
    expect(await atOnce(order)).toBe(b);
  });

  it('is not held up by one whose alias another program holds', async () => {
    const [a = '', b = '', c = '', d = ''] = await idleRepos(world, 4);
    const order = starts(world);
    await aQueue(world, [a, b, c, d], 1);
    const holder = { kind: 'External' as const, name: 'cli/laptop:1', uid: 'cli', pod: '' };
    await world.settings.acquire({ of: 'alias', alias: b }, holder, { leaseSeconds: 3600, tokenFloor: 0 });
    expect(await atOnce(order)).toBe(c);
    expect((await world.request(runOf(b))).queue).toEqual({ position: 1, behind: 'cli/laptop:1' });
  });

  it('is not held up by one that another program outran on the way to the lock', async () => {
    const [a = '', b = '', c = ''] = await idleRepos(world, 3);
    const order = starts(world);
    await aQueue(world, [a, b, c], 1);
    const holder = { kind: 'External' as const, name: 'cli/laptop:1', uid: 'cli', pod: '' };
    const before = world.meddle;
    world.meddle = async (call, carryOut) => {
      if (call.what === `documents.replace reindex_in_progress_${b}`)
        await world.settings.acquire({ of: 'alias', alias: b }, holder, { leaseSeconds: 3600, tokenFloor: 0 });
      return before(call, carryOut);
    };
    await next(order);
    await world.until('the one behind it is at work', async () => (await atWork(world)).join() === c, 1);
    expect(await reason(b)).toBe('Queued');
  });

  it('goes on without those that are deleted while they wait', async () => {
    const [a = '', b = '', c = '', d = '', e = ''] = await idleRepos(world, 5);
    const order = starts(world);
    await aQueue(world, [a, b, c, d, e], 1);
    world.remove(reindexRequestResource, runOf(c));
    world.remove(reindexRequestResource, runOf(b));
    expect(await atOnce(order)).toBe(d);
    expect(await atOnce(order)).toBe(e);
  });

  it('goes on at once without one that is being deleted and does not go, whatever becomes of its look', async () => {
    const [a = '', b = '', c = ''] = await idleRepos(world, 3);
    const order = starts(world);
    await aQueue(world, [a, b, c], 1);
    await world.kube.patch(reindexRequestResource, key(runOf(b)), undefined, {
      metadata: { finalizers: ['example.org/stays'] },
    });
    neverAnswers(`kube.patchStatus reindexrequests/${runOf(b)}`);
    world.remove(reindexRequestResource, runOf(b));
    expect(await atOnce(order)).toBe(c);
    expect(await world.exists(reindexRequestResource, runOf(b))).toBe(true);
    world.killOperator();
  });

  it.each<readonly [string, (b: string) => string, Error]>([
    ['of which every write is refused', b => `reindexrequests/${runOf(b)}`, new RefusedRequestError('it is broken')],
    [
      'that is refused for good',
      b => `kube.setFinalizers reindexrequests/${runOf(b)}`,
      new TerminalError('KubernetesDenied', 'a policy'),
    ],
    ['of which a look fails as nothing foresees', b => `aliases.members ${b}`, new Error('not foreseen')],
  ])('goes on at once without one %s', async (_which, about, error) => {
    const [a = '', b = '', c = ''] = await idleRepos(world, 3);
    const order = starts(world);
    await aQueue(world, [a, b, c], 1);
    world.beforeCall = ({ what, writes }) => {
      if ((writes || !what.startsWith('kube.')) && what.includes(about(b))) throw error;
    };
    const { began, ms } = await next(order);
    expect(began).toBe(c);
    expect(ms).toBeLessThan(patienceMs / 2);
  });

  it('goes on after a while without one that is never looked at again', async () => {
    const [a = '', b = '', c = '', d = '', e = ''] = await idleRepos(world, 5);
    const order = starts(world);
    await aQueue(world, [a, b, c, d, e], 1);
    neverAnswers(`kube.setFinalizers reindexrequests/${runOf(b)}`);
    const first = await next(order);
    expect(first).toMatchObject({ began: c });
    expect(first.ms).toBeGreaterThanOrEqual(patienceMs - 1000);
    // It is waited for once.
    for (const repo of [d, e]) expect(await atOnce(order)).toBe(repo);
    world.killOperator();
  });

  it('keeps the order of two for one alias, the second of which holds up none but itself', async () => {
    const [a = '', b = '', c = '', d = ''] = await idleRepos(world, 4);
    const order = starts(world);
    await aQueue(world, [a, b], 1);
    await world.aRequest('again', b);
    await world.pass(1);
    for (const repo of [c, d]) await world.aRequest(runOf(repo), repo);
    await world.pass(30);
    await world.aCluster({ limits: { heavyRuns: 2 } });
    await world.until('two are at work', () => order.length === 2);
    world.worker.fate = ({ index }) => (index.startsWith(`${a}-`) ? 'succeed' : 'hang');
    await world.until('the third begins', () => order.length === 3);
    expect(order).toEqual([a, b, c]);
    world.worker.fate = () => 'succeed';
    await world.until('all have begun', () => order.length === 5);
    expect(order.toSorted()).toEqual([a, b, b, c, d]);
    expect(order.indexOf(b)).toBe(1);
    expect((await world.request(runOf(b))).to?.number).toBeLessThan((await world.request('again')).to?.number ?? 0);
  });
});

/** Those that began before as many of the older ones as there are places: of two free places either may be taken first. */
function outOfTurn(order: readonly string[], repos: readonly string[], places: number): readonly string[] {
  return order.filter((repo, at) => {
    const older = repos.slice(0, repos.indexOf(repo));
    return older.filter(each => !order.slice(0, at).includes(each)).length >= places;
  });
}
