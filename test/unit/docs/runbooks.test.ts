import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { load } from 'js-yaml';
import { metricCatalogue } from '../../../src/operator/metric-catalogue.ts';
import { evaluate, type Samples } from '../../support/checks/promql.ts';

type Rule = { readonly alert: string; readonly expr: string; readonly annotations: Readonly<Record<string, string>> };
type Rules = { readonly groups: readonly { readonly rules: readonly Rule[] }[] };

const root = join(import.meta.dirname, '..', '..', '..');
const text = readFileSync(join(root, 'charts/reindeer/files/rules.yaml'), 'utf8');
const rules = (load(text) as Rules).groups.flatMap(group => group.rules);
const page = (name: string): string => readFileSync(join(root, 'docs/runbooks', name), 'utf8');

const kibana = { namespace: 'team', name: 'kibana' };
/** One sample of each metric that is named, of IndexedRepo or SearchCluster team/kibana unless it says otherwise. */
const of = (values: Readonly<Record<string, number>>, labels: Readonly<Record<string, string>> = kibana): Samples =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [{ labels, value }]]));
const loop = { controller: 'indexedrepo' };
const replica = { namespace: 'reindeer-system', job: 'reindeer', pod: 'reindeer-1' };
const lease = { name: 'reindeer' };

describe('the alerts', () => {
  it.each<readonly [string, 'fires' | 'is silent', Samples]>([
    ['RepositoryBehind', 'fires', of({ reindeer_freshness_lag_seconds: 3601, reindeer_freshness_limit_seconds: 3600 })],
    ['RepositoryBehind', 'is silent', of({ reindeer_freshness_lag_seconds: 59, reindeer_freshness_limit_seconds: 60 })],
    ['RepositoryBehind', 'is silent', of({ reindeer_freshness_limit_seconds: 60 })],
    ['RepositoryStalled', 'fires', of({ reindeer_repository_stalled: 1 })],
    ['RepositoryStalled', 'is silent', of({ reindeer_repository_stalled: 0 })],
    ['RepositoryNotReady', 'fires', of({ reindeer_repository_ready: 0, reindeer_repository_reconciling: 0 })],
    ['RepositoryNotReady', 'is silent', of({ reindeer_repository_ready: 0, reindeer_repository_reconciling: 1 })],
    ['RepositoryNotReady', 'is silent', of({ reindeer_repository_ready: 1, reindeer_repository_reconciling: 0 })],
    ['ClusterNotReady', 'fires', of({ reindeer_cluster_ready: 0 })],
    ['ClusterNotReady', 'is silent', of({ reindeer_cluster_ready: 1 })],
    ['RemoteUnanswered', 'fires', of({ reindeer_remote_failing_seconds: 901 })],
    ['RemoteUnanswered', 'is silent', of({ reindeer_remote_failing_seconds: 0 })],
    ['RemoteUnanswered', 'is silent', {}],
    ['LockHeld', 'fires', of({ reindeer_lock_age_seconds: 43_201 })],
    ['LockHeld', 'is silent', of({ reindeer_lock_age_seconds: 3600 })],
    ['LockSilent', 'fires', of({ reindeer_lock_silent_seconds: 60 })],
    ['LockSilent', 'is silent', of({ reindeer_lock_age_seconds: 43_201 })],
    ['RunsFail', 'fires', of({ reindeer_light_failures: 3 })],
    ['RunsFail', 'is silent', of({ reindeer_light_failures: 2 })],
    ['Mismatch', 'fires', of({ reindeer_verification_mismatches_total: 1 }, { check: 'worker' })],
    ['Mismatch', 'is silent', of({ reindeer_verification_mismatches_total: 0 }, { check: 'worker' })],
    ['Trouble', 'fires', of({ reindeer_trouble: 1 }, { ...kibana, resource: 'indexedrepos', reason: 'PodPending' })],
    ['Trouble', 'is silent', {}],
    ['ReconcileErrors', 'fires', of({ controller_runtime_reconcile_errors_total: 6 }, loop)],
    ['ReconcileErrors', 'is silent', of({ controller_runtime_reconcile_errors_total: 2 }, loop)],
    ['OperatorTwin', 'fires', of({ reindeer_operator_twin: 1 }, replica)],
    ['OperatorTwin', 'is silent', of({ reindeer_operator_twin: 0 }, replica)],
    ['OperatorTwin', 'is silent', {}],
    ['NobodyLeads', 'fires', of({ leader_election_master_status: 0 }, lease)],
    ['NobodyLeads', 'fires', {}],
    ['NobodyLeads', 'is silent', of({ leader_election_master_status: 1 }, lease)],
  ])('Reindeer%s %s', (alert, what, samples) => {
    const rule = rules.find(each => each.alert === `Reindeer${alert}`);
    expect(evaluate(rule?.expr ?? '', samples).length > 0 ? 'fires' : 'is silent').toBe(what);
  });

  it('that are about one object name it in their summary', () => {
    const own = Object.entries(metricCatalogue).filter(([, { labels }]) =>
      (labels as readonly string[]).includes('namespace'),
    );
    for (const { alert, expr, annotations } of rules) {
      if (!own.some(([name]) => expr.includes(name))) continue;
      expect({ alert, summary: annotations['summary'] }).toMatchObject({
        summary: expect.stringContaining('{{ $labels.namespace }}/{{ $labels.name }}'),
      });
    }
  });

  it('have a runbook each, and no runbook is of none', () => {
    const pages = readdirSync(join(root, 'docs/runbooks')).filter(name => name !== 'README.md');
    expect(pages.toSorted()).toEqual(rules.map(({ alert }) => `${alert}.md`).toSorted());
  });

  it.each(rules.map(({ alert }) => alert))('%s is explained from meaning to mending, and listed', alert => {
    const headings = page(`${alert}.md`).match(/^#+ .*/gm);
    expect(headings).toEqual([`# ${alert}`, '## Meaning', '## Impact', '## Diagnosis', '## Mitigation']);
    expect(page('README.md')).toContain(`[${alert}](${alert}.md)`);
  });
});
