import { describe, expect, it } from '@jest/globals';
import { newestCommit } from '../../../../src/runs/newest-commit.ts';
import type { ObservedJob } from '../../../../src/runs/observed.ts';
import { catchUp } from '../../../../src/runs/steps/catch-up.ts';
import { indexJob } from '../../../../src/runs/steps/index-job.ts';
import { jobKeys } from '../../../../src/work/view.ts';
import {
  answered,
  aCreatedRun,
  aFilledRun,
  aJob,
  c2,
  engineOf,
  heldLock,
  onEngine,
  declaring,
} from '../../../support/a-run.ts';
import { madeBy, saidBy, undoOf, verdictOf, type Row } from '../../../support/a-verdict.ts';
import { at } from '../../../support/an-object.ts';

const created = aCreatedRun();
const filled = aFilledRun();
const c3 = 'c3'.padEnd(40, '0');
const c4 = 'c4'.padEnd(40, '0');
const found = (commit: string) => ({ is: 'found', commit }) as const;

function said(exitCode: number, reason?: string): Partial<ObservedJob> {
  const result = reason === undefined ? {} : { result: { reason, errors: ['no space left'] } as never }; // as far as it is read
  return { state: 'failed', failure: 'PodFailurePolicy', said: { exitCode, text: 'last words', ...result } };
}

const trouble = { reason: 'PodPending', message: 'Job job-0: no such image', since: at(-10) } as const;

/** The template that the Job has which this run would make now. */
function declaredBy(o: typeof created): string {
  const verdict = indexJob.look({ ...o, jobs: [] });
  return madeBy(verdict)?.metadata.annotations?.[jobKeys.template] ?? '';
}

describe('a Job that stands', () => {
  const template = declaredBy(created);
  const standing = (given: Partial<ObservedJob> = {}): typeof created => ({
    ...created,
    jobs: [aJob({ ready: 0, template, trouble, ...given })],
  });

  it('is waited for, and told of in its own words', () => {
    expect(indexJob.look(standing())).toMatchObject({
      is: 'wait',
      reason: 'PodPending',
      message: trouble.message,
      stalls: false,
    });
    expect(indexJob.look(standing({ trouble: { ...trouble, since: at(-300) } }))).toMatchObject({ stalls: true });
  });

  it('is made anew when its pods are declared otherwise by now, and not for a grant or a commit of its own', () => {
    const run = declaring(standing(), { spec: { worker: { image: 'reindeer:2' } } });
    expect(saidBy(indexJob.look(run))).toMatchObject([{ name: 'delete-job', uid: 'job-0-uid' }]);
    expect(verdictOf(indexJob, { ...run, jobs: [aJob({ template })] })).toBe('wait: Running');
    expect(verdictOf(indexJob, { ...run, jobs: [aJob({ ready: 0, template, trouble, deleting: true })] })).toBe(
      'wait: PodPending',
    );
    const later = onEngine(standing({ commit: c3 }), { lock: heldLock({}, { token: 99 }) });
    expect(verdictOf(indexJob, later)).toBe('wait: PodPending');
  });

  it('has its new image noted in the record of the version before it is made', () => {
    const repaired = declaring(created, { spec: { worker: { image: 'reindeer:2' } } });
    expect(saidBy(indexJob.look(repaired))).toMatchObject([
      { name: 'note-image', index: 'kibana-v2', image: 'reindeer:2' },
    ]);
  });

  const another = (o: typeof created) => declaring(o, { spec: { worker: { image: 'reindeer:2' } } });
  const unclean = onEngine(created, {
    versions: engineOf(created).versions.map(version =>
      version.number === 2 ? { ...version, clean: false } : version,
    ),
  });

  it.each([
    ['verified', catchUp, answered(another(filled), newestCommit, found(c3))],
    ['begun to be filled', indexJob, another(unclean)],
  ])('gets the image that filled the version so far, once that is %s', (_what, step, o) => {
    const verdict = JSON.stringify(step.look(o));
    expect(verdict).toContain('"name":"create-job"');
    expect(verdict).toContain('"image":"reindeer:1"');
    expect(verdict).not.toContain('reindeer:2');
  });

  it('is given up with its version when its image began, has stood for long, and another one is declared', () => {
    const since = (seconds: number) => ({ ...trouble, since: at(seconds) });
    const stands = (seconds: number) => ({ ...unclean, jobs: [aJob({ ready: 0, template, trouble: since(seconds) })] });
    expect(verdictOf(indexJob, another(stands(-300)))).toBe('fail: WorkerChanged');
    expect(verdictOf(indexJob, another(stands(-60)))).toBe('wait: PodPending');
    expect(verdictOf(indexJob, stands(-300))).toBe('wait: PodPending');
  });

  it('is made anew in a later round as in the first', () => {
    const jobs = [...filled.jobs, aJob({ round: 1, base: c2, commit: c3, ready: 0, trouble, template: 'another' })];
    expect(saidBy(catchUp.look(answered({ ...filled, jobs }, newestCommit, found(c3))))).toMatchObject([
      { name: 'delete-job', uid: 'job-1-uid' },
    ]);
    const alike = jobs.map(job => ({ ...job, template }));
    expect(verdictOf(catchUp, answered({ ...filled, jobs: alike }, newestCommit, found(c3)))).toBe('wait: PodPending');
  });
});

