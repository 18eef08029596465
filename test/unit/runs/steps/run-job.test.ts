import { describe, expect, it } from '@jest/globals';
import { buildZoneSettings } from '../../../../src/domain/zones.ts';
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
  aVersionIndex,
  c2,
  engineOf,
  heldLock,
  onEngine,
  declaring,
} from '../../../support/objects/a-run.ts';
import { madeBy, saidBy, verdictOf } from '../../../support/objects/a-verdict.ts';
import { zones } from '../../../support/objects/a-zone.ts';
import { at } from '../../../support/objects/an-object.ts';

const created = aCreatedRun();

const filled = aFilledRun();

const c3 = 'c3'.padEnd(40, '0');

const found = (commit: string) => ({ is: 'found', commit }) as const;

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

  it('is made anew with the names that the installation gives by now, and one at work is left alone', () => {
    const hostAliases = [{ ip: '10.0.0.9', hostnames: ['search-es-http.team.svc'] }];
    const { place } = created;
    if (!place) throw new Error('the run has no place');
    const named = { ...standing(), place: { ...place, workers: { ...place.workers, hostAliases } } };
    expect(saidBy(indexJob.look(named))).toMatchObject([{ name: 'delete-job', uid: 'job-0-uid' }]);
    expect(verdictOf(indexJob, { ...named, jobs: [aJob({ template })] })).toBe('wait: Running');
  });

  it('reaches the engine through the nodes of the build zone, as long as the version lies there', () => {
    const endpoints = ['https://es.svc:9200', 'https://spare-1.svc:9200'];
    const { place, request } = created;
    if (!place) throw new Error('the run has no place');
    const buildZone = { version: 2, zone: 'spare', nodes: ['spare-1'], endpoints: ['https://spare-1.svc:9200'] };
    const building = (settings: object, said: object = buildZone): typeof created => ({
      ...onEngine(created, { indices: [aVersionIndex(2, { requestUid: 'run-uid', zones }, settings)] }),
      request: { ...request, status: { ...request.status, buildZone: { ...buildZone, ...said } } },
      place: { ...place, engine: { ...place.engine, endpoints } },
    });
    const asked = (o: typeof created): string | undefined =>
      /"SEARCH_ENDPOINT","value":"([^"]*)"/.exec(JSON.stringify(madeBy(indexJob.look(o))))?.[1];
    expect(asked(building(buildZoneSettings(zones)))).toBe('https://spare-1.svc:9200');
    expect(asked(building({}))).toBe(endpoints.join(','));
    // Another one is declared by now.
    expect(asked(building(buildZoneSettings(zones), { endpoints: ['https://spare-9:9200'] }))).toBe(
      endpoints.join(','),
    );
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
