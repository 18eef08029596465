import { describe, expect, it } from '@jest/globals';
import { isOfIndexing } from '../../../src/work/contract.ts';
import { lastWordsOf, lastWordsOfParts } from '../../../src/work/pods.ts';
import { jobView, type RawJob } from '../../../src/work/view.ts';

const owner = { apiVersion: 'v1', kind: 'ReindexRequest', name: 'run', uid: 'run-uid' };

function aJob(status: RawJob['status'], ownerReferences: readonly object[] = [{ ...owner, controller: true }]): RawJob {
  const metadata = {
    namespace: 'team',
    name: 'job',
    uid: 'u',
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: 't',
  };
  return { metadata: { ...metadata, ownerReferences }, ...(status && { status }) } as RawJob;
}

const condition = (type: string, more: object = {}) => ({ type, status: 'True', ...more });

describe('what is kept of a Job', () => {
  it.each<readonly [string, RawJob['status'], object]>([
    ['new is active', undefined, { state: 'active', failure: '', finished: '' }],
    ['with a pod is active', { active: 1 }, { state: 'active' }],
    [
      'that is complete has succeeded',
      { conditions: [condition('Complete')], completionTime: 't9' },
      { state: 'succeeded', finished: 't9' },
    ],
    ['whose success is only met yet is active', { conditions: [condition('SuccessCriteriaMet')] }, { state: 'active' }],
    [
      'that is about to fail is active: its pods still end',
      { conditions: [condition('FailureTarget', { reason: 'PodFailurePolicy' })] },
      { state: 'active' },
    ],
    [
      'that failed says why and when',
      { conditions: [condition('Failed', { reason: 'DeadlineExceeded', lastTransitionTime: 't8' })] },
      { state: 'failed', failure: 'DeadlineExceeded', finished: 't8' },
    ],
    [
      'whose failure was taken back is active',
      { conditions: [{ type: 'Failed', status: 'False' }] },
      { state: 'active' },
    ],
  ])('%s', (_row, status, expected) => {
    expect(jobView(aJob(status))).toMatchObject(expected);
  });

  it('says how many of its pods run, and whether it is to make any', () => {
    expect(jobView(aJob(undefined))).toMatchObject({ ready: 0, suspended: false, queued: false, deletingSince: '' });
    expect(jobView(aJob({ active: 2, ready: 1 }))).toMatchObject({ ready: 1 });
    const labels = { 'kueue.x-k8s.io/queue-name': 'nightly' };
    const suspended = { ...aJob({}), spec: { suspend: true } };
    const queued = { ...suspended, metadata: { ...suspended.metadata, labels, deletionTimestamp: 't7' } };
    expect(jobView(suspended)).toMatchObject({ suspended: true, queued: false });
    expect(jobView(queued)).toMatchObject({ suspended: true, queued: true, deleting: true, deletingSince: 't7' });
  });

  it('is nothing when nobody controls it', () => {
    expect(jobView(aJob(undefined, [owner]))).toBeUndefined();
    expect(jobView(aJob(undefined, []))).toBeUndefined();
  });
});

type Pod = Parameters<typeof lastWordsOf>[0][number];

function aPod(terminated?: object, status: object = {}): Pod {
  const containerStatuses = [
    { name: 'sidecar', state: { terminated: { exitCode: 9, finishedAt: '9999' } } },
    { name: 'worker', state: terminated ? { terminated } : { running: {} } },
  ];
  return { metadata: {}, status: { containerStatuses, ...status } } as Pod;
}

const result = {
  v: 1,
  outcome: 'failed',
  reason: 'DiskFull',
  mode: 'full',
  index: 'kibana-v1',
  branch: 'main',
  commit: 'c',
  base: '',
  files: { total: 1, indexed: 0, skipped: 0, deleted: 0, failed: 1 },
  chunks: { total: 0, written: 0, deleted: 0 },
  fingerprint: '',
  verify: '',
  ms: 1,
  token: 1,
  errors: ['a disk is full'],
};