describe('index-job', () => {
  const jobName = /^act: create-job\/run-[0-9a-f]{10}$/;

  it('makes the Job of the first round at the newest commit', () => {
    expect(verdictOf(indexJob, created)).toMatch(jobName);
    const annotations = { 'reindeer.dev/run-commit': c2, 'reindeer.dev/run-round': '0' };
    expect(madeBy(indexJob.look(created))).toMatchObject({ metadata: { annotations } });
  });

  it('makes the same Job again when it vanished', () => {
    expect(verdictOf(indexJob, created)).toBe(verdictOf(indexJob, { ...created, now: new Date() }));
  });

  it("gives the Job the pod that the IndexedRepo declares, and the chart's where it declares none", () => {
    const resources = { limits: { memory: '8Gi' } };
    const declared = declaring(created, { spec: { heavy: { resources, nodeSelector: { pool: 'build' } } } });
    const pod = (o: typeof created): unknown => {
      const verdict = indexJob.look(o);
      return JSON.stringify(verdict);
    };
    expect(pod(declared)).toContain('"memory":"8Gi"');
    expect(pod(declared)).toContain('"pool":"build"');
    expect(pod(created)).toContain('"memory":"2Gi"');
  });

  it.each<Row>([
    ['is done when the record holds a verified commit', filled, 'done'],
    ['is done when the record does and the Job vanished', { ...filled, jobs: [] }, 'done'],
    ['asks for the newest commit', answered(created, newestCommit, undefined), `ask: ${newestCommit.name}`],
    ['waits for a Job at work', { ...created, jobs: [aJob()] }, 'wait: Running'],
    ['waits until a deleted Job is gone', { ...created, jobs: [aJob({ deleting: true })] }, 'wait: Running'],
    ['waits for the Job to end even if the record is there', { ...filled, jobs: [aJob()] }, 'wait: Running'],
    [
      'fails when the Job ended well and the record holds no commit',
      { ...created, jobs: [aJob({ state: 'succeeded' })] },
      'fail: VerificationFailed',
    ],
    [
      'fails when the Job took too long',
      { ...created, jobs: [aJob({ state: 'failed', failure: 'DeadlineExceeded' })] },
      'fail: DeadlineExceeded',
    ],
    [
      'fails when the Job failed and nobody said why',
      { ...created, jobs: [aJob({ state: 'failed' })] },
      'fail: WorkerFailed',
    ],
    ['fails with what the worker said', { ...created, jobs: [aJob(said(1, 'DiskFull'))] }, 'fail: DiskFull'],
    [
      'fails with the exit code when what it said is no reason',
      { ...created, jobs: [aJob(said(66, 'Oops'))] },
      'fail: RefNotFound',
    ],
    ['fails with exit code 77', { ...created, jobs: [aJob(said(77))] }, 'fail: AuthenticationFailed'],
    ['fails with exit code 79', { ...created, jobs: [aJob(said(79))] }, 'fail: VerificationFailed'],
    ['fails with exit code 80', { ...created, jobs: [aJob(said(80))] }, 'fail: LockLost'],
    ['fails with any other exit code', { ...created, jobs: [aJob(said(137))] }, 'fail: WorkerFailed'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(indexJob, o)).toBe(verdict);
  });

  it('leaves Jobs to be deleted, those that are not yet', () => {
    const jobs = [aJob({ round: 0, state: 'failed' }), aJob({ round: 1 }), aJob({ round: 2, deleting: true })];
    expect(undoOf(indexJob, { ...created, jobs })).toEqual([
      ...['forget-run/job-0-uid', 'delete-job/job-0'],
      ...['forget-run/job-1-uid', 'delete-job/job-1'],
    ]);
    expect(undoOf(indexJob, { ...created, jobs, engine: undefined })).toEqual(['delete-job/job-0', 'delete-job/job-1']);
  });
});

