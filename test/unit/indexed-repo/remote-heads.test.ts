import { beforeEach, describe, expect, it } from '@jest/globals';
import { RetryableError, TerminalError } from '../../../src/domain/errors.ts';
import { readSchedule, type Schedule } from '../../../src/domain/schedule.ts';
import type { ResolvedRef } from '../../../src/git/remote.ts';
import { RemoteHeads } from '../../../src/indexed-repo/remote-heads.ts';
import { Secrets } from '../../../src/kube/secrets.ts';
import { FakeKube } from '../../support/fakes/fake-kube.ts';
import { handClock, type HandClock } from '../../support/fakes/hand-clock.ts';
import { anIndexedRepo } from '../../support/objects/an-object.ts';

const found: ResolvedRef = { is: 'found', commit: 'c1', refName: 'refs/heads/main' };
const schedule = readSchedule('@every 10m', 'Etc/UTC', 'uid') as Schedule;
const repo = anIndexedRepo();

describe('the newest commit of a remote', () => {
  let clock: HandClock;
  let asked: number;
  let answer: () => Promise<ResolvedRef>;
  let heads: RemoteHeads;

  beforeEach(() => {
    clock = handClock();
    asked = 0;
    answer = async () => found;
    heads = new RemoteHeads({
      secrets: new Secrets(new FakeKube(), () => undefined),
      clock,
      resolveRef: async (_url, _ref, { addresses }) => {
        expect(addresses).toEqual(['192.0.2.7']);
        asked += 1;
        return answer();
      },
      allowedAddresses: async host => {
        if (host.startsWith('inner')) throw new TerminalError('HostNotAllowed', host);
        return ['192.0.2.7'];
      },
    });
  });

  const minutes = async (count: number): Promise<void> => clock.advance(count * 60_000);

  it('is asked for at first, and then at each tick only', async () => {
    for (let minute = 0; minute < 60; minute += 1) {
      await heads.bySchedule(repo, schedule);
      await minutes(1);
    }
    expect(asked).toBeGreaterThanOrEqual(6);
    expect(asked).toBeLessThanOrEqual(8);
  });

  it('is asked for again when the source changed', async () => {
    await heads.bySchedule(repo, schedule);
    const source = { ...repo.spec.source, ref: 'next' };
    await heads.bySchedule({ ...repo, spec: { ...repo.spec, source } }, schedule);
    expect(asked).toBe(2);
  });

  it('is taken from memory while it is young enough, and never when it is wanted now', async () => {
    await heads.within(repo, 'run', 10_000);
    await clock.advance(10_000);
    await heads.within(repo, 'run', 10_000);
    expect(asked).toBe(1);
    await clock.advance(1);
    await heads.within(repo, 'run', 10_000);
    expect(asked).toBe(2);
    await heads.now(repo);
    expect(asked).toBe(3);
  });

  it('is asked for once more for each occasion, however young the answer to another one is', async () => {
    await heads.bySchedule(repo, schedule);
    await heads.within(repo, 'run', 10_000);
    await heads.within(repo, 'run', 10_000);
    expect(asked).toBe(2);
    await heads.within(repo, 'its second Job', 10_000);
    expect(asked).toBe(3);
  });

  it('is the answer to the latest question, even when an earlier one is answered after it', async () => {
    let arrive: (late: ResolvedRef) => void = () => undefined;
    answer = async () => new Promise(resolve => (arrive = resolve));
    const early = heads.bySchedule(repo, schedule);
    await clock.advance(1000);
    answer = async () => ({ ...found, commit: 'c2' });
    await heads.within(repo, 'run', 10_000);
    arrive(found);
    expect(await early).toMatchObject({ is: 'found', commit: 'c2' });
    expect(await heads.bySchedule(repo, schedule)).toMatchObject({ is: 'found', commit: 'c2' });
    expect(asked).toBe(2);
  });

  it.each([-3_600_000, 3_600_000])('goes on being asked for at its ticks when the clock jumps by %d ms', async jump => {
    await heads.bySchedule(repo, schedule);
    clock.jump(jump);
    const before = asked;
    for (let minute = 0; minute < 60; minute += 1) {
      await heads.bySchedule(repo, schedule);
      await minutes(1);
    }
    expect(asked - before).toBeGreaterThanOrEqual(6);
    expect(asked - before).toBeLessThanOrEqual(8);
  });

  it('is not taken for young after the clock went back', async () => {
    await heads.within(repo, 'run', 10_000);
    clock.jump(-3_600_000);
    await heads.within(repo, 'run', 10_000);
    expect(asked).toBe(2);
  });

  it('that cannot be had is asked for again with a growing pause', async () => {
    answer = async () => {
      throw new RetryableError('RemoteUnreachable', 'no answer');
    };
    const never = readSchedule('0 0 1 1 *', 'Etc/UTC', 'uid') as Schedule;
    const pauses: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      expect(await heads.bySchedule(repo, never)).toMatchObject({
        is: 'problem',
        lasting: false,
        reason: 'RemoteUnreachable',
      });
      const pauseMs = (heads.retryAt(repo)?.getTime() ?? 0) - clock.now().getTime();
      pauses.push(pauseMs / 1000);
      await clock.advance(pauseMs);
    }
    expect(pauses).toEqual([15, 30, 60, 120, 240, 300, 300]);
    answer = async () => found;
    await heads.bySchedule(repo, never);
    expect(heads.retryAt(repo)).toBeUndefined();
  });

  it.each<readonly [string, () => Promise<ResolvedRef>, string]>([
    ['there is no such ref', async () => ({ is: 'RefNotFound', message: '' }), 'RefNotFound'],
    ['there is no commit', async () => ({ is: 'EmptyRepository', message: '' }), 'EmptyRepository'],
    [
      'the credentials are refused',
      async () => Promise.reject(new TerminalError('AuthenticationFailed', '')),
      'AuthenticationFailed',
    ],
  ])('waits for a human when %s', async (_row, resolve, reason) => {
    answer = resolve;
    expect(await heads.now(repo)).toMatchObject({ is: 'problem', lasting: true, reason });
  });

  it('is not asked for at a host that is not allowed, nor without the Secret', async () => {
    const at = (source: object) => anIndexedRepo({ spec: { source } });
    expect(await heads.now(at({ url: 'https://inner.example/x.git' }))).toMatchObject({ reason: 'HostNotAllowed' });
    const secret = { url: 'https://git.example.org/x.git', secretRef: { name: 'gone' } };
    expect(await heads.now(at(secret))).toMatchObject({ reason: 'SecretNotFound' });
    expect(asked).toBe(0);
  });

  it('is asked for at eight remotes at once and no more, and a bug in one frees its place', async () => {
    const waiting: ((failed: boolean) => void)[] = [];
    answer = async () =>
      new Promise((resolve, reject) => waiting.push(failed => (failed ? reject(new Error('a bug')) : resolve(found))));
    const asks = Array.from({ length: 10 }, async (_, i) =>
      heads.now(anIndexedRepo({ metadata: { uid: `r${i}` } })).catch(() => 'threw'),
    );
    await clock.advance(0);
    expect(asked).toBe(8);
    waiting[0]?.(true);
    await clock.advance(0);
    expect(asked).toBe(9);
    waiting.slice(1).forEach(end => end(false));
    await clock.advance(0);
    waiting.at(-1)?.(false);
    expect((await Promise.all(asks)).filter(each => each === 'threw')).toHaveLength(1);
  });

  it('is forgotten with the IndexedRepo', async () => {
    await heads.bySchedule(repo, schedule);
    heads.keepOnly(new Set([repo.metadata.uid]));
    await heads.bySchedule(repo, schedule);
    expect(asked).toBe(1);
    heads.keepOnly(new Set());
    await heads.bySchedule(repo, schedule);
    expect(asked).toBe(2);
  });
});
