import { describe, expect, it } from '@jest/globals';
import { WorkQueue } from '../../../src/kube/workqueue.ts';
import type { WorkQueueOptions } from '../../../src/kube/workqueue.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';

const key = (name: string) => ({ namespace: 'shop', name });
const aQueue = (options: Partial<WorkQueueOptions> = {}) => {
  const clock = handClock();
  const queue = new WorkQueue({ clock, random: () => 0.999999, ...options });
  const taken: string[] = [];
  /** Takes everything that can be had now without finishing it. */
  const take = async (): Promise<string[]> => {
    const names: string[] = [];
    while (queue.length > 0) names.push((await queue.get())!.name);
    taken.push(...names);
    return names;
  };
  return { clock, queue, take };
};

describe('work queue', () => {
  it('hands out keys in the order of their first add and merges equal ones', async () => {
    const { queue, take } = aQueue();
    for (const name of ['a', 'b', 'a', 'c', 'b']) queue.add(key(name));
    expect(await take()).toEqual(['a', 'b', 'c']);
  });

  it('hands a key to one worker only; one added meanwhile comes again after done', async () => {
    const { queue, take } = aQueue();
    queue.add(key('a'));
    expect(await take()).toEqual(['a']);
    queue.add(key('a'));
    queue.add(key('a'));
    expect(await take()).toEqual([]);
    queue.done(key('a'));
    expect(await take()).toEqual(['a']);
    queue.done(key('a'));
    expect(await take()).toEqual([]);
  });

  it('keeps the same name in two namespaces apart', async () => {
    const { queue } = aQueue();
    queue.add({ namespace: 'one', name: 'a' });
    queue.add({ namespace: 'two', name: 'a' });
    expect(queue.length).toBe(2);
  });

  it('wakes a waiting worker as soon as a key arrives', async () => {
    const { queue } = aQueue();
    const got = queue.get();
    queue.add(key('a'));
    expect(await got).toEqual(key('a'));
  });

  it('adds a delayed key at its time, the earliest of several times', async () => {
    const { clock, queue, take } = aQueue();
    queue.addAfter(key('a'), 10_000);
    queue.addAfter(key('a'), 4_000);
    queue.addAfter(key('a'), 7_000);
    await clock.advance(3_900);
    expect(await take()).toEqual([]);
    await clock.advance(200);
    expect(await take()).toEqual(['a']);
    queue.done(key('a'));
    await clock.advance(60_000);
    expect(await take()).toEqual([]);
  });

  it('wakes many delayed keys in the order of their times', async () => {
    const { clock, queue, take } = aQueue();
    const delays = Array.from({ length: 200 }, (_, i) => ((i * 7919) % 200) * 10 + 10);
    for (const ms of delays) queue.addAfter(key(String(ms)), ms);
    await clock.advance(5_000);
    const order = (await take()).map(Number);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).toHaveLength(200);
  });

  it.each([
    { failures: 1, delayMs: 5 },
    { failures: 2, delayMs: 10 },
    { failures: 5, delayMs: 80 },
    { failures: 17, delayMs: 300_000 },
    { failures: 2_000, delayMs: 300_000 },
  ])('backs off $delayMs ms at most after $failures failures in a row', ({ failures, delayMs }) => {
    const { queue } = aQueue();
    let last = 0;
    for (let i = 0; i < failures; i += 1) last = queue.addRateLimited(key('a'));
    expect(last).toBeCloseTo(delayMs, 0);
  });

  it('takes at least half of the back-off away as jitter, never more', () => {
    const { queue } = aQueue({ random: () => 0 });
    expect([1, 2, 3].map(() => queue.addRateLimited(key('a')))).toEqual([2.5, 5, 10]);
  });

  it('bounds a back-off below its own bound when asked to', () => {
    const { queue } = aQueue();
    for (let i = 0; i < 30; i += 1) queue.addRateLimited(key('a'));
    expect(queue.addRateLimited(key('a'), { maxMs: 1_000 })).toBeCloseTo(1_000, 0);
  });

  it('starts from the first delay again once forgotten', () => {
    const { queue } = aQueue();
    for (let i = 0; i < 10; i += 1) queue.addRateLimited(key('a'));
    queue.forget(key('a'));
    expect(queue.failures(key('a'))).toBe(0);
    expect(queue.addRateLimited(key('a'))).toBeCloseTo(5, 0);
  });

  it('does not let the back-off of one key delay another', async () => {
    const { queue, take } = aQueue();
    for (let i = 0; i < 10; i += 1) queue.addRateLimited(key('bad'));
    queue.add(key('good'));
    expect(await take()).toEqual(['good']);
  });

  it('ends waiting workers at shutdown and drains once the last key is done', async () => {
    const { clock, queue } = aQueue();
    queue.add(key('a'));
    await queue.get();
    const waiting = queue.get();
    queue.addAfter(key('later'), 1_000);
    queue.shutDown();
    expect(await waiting).toBeUndefined();
    expect(await queue.get()).toBeUndefined();
    let drained = false;
    const draining = queue.drained().then(() => (drained = true));
    await clock.advance(5_000);
    expect({ drained, length: queue.length, sleepers: clock.sleepers }).toEqual({
      drained: false,
      length: 0,
      sleepers: 0,
    });
    queue.done(key('a'));
    await draining;
    expect(drained).toBe(true);
  });

  it('tells its meter how deep it is and how long keys waited and were worked on', async () => {
    const heard: string[] = [];
    const { clock, queue } = aQueue({
      meter: {
        depth: keys => heard.push(`depth ${keys}`),
        waited: seconds => heard.push(`waited ${seconds}`),
        worked: seconds => heard.push(`worked ${seconds}`),
      },
    });
    queue.add(key('a'));
    await clock.advance(2_000);
    await queue.get();
    await clock.advance(3_000);
    queue.done(key('a'));
    expect(heard).toEqual(['depth 1', 'depth 0', 'waited 2', 'worked 3']);
  });
});
