import { describe, expect, it } from '@jest/globals';
import { keys } from '../../../src/api/meta.ts';
import { chunkerHash, schemaVersion, selectionHash, type Selection } from '../../../src/domain/document-model.ts';
import { isNews, lags, lightStanding } from '../../../src/indexed-repo/light-standing.ts';
import { planLight, runNowAsked } from '../../../src/indexed-repo/light.ts';
import type { Observed } from '../../../src/indexed-repo/observed.ts';
import { rebuildDue } from '../../../src/indexed-repo/due.ts';
import type { ObservedJob } from '../../../src/runs/observed.ts';
import { aKeptRepo, aLaggingRepo, aLightJob, aRestingRepo, onAlias } from '../../support/objects/a-repo-look.ts';
import { brokenLock, c1, c2, heldLock } from '../../support/objects/a-run.ts';
import { madeBy } from '../../support/objects/a-verdict.ts';
import { aReindexRequest, at, t0 } from '../../support/objects/an-object.ts';

const last = {
  job: 'before',
  outcome: 'Failed',
  reason: 'WorkerFailed',
  from: '',
  to: '',
  started: at(-100),
  finished: at(-60),
} as const;
const repoWith = (light: object): Observed['repo'] => aKeptRepo({ status: { light: { failures: 0, ...light } } });
const later = (seconds: number): Date => new Date(t0.getTime() + seconds * 1000);
const said = (outcome: string, reason = ''): Partial<ObservedJob> =>
  ({ said: { exitCode: 0, text: '', result: { outcome, reason } } }) as never; // as far as it is read

function standing(job: Partial<ObservedJob>, o: Observed = aLaggingRepo()): string {
  const { failures, last: run } = lightStanding({ ...o, jobs: [aLightJob({ finished: at(1), ...job })] });
  return `${run?.outcome ?? 'none'} ${run?.reason ?? ''} ${failures}`;
}

const followed = (): Observed => {
  const o = aLaggingRepo();
  return onAlias(o, { live: { ...o.engine!.live!, commit: c2 } });
};

/** Of the live version. */
function isBehind(o: Observed, commit: string): boolean {
  return lags(o, o.engine!.live!, commit);
}

describe('a live version', () => {
  const c = 'a'.repeat(40);
  it.each([
    ['the commit that the ref names', c, ''],
    ['HEAD by its name', 'HEAD', ''],
    ['a branch', 'main', 'main'],
  ])('of %s does not lag behind it', (_, ref, branch) => {
    const repo = aKeptRepo();
    const o = aRestingRepo({ repo: { ...repo, spec: { ...repo.spec, source: { ...repo.spec.source, ref } } } });
    const resting = onAlias(o, { live: { ...o.engine!.live!, branch } });
    expect(isBehind(resting, o.engine!.live!.commit!)).toBe(false);
    expect(isBehind(onAlias(o, { live: { ...o.engine!.live!, branch: 'other' } }), o.engine!.live!.commit!)).toBe(true);
  });

  it('of HEAD does not lag behind it when an earlier release wrote that name', () => {
    const repo = aKeptRepo();
    const { ref: _ref, ...source } = repo.spec.source;
    const o = aRestingRepo({ repo: { ...repo, spec: { ...repo.spec, source } } });
    expect(isBehind(onAlias(o, { live: { ...o.engine!.live!, branch: 'HEAD' } }), o.engine!.live!.commit!)).toBe(false);
  });

  const [ours, builders] = ['a:5000/b:2', 'a:5000/b:1'];
  it.each<readonly [string, boolean, { readonly built: string; readonly declared?: string; readonly cut?: string }]>([
    ['that keeps the image of an earlier release', false, { built: builders, cut: 'otherwise' }],
    ['of a program of others', false, { built: 'other:1' }],
    ['of an image that is declared', false, { built: ours, declared: builders }],
    ['that this release takes over', true, { built: builders }],
  ])('%s, selected by other built-in rules: lags %s', (_, behind, { built, declared, cut = chunkerHash }) => {
    const repo = aKeptRepo({ spec: declared === undefined ? {} : { worker: { image: declared } } });
    const o = aRestingRepo({ repo, defaults: { ...aRestingRepo().defaults, image: ours } });
    const selected = (source: Selection, rules: number): Observed => {
      const how = { schema: schemaVersion, chunkerHash: cut, selectionHash: selectionHash(source, rules) };
      return onAlias(o, { live: { ...o.engine!.live!, ...how, workerImage: built } });
    };
    const { source } = repo.spec;
    expect([1, 2, 9].map(rules => isBehind(selected(source, rules), c1))).toEqual([behind, behind, behind]);
    expect(isBehind(selected({ ...source, exclude: ['docs/**'] }, 2), c1)).toBe(true);
  });
});

