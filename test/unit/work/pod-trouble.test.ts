import { describe, expect, it } from '@jest/globals';
import type { ObjectMeta } from '../../../src/api/object.ts';
import {
  needsHuman,
  troubleOfJob,
  troubleOfPods,
  whoseEvents,
  type RawEvent,
  type WaitingPod,
} from '../../../src/work/pod-trouble.ts';
import { aJob } from '../../support/objects/a-run.ts';
import { at, t0 } from '../../support/objects/an-object.ts';

const job = aJob({ ready: 0 });

function aPod(
  status: WaitingPod['status'] = {},
  given: { readonly metadata?: Partial<ObjectMeta>; readonly node?: string } = {},
): WaitingPod {
  const fixed = { namespace: 'team', resourceVersion: '1', generation: 1, creationTimestamp: at(1) };
  const metadata = { ...fixed, name: 'job-0-x7k2p', uid: 'pod-uid', ...given.metadata };
  return { metadata, spec: given.node === undefined ? {} : { nodeName: given.node }, status };
}

function anEvent(reason: string, note: string, seconds = 5): RawEvent {
  const { metadata } = aPod();
  return { metadata, type: 'Warning', reason, note, deprecatedLastTimestamp: at(seconds) };
}

const waiting = (reason: string, message?: string): WaitingPod['status'] => ({
  containerStatuses: [{ name: 'worker', state: { waiting: { reason, ...(message !== undefined && { message }) } } }],
});
const unscheduled = (reason: string, message: string): WaitingPod['status'] => ({
  conditions: [{ type: 'PodScheduled', status: 'False', reason, message }],
});
const terminated: WaitingPod['status'] = {
  containerStatuses: [{ name: 'worker', state: { terminated: { finishedAt: at(20) } } }],
};
const running: WaitingPod['status'] = { containerStatuses: [{ name: 'worker', state: { running: {} } }] };
const proxy = { name: 'proxy', state: { running: {} } };

const pullError = 'failed to pull and unpack image "x:9": not found';

