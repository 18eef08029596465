import { describe, expect, it } from '@jest/globals';
import { newestCommit } from '../../../../src/runs/newest-commit.ts';
import type { ObservedJob } from '../../../../src/runs/observed.ts';
import { catchUp } from '../../../../src/runs/steps/catch-up.ts';
import { answered, aFilledRun, aJob, c2, engineOf, onEngine } from '../../../support/objects/a-run.ts';
import { madeBy, verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { at } from '../../../support/objects/an-object.ts';

const filled = aFilledRun();

const c3 = 'c3'.padEnd(40, '0');

const c4 = 'c4'.padEnd(40, '0');

const found = (commit: string) => ({ is: 'found', commit }) as const;

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

  describe('at a gate', () => {
    const atGate = (o: typeof filled): typeof filled => {
      const spec = { ...o.request.spec, gates: ['BeforeSwitch'] as const };
      const status = { ...o.request.status, gate: 'BeforeSwitch' as const };
      return { ...answered(o, newestCommit, undefined), request: { ...o.request, spec, status } };
    };
    const many = rounds('succeeded', 'succeeded', 'succeeded', 'succeeded', 'succeeded');

    it('asks no remote, and is done where the live version is not ahead', () => {
      expect(verdictOf(catchUp, atGate(behind))).toBe('done');
    });

    it('clears rounds away that are over, but the first and the last ones', () => {
      expect(verdictOf(catchUp, atGate({ ...filled, jobs: many }))).toBe('act: forget-run/job-1-uid, delete-job/job-1');
      expect(verdictOf(catchUp, atGate({ ...filled, jobs: many.slice(0, 4) }))).toBe('done');
    });

    it('follows the live version however often that moves', () => {
      const o = atGate(liveAt(c4, { ...filled, jobs: many.filter(({ round }) => round !== 1) }));
      expect(madeBy(catchUp.look(o))?.metadata.annotations?.['reindeer.dev/run-commit']).toBe(c4);
    });
  });

  describe('after a gate or a pause', () => {
    const pausedUntil = (second: number, o: typeof filled): typeof filled => {
      const told = { type: 'Paused', status: 'False', reason: 'NotPaused', message: '' } as const;
      const conditions = [{ ...told, observedGeneration: 1, lastTransitionTime: at(second) }];
      return { ...o, request: { ...o.request, status: { ...o.request.status, conditions } } };
    };
    const jobs = rounds('succeeded', 'succeeded', 'succeeded', 'succeeded').map(job => ({
      ...job,
      created: job.finished,
    }));

    it.each([
      [0, 'done'],
      [1, 'done'],
      [2, `job to ${c3}`],
    ])('counts the rounds since then alone: second %i', (second, verdict) => {
      const o = pausedUntil(second, { ...behind, jobs });
      const made = madeBy(catchUp.look(o))?.metadata.annotations?.['reindeer.dev/run-commit'];
      expect(made === undefined ? verdictOf(catchUp, o) : `job to ${made}`).toBe(verdict);
    });
  });

  it('goes on with the next round', () => {
    expect(verdictOf(catchUp, { ...behind, jobs: rounds('succeeded', 'succeeded') })).toMatch(/^act: create-job/);
  });
});