describe('a light run', () => {
  it.each<readonly [string, Partial<ObservedJob>, Observed, string]>([
    [
      'that brought the live version forward has succeeded',
      { state: 'succeeded' },
      followed(),
      'Succeeded Succeeded 0',
    ],
    ['that found nothing to do is a NoOp', { state: 'succeeded', ...said('noop') }, followed(), 'NoOp Succeeded 0'],
    [
      'that found the alias locked was skipped',
      { state: 'succeeded', ...said('skipped') },
      aLaggingRepo(),
      'Skipped Skipped 0',
    ],
    [
      'that says it ended well and left nothing has failed',
      { state: 'succeeded' },
      aLaggingRepo(),
      'Failed VerificationFailed 1',
    ],
    [
      'that wrote into a version which is live no more is believed',
      { state: 'succeeded', index: 'kibana-v0' },
      aLaggingRepo(),
      'Succeeded Succeeded 0',
    ],
    [
      'that failed says what the worker said',
      { state: 'failed', ...said('failed', 'DiskFull') },
      aLaggingRepo(),
      'Failed DiskFull 1',
    ],
    ['that failed and said nothing is WorkerFailed', { state: 'failed' }, aLaggingRepo(), 'Failed WorkerFailed 1'],
    [
      'that took too long is DeadlineExceeded',
      { state: 'failed', failure: 'DeadlineExceeded' },
      aLaggingRepo(),
      'Failed DeadlineExceeded 1',
    ],
    [
      'that failed without a word of why says what its exit code means',
      { state: 'failed', said: { exitCode: 78, text: 'exit code 78' } },
      aLaggingRepo(),
      'Failed FullReindexNeeded 1',
    ],
    [
      'that failed because its version serves no more was skipped',
      { state: 'failed', index: 'kibana-v0' },
      aLaggingRepo(),
      'Skipped Superseded 0',
    ],
    [
      'whose lease was taken away by hand says so',
      { state: 'failed', uid: 'light-uid', ...said('failed', 'LockLost') },
      onAlias(aLaggingRepo(), { broken: brokenLock('light-uid').broken }),
      'Failed LockBroken 1',
    ],
    [
      'is not blamed on what was taken from another',
      { state: 'failed', uid: 'light-uid', ...said('failed', 'LockLost') },
      onAlias(aLaggingRepo(), { broken: brokenLock('other-uid').broken }),
      'Failed LockLost 1',
    ],
    ['at work is not counted', { state: 'active' }, aLaggingRepo(), 'none  0'],
    [
      'is not counted while the engine cannot say what it left',
      { state: 'failed' },
      aLaggingRepo({ engine: undefined }),
      'none  0',
    ],
  ])('%s', (_row, job, o, expected) => {
    expect(standing(job, o)).toBe(expected);
  });

  it.each([
    ['a release before left what a later one wrote', { version: 'kibana-v9' }, 'kibana-v1'],
    ['a release before wrote it', {}, undefined],
  ])('is of the version that its Job names where %s', (_row, written, version) => {
    const counted = aLightJob({ state: 'succeeded', finished: last.finished, index: 'kibana-v1' });
    const repo = repoWith({ last: { ...last, ...written, job: counted.key.name } });
    expect(lightStanding(aLaggingRepo({ repo, jobs: [counted] })).last?.version).toBe(version);
  });

  const building = (steps: readonly string[], spec: object = {}): Partial<Observed> => {
    const status = { started: at(0), steps: steps.map(name => ({ name, started: at(0) })) };
    return { requests: [aReindexRequest({ spec, status: status })] }; // as far as it is read
  };
  const goesOn = aKeptRepo({ spec: { light: { duringReindex: 'Continue' } } });
  const lockOf = (kind: 'Heavy' | 'External') => heldLock({}, { holder: { kind, name: 'x', uid: 'x', pod: '' } }).lease;

  it.each<readonly [string, Observed, string]>([
    ['waits while a version is built', aLaggingRepo(building(['index-job'])), 'none'],
    ['waits while the lock is held', onAlias(aLaggingRepo(), { lock: lockOf('Heavy') }), 'none'],
    [
      'goes on beside a build when told to',
      onAlias(aLaggingRepo({ repo: goesOn, ...building(['index-job']) }), { lock: lockOf('Heavy') }),
      'start',
    ],
    [
      'waits from the moment on that the candidate is caught up',
      aLaggingRepo({ repo: goesOn, ...building(['index-job', 'catch-up']) }),
      'none',
    ],
    ['waits for a rollback', aLaggingRepo({ repo: goesOn, ...building([], { strategy: 'Rollback' }) }), 'none'],
    [
      'waits for an outside program, which catches nothing up',
      onAlias(aLaggingRepo({ repo: goesOn }), { lock: lockOf('External') }),
      'none',
    ],
    ['waits for a light run at work', aLaggingRepo({ repo: goesOn, jobs: [aLightJob()] }), 'none'],
  ])('%s', (_row, o, plan) => {
    expect(planLight(o).is).toBe(plan);
  });

  it.each(['Skip', 'Continue'])('tells its worker what to do while the alias is locked: %s', value => {
    const plan = planLight(aLaggingRepo({ repo: aKeptRepo({ spec: { light: { duringReindex: value } } }) }));
    const job = plan.is === 'start' ? madeBy({ effects: [plan.effect] }) : undefined;
    expect(JSON.stringify(job)).toContain(JSON.stringify({ name: 'REINDEER_DURING_REINDEX', value }));
  });

  it('is counted once, whichever second it ended in', () => {
    expect(isNews(aLightJob({ state: 'failed', finished: at(-60), created: at(-61) }), last)).toBe(true);
    expect(isNews(aLightJob({ state: 'failed', finished: at(-60), created: at(-100) }), last)).toBe(false);
    expect(isNews(aLightJob({ state: 'failed', finished: at(-61), created: at(-61) }), last)).toBe(false);
    expect(
      isNews(aLightJob({ state: 'failed', finished: at(0), key: { namespace: 'team', name: 'before' } }), last),
    ).toBe(false);
  });

  it('after failures waits twice as long each time, up to an hour', () => {
    const pause = (failures: number): number => {
      const plan = planLight(aLaggingRepo({ repo: repoWith({ failures, last: { ...last, finished: at(0) } }) }));
      return plan.is === 'later' ? (plan.at.getTime() - t0.getTime()) / 1000 : 0;
    };
    expect([1, 2, 3, 7, 8, 60].map(pause)).toEqual([30, 60, 120, 1920, 3600, 3600]);
  });

  it('after one that was skipped waits half a minute: the lock is free, so the next one is not', () => {
    const skipped = { failures: 0, last: { ...last, outcome: 'Skipped', finished: at(0) } };
    const o = aLaggingRepo({ repo: repoWith(skipped) });
    expect(planLight(o)).toEqual({ is: 'later', at: later(30) });
    expect(planLight({ ...o, now: later(30) }).is).toBe('start');
  });

  it('is timed by the last one into the same version, and one that brought it nowhere is not made again at once', () => {
    const other = { ...last, version: 'kibana-v0', finished: at(0) };
    const after = (failures: number, job: Partial<ObservedJob>): ReturnType<typeof planLight> =>
      planLight(
        aLaggingRepo({
          repo: repoWith({ failures, last: other }),
          jobs: [aLightJob({ state: 'succeeded', finished: at(-20), ...job })],
        }),
      );
    expect(after(0, {})).toEqual({ is: 'later', at: later(10) });
    expect(after(2, {})).toEqual({ is: 'later', at: later(40) });
    expect(after(0, { commit: c1 }).is).toBe('start');
    expect(after(0, { index: 'kibana-v0' }).is).toBe('start');
  });

  it('that is asked for by annotation does not wait for the pause', () => {
    const failing = { failures: 5, last: { ...last, finished: at(0) } };
    const repo = aKeptRepo({ status: { light: failing }, metadata: { annotations: { [keys.runNow]: 'ci-1' } } });
    expect(planLight(aLaggingRepo({ repo })).is).toBe('start');
    expect(runNowAsked(repo)).toBe('ci-1');
    const answered = aKeptRepo({ status: { light: { ...failing, lastRunNow: 'ci-1' } }, metadata: repo.metadata });
    expect(runNowAsked(answered)).toBeUndefined();
    expect(planLight(aLaggingRepo({ repo: answered })).is).toBe('later');
  });

  it('that is asked for with a long value is answered with what can be stored of it', () => {
    const annotations = { [keys.runNow]: `${'a'.repeat(252)}😀 and more` };
    const asked = runNowAsked(aKeptRepo({ metadata: { annotations } })) ?? '';
    const lastRunNow = Buffer.from(asked).toString();
    expect(runNowAsked(aKeptRepo({ metadata: { annotations }, status: { light: { failures: 0, lastRunNow } } }))).toBe(
      undefined,
    );
  });

  it('has another name than the run before it, and the same one however often it is decided', () => {
    const name = (o: Observed): string => {
      const plan = planLight(o);
      return plan.is === 'start' ? (madeBy({ effects: [plan.effect] })?.metadata.name ?? '') : '';
    };
    const first = name(aLaggingRepo());
    expect(first).toMatch(/^kibana-light-[0-9a-f]{10}$/);
    expect(name(aLaggingRepo({ now: later(9) }))).toBe(first);
    expect(name(aLaggingRepo({ repo: repoWith({ last }), now: later(999) }))).not.toBe(first);
  });

  it('is written by the image that built the version, unless the user names one', () => {
    const image = (o: Observed): unknown => JSON.stringify(planLight(o));
    const built = aLaggingRepo();
    expect(image(onAlias(built, { live: { ...built.engine!.live!, workerImage: 'worker:old' } }))).toContain(
      '"image":"worker:old"',
    );
    expect(image(aLaggingRepo({ repo: aKeptRepo({ spec: { worker: { image: 'mine:2' } } }) }))).toContain(
      '"image":"mine:2"',
    );
  });

  const builtBy = (workerImage: string, given: object = {}, spec: object = {}): Observed => {
    const o = aLaggingRepo({
      repo: aKeptRepo({ spec }),
      defaults: { ...aLaggingRepo().defaults, image: 'a:5000/b:2' },
    });
    const same = { schema: schemaVersion, chunkerHash };
    return onAlias(o, { live: { ...o.engine!.live!, ...same, workerImage, ...given } });
  };
  it.each<readonly [string, Observed, string, string | undefined]>([
    ['by a later release of the same image', builtBy('a:5000/b:1'), 'a:5000/b:2', undefined],
    ['by one that is named by its digest', builtBy('a:5000/b:1@sha256:0f'), 'a:5000/b:2', undefined],
    [
      'by the old one, when the new one cuts otherwise',
      builtBy('a:5000/b:1', { chunkerHash: 'x' }),
      'a:5000/b:1',
      'a:5000/b:1',
    ],
    [
      'by the old one, when the new one has other documents',
      builtBy('a:5000/b:1', { schema: 1 }),
      'a:5000/b:1',
      'a:5000/b:1',
    ],
    ['by the old one, when the new one is another program', builtBy('a:5000/c:1'), 'a:5000/c:1', 'a:5000/c:1'],
    ['by the one that is declared', builtBy('d:3', {}, { worker: { image: 'd:3' } }), 'd:3', undefined],
  ])('goes on after an upgrade of the operator %s', (_what, o, image, leftBehind) => {
    expect(JSON.stringify(planLight(o))).toContain(`"image":"${image}"`);
    const due = rebuildDue(o);
    expect(due.map(({ reason, is }) => ({ reason, is }))).toEqual(
      leftBehind === undefined ? [] : [{ reason: 'WorkerChanged', is: 'reported' }],
    );
    for (const { message } of due) expect(message).toContain(`was built by image ${leftBehind}, which updates it`);
  });
});
