import { describe, expect, it } from '@jest/globals';
import { ConflictError, RefusedRequestError, RetryableError, TerminalError } from '../../../src/domain/errors.ts';
import { type Reconciler, runController } from '../../../src/kube/controller.ts';
import type { ControllerMeter } from '../../../src/kube/meters.ts';
import { WorkQueue } from '../../../src/kube/workqueue.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';
import { recordingLog } from '../../support/fakes/recording-log.ts';

const key = { namespace: 'shop', name: 'orders' };

const aController = (reconcile: Reconciler, concurrency = 2) => {
  const clock = handClock();
  const queue = new WorkQueue({ clock, random: () => 0.999999 });
  const { log, lines } = recordingLog();
  const told: string[] = [];
  const meter: ControllerMeter = {
    concurrency: () => undefined,
    began: () => undefined,
    ended: (result, seconds) => told.push(`${result} ${seconds}`),
  };
  const ended = runController({ name: 'IndexedRepo', queue, reconcile, concurrency, log, meter, clock });
  return { clock, queue, lines, ended, told };
};

describe('controller', () => {
  it('reconciles again after the time that the outcome names', async () => {
    let runs = 0;
    const { clock, queue } = aController(async () => {
      runs += 1;
      return runs === 1 ? { is: 'again', inMs: 60_000 } : { is: 'done' };
    });
    queue.add(key);
    await clock.advance(59_000);
    expect(runs).toBe(1);
    await clock.advance(2_000);
    expect(runs).toBe(2);
    await clock.advance(600_000);
    expect(runs).toBe(2);
  });

  it.each([
    {
      says: 'a retryable error backs off with a warning',
      error: new RetryableError('EngineUnavailable', 'down'),
      runs: 8,
      level: 'warn',
    },
    {
      says: 'a request that is refused for what it says backs off with a warning',
      error: new RefusedRequestError('405 MethodNotAllowed'),
      runs: 8,
      level: 'warn',
    },
    { says: 'a conflict is retried quietly', error: new ConflictError('stale'), runs: 8, level: 'debug' },
    {
      says: 'a terminal error waits for a change',
      error: new TerminalError('InvalidSchedule', 'cron'),
      runs: 1,
      level: 'error',
    },
    { says: 'an unknown error backs off with its stack', error: new Error('bug'), runs: 8, level: 'error' },
  ])('$says', async ({ error, runs, level }) => {
    let seen = 0;
    const { clock, queue, lines } = aController(async () => {
      seen += 1;
      throw error;
    });
    queue.add(key);
    await clock.advance(1_000);
    expect(seen).toBe(runs);
    expect(lines).toHaveLength(runs);
    for (const line of lines) expect(line).toMatchObject({ level, kind: 'IndexedRepo', ...key });
    expect(new Set(lines.map(line => line['reconcileId'])).size).toBe(runs);
  });

  it.each([
    { result: 'success', end: () => ({ is: 'done' }) as const },
    { result: 'requeue_after', end: () => ({ is: 'again', inMs: 60_000 }) as const },
    { result: 'requeue', end: () => Promise.reject(new ConflictError('stale')) },
    { result: 'error', end: () => Promise.reject(new RetryableError('EngineUnavailable', 'down')) },
    { result: 'error', end: () => Promise.reject(new Error('bug')) },
    { result: 'terminal_error', end: () => Promise.reject(new TerminalError('InvalidSchedule', 'cron')) },
  ])('tells its meter of $result and how long that took', async ({ result, end }) => {
    const { clock, queue, told } = aController(async () => {
      await clock.sleep(2_500);
      return end();
    });
    queue.add(key);
    await clock.advance(2_500);
    expect(told).toEqual([`${result} 2.5`]);
    queue.shutDown();
  });

  it('comes back within 20 s from an API server that was away for an hour', async () => {
    let down = true;
    const { clock, queue, lines } = aController(async () => {
      if (down) throw new RetryableError('KubernetesUnavailable', 'connection refused');
      return { is: 'done' };
    });
    queue.add(key);
    await clock.advance(3_600_000);
    down = false;
    const before = lines.length;
    await clock.advance(20_001);
    expect(lines.length - before).toBeLessThanOrEqual(1);
    expect(queue.failures(key)).toBe(0);
  });

  it('never works on more keys at once than it may', async () => {
    let now = 0;
    let most = 0;
    const { clock, queue } = aController(async () => {
      now += 1;
      most = Math.max(most, now);
      await clock.sleep(100);
      now -= 1;
      return { is: 'done' };
    }, 3);
    for (let i = 0; i < 20; i += 1) queue.add({ namespace: 'shop', name: String(i) });
    await clock.advance(2_000);
    expect({ most, now }).toEqual({ most: 3, now: 0 });
  });

  it('ends after shutdown, once the running reconcile is over', async () => {
    const { clock, queue, ended } = aController(async () => {
      await clock.sleep(500);
      return { is: 'done' };
    });
    let over = false;
    const watched = ended.then(() => (over = true));
    queue.add(key);
    await clock.advance(100);
    queue.shutDown();
    await clock.advance(100);
    expect(over).toBe(false);
    await clock.advance(400);
    await watched;
    expect(over).toBe(true);
  });
});
