import { describe, expect, it } from '@jest/globals';
import type { KubeObject, Resource } from '../../../src/api/object.ts';
import { RetryableError } from '../../../src/domain/errors.ts';
import { EventRecorder } from '../../../src/kube/events.ts';
import { FakeKube } from '../../support/fakes/fake-kube.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';
import { recordingLog } from '../../support/fakes/recording-log.ts';

const events: Resource = { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event' };
const repos: Resource = { group: 'reindeer.dev', version: 'v1alpha1', plural: 'indexedrepos', kind: 'IndexedRepo' };
type Event = KubeObject & {
  readonly note: string;
  readonly reason: string;
  readonly series?: { readonly count: number };
  readonly regarding: object;
};

const aRecorder = () => {
  const clock = handClock();
  const kube = new FakeKube(() => clock.now());
  const { log, lines } = recordingLog();
  const redact = (text: string): string => text.replaceAll('hunter2', '***');
  const recorder = new EventRecorder({ kube, clock, log, instance: 'operator-0', redact });
  const object = {
    name: 'kibana',
    namespace: 'search',
    uid: 'u-1',
    resourceVersion: '7',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  const say = async (reason: string, message = 'it happened'): Promise<void> =>
    recorder.record({ resource: repos, object }, { type: 'Normal', reason, message });
  const recorded = async (): Promise<readonly Event[]> => kube.list<Event>(events, 'search');
  return { clock, kube, lines, say, recorded };
};

describe('event recorder', () => {
  it('writes an event about the object, in its namespace', async () => {
    const { say, recorded } = aRecorder();
    await say('Live');
    expect(await recorded()).toEqual([
      expect.objectContaining({
        reason: 'Live',
        type: 'Normal',
        note: 'it happened',
        action: 'Reconcile',
        reportingController: 'reindeer.dev/operator',
        reportingInstance: 'operator-0',
        eventTime: '2026-01-01T00:00:00.000000Z',
        regarding: expect.objectContaining({
          kind: 'IndexedRepo',
          name: 'kibana',
          uid: 'u-1',
          apiVersion: 'reindeer.dev/v1alpha1',
        }),
      }),
    ]);
  });

  it('counts the same thing said 100 times in 10 minutes on one event, with a write a minute at most', async () => {
    const { clock, kube, say, recorded } = aRecorder();
    let writes = 0;
    const patch = kube.patch.bind(kube);
    kube.patch = async (...args) => {
      writes += 1;
      return patch(...args) as never;
    };
    for (let i = 0; i < 100; i += 1) {
      await say('RunFailed');
      await clock.advance(6_000);
    }
    const [event, ...others] = await recorded();
    expect(others).toEqual([]);
    expect(event?.series?.count).toBeGreaterThan(85);
    expect(writes).toBeLessThanOrEqual(11);
  });

  it('takes another reason, another message, or the same after 10 quiet minutes for news', async () => {
    const { clock, say, recorded } = aRecorder();
    await say('RunFailed');
    await say('RunFailed', 'for another reason');
    await say('Live');
    await clock.advance(601_000);
    await say('RunFailed');
    expect(await recorded()).toHaveLength(4);
  });

  it('writes a new event when the one it counted on was deleted', async () => {
    const { kube, say, recorded } = aRecorder();
    await say('RunFailed');
    const [first] = await recorded();
    kube.remove(events, first!.metadata);
    await say('RunFailed');
    expect(await recorded()).toHaveLength(1);
  });

  it('keeps notes below 1 kB and free of secrets', async () => {
    const { say, recorded } = aRecorder();
    await say('RunFailed', `hunter2 ${'é'.repeat(2_000)}`);
    const [event] = await recorded();
    expect(event?.note.startsWith('*** é')).toBe(true);
    expect(Buffer.byteLength(event!.note)).toBeLessThanOrEqual(1024);
    expect(event?.note).not.toContain('\uFFFD');
  });

  it('never throws: an event that cannot be written is a line in the log', async () => {
    const { kube, lines, say } = aRecorder();
    kube.create = async () => {
      throw new RetryableError('KubernetesUnavailable', 'no answer');
    };
    await say('Live');
    expect(lines).toEqual([expect.objectContaining({ level: 'warn', msg: 'event not recorded' })]);
  });
});