describe('catch-up', () => {
  const rounds = (...states: readonly ObservedJob['state'][]): readonly ObservedJob[] =>
    states.map((state, round) => aJob({ round, state, finished: at(round) }));
  const behind = answered(filled, newestCommit, found(c3));
  const unreachable = { is: 'problem', lasting: false, reason: 'RemoteUnreachable', message: '' } as const;
  const liveAt = (commit: string, o: typeof filled): typeof filled =>
    onEngine(o, {
      versions: engineOf(o).versions.map(version => (version.number === 1 ? { ...version, commit } : version)),
    });

  it('makes an incremental Job from what the candidate holds to the newest commit', () => {
    const annotations = { 'reindeer.dev/run-commit': c3, 'reindeer.dev/run-base': c2 };
    expect(madeBy(catchUp.look(behind))).toMatchObject({ metadata: { annotations } });
  });

  it.each<Row>([
    ['is done when the candidate holds the newest commit', filled, 'done'],
    [
      'is done when the remote cannot be asked now: a good candidate is not kept from serving',
      answered(filled, newestCommit, unreachable),
      'done',
    ],
    [
      'is done after three rounds: a branch that moves faster is caught up by light runs',
      { ...behind, jobs: rounds('succeeded', 'succeeded', 'succeeded', 'succeeded') },
      'done',
    ],
    [
      'goes on after three rounds when light runs brought the live version past the candidate',
      liveAt(c4, { ...behind, jobs: rounds('succeeded', 'succeeded', 'succeeded', 'succeeded') }),
      `job to ${c3}`,
    ],
    [
      'is done after three rounds when the candidate has been where the live version is',
      liveAt(c2, { ...behind, jobs: rounds('succeeded', 'succeeded', 'succeeded', 'succeeded') }),
      'done',
    ],
    [
      'follows the live version when the remote cannot be asked: a switch never goes back in time',
      liveAt(c4, answered(filled, newestCommit, unreachable)),
      `job to ${c4}`,
    ],
    ['waits for a round at work', { ...behind, jobs: rounds('succeeded', 'active') }, 'wait: Running'],
    ['fails with a round that failed', { ...behind, jobs: rounds('succeeded', 'failed') }, 'fail: WorkerFailed'],
  ])('%s', (_row, o, verdict) => {
    const made = madeBy(catchUp.look(o))?.metadata.annotations?.['reindeer.dev/run-commit'];
    expect(made === undefined ? verdictOf(catchUp, o) : `job to ${made}`).toBe(verdict);
  });

  it('goes on with the next round', () => {
    expect(verdictOf(catchUp, { ...behind, jobs: rounds('succeeded', 'succeeded') })).toMatch(/^act: create-job/);
  });
});
