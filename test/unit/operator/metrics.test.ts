import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { metricCatalogue } from '../../../src/operator/metric-catalogue.ts';
import { metricsPage } from '../../../src/operator/metrics-page.ts';
import { Metrics, type RepositoryFigures, type Snapshot } from '../../../src/operator/metrics.ts';
import { complaintsAbout, familiesIn, valueOf } from '../../support/checks/exposition.ts';

const nothing: Snapshot = {
  lease: undefined,
  watches: [],
  repositories: [],
  clusters: [],
  troubles: [],
  due: [],
  hasTwin: false,
};

const aRepository = (name: string, behind = 0): RepositoryFigures => ({
  namespace: 'team',
  name,
  values: {
    reindeer_freshness_lag_seconds: behind,
    reindeer_freshness_limit_seconds: 3600,
    reindeer_repository_ready: 1,
    reindeer_repository_stalled: 0,
    reindeer_lock_age_seconds: undefined,
    reindeer_lock_silent_seconds: undefined,
    reindeer_repository_reconciling: 0,
    reindeer_light_failures: 0,
    reindeer_remote_answered_timestamp_seconds: 1_767_225_600,
    reindeer_remote_failing_seconds: 0,
  },
});

/** Metrics of an operator that has done something of everything. */
const busy = (): Metrics => {
  const metrics = new Metrics();
  for (const controller of ['searchcluster', 'indexedrepo', 'reindexrequest']) {
    const queue = metrics.queue(controller);
    queue.added();
    queue.waited(0.01);
    queue.worked(0.1);
    const loop = metrics.controller(controller);
    loop.concurrency(4);
    loop.began();
    loop.ended('success', 0.2);
  }
  metrics.asked('GET', 200);
  metrics.asked('WATCH', undefined);
  metrics.runs.switched('Rebuild');
  metrics.runs.ended({
    kind: 'Light',
    outcome: 'Failed',
    seconds: 60,
    mismatch: 'worker',
    documents: { written: 12, deleted: 3 },
    bulkRetries: 2,
  });
  return metrics;
};

const snapshot = (repositories: number): Snapshot => ({
  lease: { name: 'reindeer', held: true },
  watches: [{ name: 'jobs', ageSeconds: 12 }],
  repositories: Array.from({ length: repositories }, (_, i) => aRepository(`repo-${i}`)),
  clusters: [{ namespace: 'team', name: 'main', values: { reindeer_cluster_ready: 1 } }],
  troubles: [{ resource: 'indexedrepos', namespace: 'team', name: 'main', reason: 'PodPending' }],
  due: [{ namespace: 'team', name: 'main', reason: 'SpecChanged', held: 'true' }],
  hasTwin: false,
});

