import { describe, expect, it } from '@jest/globals';
import { RetryableError } from '../../../src/domain/errors.ts';
import type { Kube } from '../../../src/kube/port.ts';
import { StuckJobs } from '../../../src/work/stuck-jobs.ts';
import type { JobView } from '../../../src/work/view.ts';
import { aJob } from '../../support/objects/a-run.ts';
import { at } from '../../support/objects/an-object.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';

const job = aJob({ ready: 0 });

/** A namespace with one pod that waits with these words, and a count of what is asked. */
function aStage(words: (ask: number) => string = () => 'no such image') {
  const clock = handClock();
  const asked: string[] = [];
  let eventsRefused = false;
  const list = async (resource: { readonly plural: string }): Promise<readonly unknown[]> => {
    asked.push(resource.plural);
    if (resource.plural === 'events') {
      if (eventsRefused) throw new RetryableError('KubernetesDenied', 'no');
      return [];
    }
    const message = words(asked.length);
    const state = { waiting: { reason: 'ErrImagePull', message } };
    const metadata = { namespace: 'team', name: 'pod', uid: 'pod-uid', creationTimestamp: at(1) };
    return message === ''
      ? []
      : [{ metadata, spec: { nodeName: 'n1' }, status: { containerStatuses: [{ name: 'worker', state }] } }];
  };
  const stuck = new StuckJobs({ list } as Pick<Kube, 'list'>, clock);
  const after = async (seconds: number, of: JobView = job): Promise<string | undefined> => {
    await clock.advance(seconds * 1000);
    return (await stuck.trouble(of))?.message;
  };
  return { stuck, after, asked, refuseEvents: () => (eventsRefused = true) };
}

describe('a Job that may stand', () => {
  it('is not asked about before its pod had time to start, nor while one runs', async () => {
    const { after, asked } = aStage();
    expect(await after(9)).toBeUndefined();
    expect(await after(100, { ...job, ready: 1 })).toBeUndefined();
    expect(await after(0, { ...job, state: 'succeeded' })).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('is asked about every 15 s for two minutes and then once a minute, however often somebody looks', async () => {
    const { after, asked } = aStage();
    for (let second = 0; second < 120; second += 1) await after(1);
    // Once more at first: the pod is younger than its Job.
    expect(asked.length).toBe(9);
    for (let second = 0; second < 600; second += 1) await after(1);
    expect(asked.length).toBeLessThanOrEqual(9 + 10);
  });

  it('says the same for as long as only figures change, and something else when the words do', async () => {
    const texts = ['read udp 10.0.0.5:4711: timeout', 'read udp 10.0.0.5:4712: timeout', 'not found'];
    const { after } = aStage(ask => texts[ask - 1] ?? 'not found');
    const first = await after(20);
    expect(first).toContain('4711');
    expect(await after(15)).toBe(first);
    expect(await after(15)).toContain('not found');
  });

  it('stands from then on until a pod of it runs, for whoever asks without waiting', async () => {
    const { stuck, after } = aStage();
    expect(stuck.stands(job)).toBe(false);
    await after(20);
    expect(stuck.stands(job)).toBe(true);
    expect(stuck.stands({ ...job, ready: 1 })).toBe(false);
    await after(1, { ...job, ready: 1 });
    expect(stuck.stands(job)).toBe(false);
  });

  it('is told without the words of events where those may not be read', async () => {
    const { after, refuseEvents, asked } = aStage(() => '');
    refuseEvents();
    expect(await after(20)).toBe('Job job-0: no pod was made, and no event says why');
    expect(asked).toEqual(['pods', 'events']);
  });

  it('costs no question where the Job says it itself', async () => {
    const { after, asked } = aStage();
    expect(await after(20, { ...job, suspended: true })).toContain('is suspended');
    expect(asked).toEqual([]);
  });
});