describe('why no pod of a Job runs', () => {
  it.each<readonly [string, readonly WaitingPod[], readonly RawEvent[], string]>([
    [
      'an image that is being tried',
      [aPod(waiting('ErrImagePull', pullError))],
      [],
      `pod job-0-x7k2p: ImagePullBackOff: ${pullError}`,
    ],
    [
      'the same image a moment later, in the same words',
      [aPod(waiting('ImagePullBackOff', `Back-off pulling image "x:9": ErrImagePull: ${pullError}`))],
      [],
      `pod job-0-x7k2p: ImagePullBackOff: ${pullError}`,
    ],
    [
      'a Secret of the environment that is missing',
      [aPod(waiting('CreateContainerConfigError', 'secret "engine" not found'), { node: 'n1' })],
      [],
      'pod job-0-x7k2p: CreateContainerConfigError: secret "engine" not found',
    ],
    [
      'a Secret that cannot be mounted',
      [aPod(waiting('ContainerCreating'), { node: 'n1' })],
      [anEvent('FailedMount', 'secret "git" not found'), anEvent('Older', 'x', 2)],
      'pod job-0-x7k2p: FailedMount: secret "git" not found',
    ],
    [
      'a container that is being made',
      [aPod(waiting('ContainerCreating'), { node: 'n1' })],
      [],
      'pod job-0-x7k2p: ContainerCreating on node n1',
    ],
    [
      'no node that fits',
      [aPod(unscheduled('Unschedulable', '0/1 nodes are available'))],
      [],
      'pod job-0-x7k2p: Unschedulable: 0/1 nodes are available',
    ],
    [
      'several pods that wait',
      [aPod(unscheduled('SchedulingGated', 'gates')), aPod({}, { metadata: { name: 'second' } })],
      [],
      'pod job-0-x7k2p (1 more wait): SchedulingGated: gates',
    ],
    [
      'a worker that waits beside a container of somebody else',
      [aPod({ containerStatuses: [proxy, ...(waiting('ErrImagePull', pullError)?.containerStatuses ?? [])] })],
      [],
      `pod job-0-x7k2p: ImagePullBackOff: ${pullError}`,
    ],
    [
      'an init container of somebody else',
      [
        aPod({
          initContainerStatuses: [{ name: 'init', state: { waiting: { reason: 'ErrImagePull', message: pullError } } }],
          ...waiting('PodInitializing'),
        }),
      ],
      [],
      `pod job-0-x7k2p: ImagePullBackOff: ${pullError}`,
    ],
    ['a pod that no scheduler has seen', [aPod()], [], 'pod job-0-x7k2p: no scheduler has said anything of it'],
    [
      'a pod that was refused, under whatever name',
      [],
      [anEvent('FailedCreate', 'Error creating: pods "job-0-k2x7p" is forbidden: exceeded quota: q')],
      'FailedCreate: Error creating: pods "job-0-*" is forbidden: exceeded quota: q',
    ],
    [
      'a pod of a partition that was refused',
      [],
      [anEvent('FailedCreate', 'Error creating: pods "job-0-17-k2x7p" is forbidden')],
      'FailedCreate: Error creating: pods "job-0-*" is forbidden',
    ],
    ['nothing that anybody said', [], [], 'no pod was made, and no event says why'],
    [
      'the next pod that was refused after one that failed',
      [aPod(terminated)],
      [anEvent('FailedCreate', 'no', 25)],
      'FailedCreate: no',
    ],
  ])('%s', (_of, pods, events, words) => {
    expect(troubleOfPods(job, pods, events)).toMatchObject({ reason: 'PodPending', message: `Job job-0: ${words}` });
  });

  it.each<readonly [string, readonly WaitingPod[], readonly RawEvent[]]>([
    ['a pod runs', [aPod(running)], []],
    ['one of several runs', [aPod(), aPod(running)], []],
    ['one failed and the next comes after a pause', [aPod(terminated)], []],
    ['the refusal is older than the pod that failed', [aPod(terminated)], [anEvent('FailedCreate', 'no', 5)]],
    ['what was said is no warning', [aPod(terminated)], [{ ...anEvent('Pulled', 'x', 25), type: 'Normal' }]],
  ])('is no question when %s', (_of, pods, events) => {
    expect(troubleOfPods(job, pods, events)).toBeUndefined();
  });

  it('is a pod that was told to go and does not, however it stood before', () => {
    const pod = aPod(running, { metadata: { deletionTimestamp: at(40) }, node: 'away' });
    expect(troubleOfPods({ ...job, failure: 'DeadlineExceeded' }, [pod], [])).toEqual({
      reason: 'JobNotEnding',
      message: 'Job job-0 (DeadlineExceeded) waits for pod job-0-x7k2p to go from node away; nobody says that it has',
      since: at(40),
    });
  });

  it('is a container of somebody else that goes on after the worker', () => {
    const pod = aPod({ containerStatuses: [proxy, ...(terminated?.containerStatuses ?? [])] });
    expect(troubleOfPods(job, [pod], [])).toMatchObject({
      reason: 'JobNotEnding',
      message: expect.stringContaining('the worker has ended and container proxy has not'),
      since: at(20),
    });
  });

  it('stands in the Job itself when that is suspended or cannot go', () => {
    expect(troubleOfJob(job)).toBeUndefined();
    expect(troubleOfJob({ ...job, suspended: true })).toMatchObject({ reason: 'JobSuspended', since: at(0) });
    expect(troubleOfJob({ ...job, deleting: true, deletingSince: at(9) })).toMatchObject({
      reason: 'JobNotEnding',
      since: at(9),
    });
  });

  it('is asked of events only where the pod itself does not say enough', () => {
    expect(whoseEvents(job, [])).toBe(job.uid);
    expect(whoseEvents(job, [aPod(waiting('ContainerCreating'), { node: 'n1' })])).toBe('pod-uid');
    expect(whoseEvents(job, [aPod(waiting('ErrImagePull', pullError), { node: 'n1' })])).toBeUndefined();
    expect(whoseEvents(job, [aPod(unscheduled('Unschedulable', 'x'))])).toBeUndefined();
    expect(whoseEvents(job, [aPod(terminated)])).toBe(job.uid);
  });

  it('calls for a human after five minutes, but not while a queue holds the Job back', () => {
    const trouble = { reason: 'JobSuspended', message: '', since: at(0) } as const;
    const later = new Date(t0.getTime() + 300_000);
    expect(needsHuman(trouble, { queued: false }, later)).toBe(true);
    expect(needsHuman(trouble, { queued: false }, new Date(later.getTime() - 1000))).toBe(false);
    expect(needsHuman(trouble, { queued: true }, later)).toBe(false);
    expect(needsHuman({ ...trouble, reason: 'PodPending' }, { queued: true }, later)).toBe(true);
  });
});