describe('metrics', () => {
  it('pass the rules of a linter, every one with a sample', async () => {
    const families = familiesIn(await busy().text(snapshot(3)));
    expect(families.flatMap(complaintsAbout)).toEqual([]);
    const silent = families.filter(family => family.samples.length === 0).map(family => family.name);
    // Nobody holds a lock in this snapshot.
    expect(silent).toEqual(['reindeer_lock_age_seconds', 'reindeer_lock_silent_seconds']);
  });

  it('would be complained about if they were named or told otherwise', () => {
    const samples = [{ name: 'x', labels: `commit="${'a'.repeat(40)}"`, value: Number.NaN }];
    const wrong = familiesIn('# HELP runsCounter \n# TYPE runsCounter counter\n')[0]!;
    expect(complaintsAbout({ ...wrong, samples })).toHaveLength(5);
    expect(complaintsAbout({ name: 'lag_ms', type: 'gauge', help: 'Lag.', samples: [] })).toHaveLength(2);
  });

  it('are those of the catalogue and no other, with its types and words', async () => {
    const families = familiesIn(await busy().text(snapshot(1)));
    const told = Object.fromEntries(families.map(({ name, type, help }) => [name, { type, help }]));
    const listed = Object.entries(metricCatalogue).map(([name, { type, help }]) => [name, { type, help }]);
    expect(told).toEqual(Object.fromEntries(listed));
  });

  it('stand in docs/metrics.md, each with unit and meaning', () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'metrics.md'), 'utf8');
    expect(page).toBe(metricsPage());
    for (const [name, { type, unit, help }] of Object.entries(metricCatalogue)) {
      const row = page.split('\n').find(line => line.startsWith(`| \`${name}\` |`));
      expect(row).toContain(`| ${type} | ${unit} |`);
      expect(row).toContain(help);
    }
  });

  it('stay bounded: 500 IndexedRepos add 8 series each and nothing else', async () => {
    const count = async (repositories: number): Promise<number> =>
      familiesIn(await busy().text(snapshot(repositories))).flatMap(family => family.samples).length;
    const [without, few, many] = [await count(0), await count(1), await count(500)];
    expect(few - without).toBe(8);
    expect(many - without).toBe(4000);
    expect(without).toBeLessThan(320);
  });

  it('forget an IndexedRepo that is gone', async () => {
    const metrics = new Metrics();
    await metrics.text({ ...nothing, repositories: [aRepository('gone', 7), aRepository('stays', 8)] });
    const text = await metrics.text({ ...nothing, repositories: [aRepository('stays', 9)] });
    expect(text).not.toContain('gone');
    expect(valueOf(text, 'reindeer_freshness_lag_seconds', 'namespace="team",name="stays"')).toBe(9);
  });

  it('have every counter of runs from the start, so that the first run shows as an increase', async () => {
    const text = await new Metrics().text(nothing);
    const runs = familiesIn(text).find(family => family.name === 'reindeer_runs_total');
    expect(runs?.samples.map(({ labels, value }) => `${labels} ${value}`)).toEqual([
      'kind="Light",outcome="Succeeded" 0',
      'kind="Light",outcome="NoOp" 0',
      'kind="Light",outcome="Skipped" 0',
      'kind="Light",outcome="Failed" 0',
      'kind="Rebuild",outcome="Succeeded" 0',
      'kind="Rebuild",outcome="Superseded" 0',
      'kind="Rebuild",outcome="Aborted" 0',
      'kind="Rebuild",outcome="RolledBack" 0',
      'kind="Rebuild",outcome="Failed" 0',
      'kind="Rollback",outcome="Succeeded" 0',
      'kind="Rollback",outcome="Superseded" 0',
      'kind="Rollback",outcome="Aborted" 0',
      'kind="Rollback",outcome="RolledBack" 0',
      'kind="Rollback",outcome="Failed" 0',
      'kind="Copy",outcome="Succeeded" 0',
      'kind="Copy",outcome="Superseded" 0',
      'kind="Copy",outcome="Aborted" 0',
      'kind="Copy",outcome="RolledBack" 0',
      'kind="Copy",outcome="Failed" 0',
    ]);
  });

  it('count what a run says it did', async () => {
    const text = await busy().text(nothing);
    expect(valueOf(text, 'reindeer_runs_total', 'kind="Light",outcome="Failed"')).toBe(1);
    expect(valueOf(text, 'reindeer_documents_written_total', 'kind="Light"')).toBe(12);
    expect(valueOf(text, 'reindeer_documents_deleted_total', 'kind="Light"')).toBe(3);
    expect(valueOf(text, 'reindeer_bulk_retries_total', 'kind="Light"')).toBe(2);
    expect(valueOf(text, 'reindeer_verification_mismatches_total', 'check="worker"')).toBe(1);
    expect(valueOf(text, 'reindeer_switches_total', 'kind="Rebuild"')).toBe(1);
  });

  it('tell how long the runs took that ended well', async () => {
    const metrics = busy();
    const ended = { documents: { written: 0, deleted: 0 }, bulkRetries: 0 } as const;
    metrics.runs.ended({ kind: 'Rebuild', outcome: 'Succeeded', seconds: 90, ...ended });
    metrics.runs.ended({ kind: 'Rebuild', outcome: 'Succeeded', seconds: undefined, ...ended });
    const text = await metrics.text(nothing);
    const of = (kind: string) => valueOf(text, 'reindeer_run_duration_seconds_sum', `kind="${kind}"`);
    expect([of('Rebuild'), of('Light')]).toEqual([90, 0]);
    expect(valueOf(text, 'reindeer_run_duration_seconds_count', 'kind="Rebuild"')).toBe(1);
  });

  it.each([
    { result: 'success', errors: 0, terminal: 0 },
    { result: 'requeue', errors: 0, terminal: 0 },
    { result: 'error', errors: 1, terminal: 0 },
    { result: 'terminal_error', errors: 1, terminal: 1 },
  ] as const)('count a reconcile that ended with $result', async ({ result, errors, terminal }) => {
    const metrics = new Metrics();
    const loop = metrics.controller('indexedrepo');
    loop.began();
    loop.ended(result, 0.3);
    const text = await metrics.text(nothing);
    const of = 'controller="indexedrepo"';
    const shown = result === 'terminal_error' ? 'error' : result;
    expect(valueOf(text, 'controller_runtime_reconcile_total', `${of},result="${shown}"`)).toBe(1);
    expect(valueOf(text, 'controller_runtime_reconcile_errors_total', of)).toBe(errors);
    expect(valueOf(text, 'controller_runtime_terminal_reconcile_errors_total', of)).toBe(terminal);
    expect(valueOf(text, 'controller_runtime_active_workers', of)).toBe(0);
    expect(valueOf(text, 'controller_runtime_reconcile_time_seconds_sum', of)).toBe(0.3);
  });

  it('hold those of the process under the names that all client libraries share', async () => {
    const metrics = new Metrics();
    metrics.addProcessMetrics();
    const text = await metrics.text(nothing);
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_start_time_seconds'])
      expect(valueOf(text, name)).toBeGreaterThan(0);
    const others = familiesIn(text).filter(({ name }) => !(name in metricCatalogue));
    expect(others.filter(({ name }) => !/^(process|nodejs)_/.test(name))).toEqual([]);
  });
});