describe('the last words of a Job', () => {
  it('are those of the worker that ended last', () => {
    const pods = [
      aPod({ exitCode: 1, finishedAt: '2026-01-02' }),
      aPod({ exitCode: 79, finishedAt: '2026-01-03' }),
      aPod({ exitCode: 75, finishedAt: '2026-01-01' }),
    ];
    expect(lastWordsOf(pods).said).toMatchObject({ exitCode: 79 });
  });

  it.each([
    ['of the partition that failed, whoever ended last', '3-4', 79],
    ['of a pod that nobody stopped, where no partition failed by itself', '', 78],
  ])('are, of several workers, those %s', (_row, failedPartitions, exitCode) => {
    const of = (index: number, code: number, finishedAt: string, more: object = {}): Pod => {
      const pod = aPod({ exitCode: code, finishedAt });
      const annotations = { 'batch.kubernetes.io/job-completion-index': String(index) };
      return { ...pod, metadata: { ...pod.metadata, annotations, ...more } };
    };
    const stopped = { deletionTimestamp: '2026-01-05' };
    const pods = [
      of(0, 78, '2026-01-03'),
      of(4, 79, '2026-01-02', stopped),
      of(34, 75, '2026-01-05', stopped),
      of(1, 75, '2026-01-04', stopped),
    ];
    expect(lastWordsOfParts(pods, { failedPartitions }).said).toMatchObject({ exitCode });
  });

  it('count, of several workers, what all of them wrote', () => {
    const wrote = (written: number, deleted: number, finishedAt: string): Pod =>
      aPod({
        exitCode: 0,
        finishedAt,
        message: JSON.stringify({ ...result, bulkRetries: 1, chunks: { total: written, written, deleted } }),
      });
    const pods = [wrote(5, 1, '2026-01-02'), wrote(7, 0, '2026-01-01'), aPod()];
    expect(lastWordsOfParts(pods, { failedPartitions: '' }).said?.result).toMatchObject({
      chunks: { total: 5, written: 12, deleted: 1 },
      bulkRetries: 2,
    });
    expect(lastWordsOfParts([], { failedPartitions: '' })).toEqual({});
  });

  it('sum, of several workers, what all of them read back, unless one does not say so', () => {
    const read = (digest: object | undefined, outcome = 'succeeded'): Pod =>
      aPod({ exitCode: 0, message: JSON.stringify({ ...result, outcome, digest }) });
    const digestOf = (...pods: readonly Pod[]): unknown => {
      const found = lastWordsOfParts(pods, { failedPartitions: '' }).said?.result;
      return found && isOfIndexing(found) ? found.digest : undefined;
    };
    const [one, other] = [read({ of: 'Full', files: 3, chunks: 5 }), read({ of: 'Full', files: 4, chunks: 6 })];
    expect(digestOf(one, other)).toEqual({ of: 'Full', files: 7, chunks: 11 });
    expect(digestOf(one, read(undefined, 'failed'), other)).toEqual({ of: 'Full', files: 7, chunks: 11 });
    expect(digestOf(one, read(undefined))).toBeUndefined();
    expect(digestOf(one, read({ of: 'Sample', files: 1, chunks: 1 }))).toBeUndefined();
  });

  it('are read by the contract', () => {
    expect(lastWordsOf([aPod({ exitCode: 1, message: JSON.stringify(result) })]).said?.result).toMatchObject({
      reason: 'DiskFull',
    });
  });

  it.each([['not JSON'], ['{"v":2}'], ['']])('that are not by the contract are kept as text: %s', message => {
    const { said } = lastWordsOf([aPod({ exitCode: 1, message })]);
    expect(said?.result).toBeUndefined();
    expect(said?.text).toBe(`exit code 1 ${message}`.trim());
  });

  it('say in plain words that the memory did not suffice', () => {
    expect(lastWordsOf([aPod({ exitCode: 137, reason: 'OOMKilled' })]).said?.text).toContain('raise its memory limit');
  });

  it('are bounded', () => {
    expect(lastWordsOf([aPod({ exitCode: 1, message: 'x'.repeat(9999) })]).said?.text.length).toBeLessThanOrEqual(512);
  });

  it('are those of the kubelet when no worker came to run', () => {
    const evicted = aPod(undefined, { reason: 'Evicted', message: 'The node was low on memory' });
    expect(lastWordsOf([evicted]).said).toEqual({ exitCode: -1, text: 'Evicted: The node was low on memory' });
  });

  it('are none when no pod is left', () => {
    expect(lastWordsOf([])).toEqual({});
    expect(lastWordsOf([aPod()])).toEqual({});
  });
});
