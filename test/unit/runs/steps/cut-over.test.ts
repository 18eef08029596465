import { describe, expect, it } from '@jest/globals';
import type { Observed, ObservedJob } from '../../../../src/runs/observed.ts';
import { cutOver } from '../../../../src/runs/steps/cut-over.ts';
import {
  aComparedCopy,
  aCopyRequest,
  aCuttingCopy,
  aFilledCopy,
  aMadeCopy,
  anOriginal,
  aRecordedCopy,
  aSwitchedCopy,
  copied,
  original,
  passed,
  withIndex,
} from '../../../support/objects/a-copy.ts';
import { aFreshRun, aJob, asRequest, brokenLock, engineOf, onEngine } from '../../../support/objects/a-run.ts';
import { saidBy, undoOf, verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { at } from '../../../support/objects/an-object.ts';

const compared = aComparedCopy();
const byHand = { 'index.blocks.write': 'true', 'index.number_of_shards': '3' };

/** The names are gone, as after giving up; a Job of the cut-over is as is given. */
function unguarded(job: Partial<ObservedJob>): Observed {
  return { ...compared, jobs: [...compared.jobs, aJob({ round: 1, ...job })] };
}

/** The operator has the writer lease of the candidate, and of its names none but its own stands. */
function givenUp(o: Observed): Observed {
  const holder = { ...o.holder, operator: 'kubernetes-uid' };
  const writer = { held: true, holder, token: 6, epoch: 2, leaseSeconds: 15 };
  const versions = engineOf(o).versions.map(version => (version.number === 2 ? { ...version, writer } : version));
  const aliases = { [`${copied}.W2.0.draining`]: { is_hidden: true } };
  return onEngine(withIndex(withIndex(o, copied, { aliases }), original, anOriginal()), { versions });
}

const failed = (said?: ObservedJob['said'], given: Partial<ObservedJob> = {}): Partial<ObservedJob> => ({
  ...{ state: 'failed', failure: 'BackoffLimitExceeded' },
  ...(said && { said }),
  ...given,
});
const told = (exitCode: number): ObservedJob['said'] => ({ exitCode, text: 'last words' });
const giveUp = 'give-up-cut-over/orders-v2';

describe('cut-over', () => {
  it('has a worker move every alias of what serves, with what that serves with', () => {
    const settings = { 'index.default_pipeline': 'stamp', 'index.number_of_replicas': '1' };
    const o = withIndex(compared, original, anOriginal({ settings, aliases: { [`${original}.W3`]: {} } }));
    const both = [
      { index: original, properties: { search_routing: '1' } },
      { index: 'invoices', properties: {} },
    ];
    const beside = [...engineOf(o).beside, { alias: 'all', members: both, owner: undefined }];
    expect(saidBy(cutOver.look(onEngine(o, { beside })))).toMatchObject([
      {
        name: 'create-job',
        assignment: {
          ...{ step: 'cut-over', attempt: 1 },
          work: {
            ...{ program: 'cut-over', alias: 'orders', from: original, index: copied, number: 2, partitions: 1 },
            ...{ blockMs: 30_000, attempts: 10 },
            moves: [
              {
                alias: 'orders',
                expected: [{ index: original, properties: { is_write_index: true } }],
                next: [{ index: copied, properties: { is_write_index: true } }],
              },
              {
                alias: 'orders-read',
                expected: [{ index: original, properties: {} }],
                next: [{ index: copied, properties: {} }],
              },
              { alias: 'all', expected: both, next: [{ ...both[0], index: copied }, both[1]] },
            ],
            serving: { settings: { 'index.hidden': null, 'index.default_pipeline': 'stamp' }, dynamic: 'true' },
          },
        },
      },
    ]);
  });

  it('tells the worker what the request allows', () => {
    const copy = { blockWritesAtMost: '5s', attempts: 3 };
    const o = asRequest(compared, aCopyRequest({ verification: passed }, { copy }));
    expect(saidBy(cutOver.look(o))).toMatchObject([{ assignment: { work: { blockMs: 5_000, attempts: 3 } } }]);
  });

  it.each<Row>([
    ['waits while its worker is at work', aCuttingCopy(), 'wait: Running'],
    ['gives up when the Job ended and its names stand', aCuttingCopy({ job: failed(told(75)) }), `act: ${giveUp}`],
    ['gives up whatever ended it', aCuttingCopy({ blocked: true, job: failed(told(79)) }), `act: ${giveUp}`],
    ['gives up when the Job vanished', { ...aCuttingCopy(), jobs: compared.jobs }, `act: ${giveUp}`],
    [
      'gives up once a Job that is deleted has ended',
      aCuttingCopy({ job: { deleting: true, state: 'failed' } }),
      `act: ${giveUp}`,
    ],
    ['waits until a deleted Job is gone', unguarded({ deleting: true }), 'wait: Running'],
    ['fails with what the worker said', unguarded(failed(told(79))), 'fail: VerificationFailed'],
    [
      'fails when the Job took too long',
      unguarded({ state: 'failed', failure: 'DeadlineExceeded' }),
      'fail: DeadlineExceeded',
    ],
    ['fails after three Jobs in a row', unguarded(failed(told(75), { round: 3 })), 'fail: WorkerFailed'],
    [
      'fails when its worker was taken its lease',
      onEngine(unguarded(failed()), { lock: brokenLock('job-1-uid') }),
      'fail: LockBroken',
    ],
    ['fails when the Job says that it switched, and it did not', unguarded({ state: 'succeeded' }), 'fail: Drifted'],
    [
      'waits while somebody else has blocked writes',
      withIndex(compared, original, { settings: byHand }),
      'wait: WritesBlocked',
    ],
    [
      'fails when the alias was moved',
      onEngine(compared, { members: [{ index: 'other', properties: {} }] }),
      'fail: Drifted',
    ],
    ['fails when the alias lost the candidate again', onEngine(aRecordedCopy(), { members: [] }), 'fail: Drifted'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(cutOver, o)).toBe(verdict);
  });

  it.each([
    ['said that it may mend', failed(told(75))],
    ['said nothing', failed()],
  ])('has another Job begin when one ended that %s', (_what, job) => {
    expect(saidBy(cutOver.look(unguarded(job)))).toMatchObject([{ name: 'create-job', assignment: { attempt: 2 } }]);
  });

  it('counts how long writers are refused from when it saw that, and takes over once that is too long', () => {
    const first = { epoch: 1, attempt: 1 };
    const since = (seconds: number, given: { job?: Partial<ObservedJob>; attempt?: number } = {}) => {
      const attempt = { ...first, attempt: given.attempt ?? 1, blockedSince: at(-seconds) };
      return aCuttingCopy({ blocked: true, job: given.job ?? {}, status: { cutOver: attempt } });
    };
    const told = (o: Observed): unknown => cutOver.tell?.of(o, undefined);
    expect(told(aCuttingCopy())).toEqual(first);
    expect(told(aCuttingCopy({ blocked: true }))).toEqual({ ...first, blockedSince: at(0) });
    expect(told(since(9))).toEqual({ ...first, blockedSince: at(-9) });
    expect(cutOver.look(since(28))).toMatchObject({ is: 'wait', againInMs: 2_000 });
    expect(cutOver.look(since(1))).toMatchObject({ is: 'wait', againInMs: 5_000 });
    expect(verdictOf(cutOver, since(30))).toBe(`act: delete-job/job-1, ${giveUp}`);
    expect(verdictOf(cutOver, since(30, { job: { deleting: true } }))).toBe(`act: ${giveUp}`);
    // The block of an attempt before, which was lifted in between.
    expect(verdictOf(cutOver, since(99, { attempt: 7 }))).toBe('wait: Running');
    expect(told(since(99, { attempt: 7 }))).toEqual({ ...first, blockedSince: at(0) });
    // Lifted since, or the block of somebody else.
    expect(told(aCuttingCopy({ status: { cutOver: { ...first, blockedSince: at(-9) } } }))).toEqual(first);
    expect(told(withIndex(compared, original, { settings: byHand }))).toBeUndefined();
    expect(told(aSwitchedCopy())).toBeUndefined();
  });

  it('gives up in the name of this run, between the two indices', () => {
    const { holder } = compared;
    expect(saidBy(cutOver.look(aCuttingCopy({ job: failed() })))).toEqual([
      { name: 'give-up-cut-over', candidate: copied, live: original, holder },
    ]);
  });
});

const letGo = (o: Observed): readonly string[] => (cutOver.letGo?.(o) ?? []).map(({ id }) => id);

describe('a cut-over that may be under way', () => {
  it.each<readonly [string, Observed, readonly string[]]>([
    ['is given up', aCuttingCopy(), [giveUp]],
    ['is given up before its worker shows', unguarded({}), [giveUp]],
    ['is given up though its Job is gone', { ...aCuttingCopy(), jobs: [] }, [giveUp]],
    ['is given up once', givenUp(aCuttingCopy()), []],
    ['has not begun', compared, []],
    ['is over', aSwitchedCopy(), []],
    ['is over and written down', aRecordedCopy(), []],
    ['was moved by hand after it', onEngine(aRecordedCopy(), { members: [] }), []],
    ['is none of a run that builds from Git', aFreshRun(), []],
    ['is not seen without the engine', { ...aCuttingCopy(), engine: undefined }, []],
  ])('%s, before the run stands still', (_what, o, ids) => {
    expect(letGo(o)).toEqual(ids);
  });

  it.each<readonly [string, Observed, readonly string[]]>([
    ['that is at work', aCuttingCopy(), [giveUp]],
    ['that may begin any moment', compared, [giveUp]],
    ['that was given up', givenUp(compared), []],
    ['that cannot begin before all is copied', aMadeCopy(), []],
    ['that switched', aSwitchedCopy(), []],
    [
      'of which the candidate is gone and a name stands',
      onEngine(aCuttingCopy(), {
        indices: engineOf(aCuttingCopy()).indices.slice(0, 1),
        versions: engineOf(compared).versions.slice(0, 1),
      }),
      [giveUp],
    ],
    [
      'that is gone with its candidate',
      onEngine(compared, { indices: [anOriginal()], versions: engineOf(compared).versions.slice(0, 1) }),
      [],
    ],
    ['of which a block by hand is left', onEngine(compared, { indices: [anOriginal({ settings: byHand })] }), []],
  ])('%s: what is left of it to clean up', (_what, o, ids) => {
    expect(undoOf(cutOver, o)).toEqual(ids);
  });

  it('is not looked for by a copy that has only begun', () => {
    expect(undoOf(cutOver, { ...aFilledCopy(), engine: undefined })).toEqual([]);
  });
});
