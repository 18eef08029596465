import { beforeAll, describe, expect, it } from '@jest/globals';
import { rendered, type Rendered } from '../../scripts/chart.ts';
import { metricCatalogue } from '../../src/operator/metric-catalogue.ts';

const all = ['serviceMonitor', 'rules', 'dashboard'].flatMap(part => ['--set', `metrics.${part}.enabled=true`]);
const kinds = ['ServiceMonitor', 'PrometheusRule', 'ConfigMap'];

type Port = { readonly name: string; readonly port: number };
type Service = Rendered & { readonly spec: { readonly selector: object; readonly ports: readonly Port[] } };
type Monitor = Rendered & {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly endpoints: readonly { readonly port: string; readonly path: string; readonly honorLabels: boolean }[];
  };
};
type Rule = { readonly alert: string; readonly expr: string; readonly annotations: Readonly<Record<string, string>> };
type Rules = Rendered & { readonly spec: { readonly groups: readonly { readonly rules: readonly Rule[] }[] } };
type Dashboard = {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
};

let objects: readonly Rendered[];

beforeAll(async () => {
  objects = await rendered(...all);
}, 600_000);

/** The one object of a kind, for the caller to read as what that kind is. */
function the(kind: string): unknown {
  const found = objects.filter(object => object.kind === kind);
  expect(found).toHaveLength(1);
  return found[0];
}

function rules(): readonly Rule[] {
  return (the('PrometheusRule') as Rules).spec.groups.flatMap(group => group.rules);
}

function dashboard(): Dashboard {
  const { data } = the('ConfigMap') as { readonly data: Readonly<Record<string, string>> };
  return JSON.parse(data['reindeer.json'] ?? '') as Dashboard;
}

/** Names in an expression that the operator would have to report: functions, labels and texts are none. */
function metricsIn(expr: string): readonly string[] {
  const bare = expr
    .replace(/\{[^}]*\}/g, '')
    .replace(/\b(by|on|without) \([^)]*\)/g, '')
    .replace(/\$\w+/g, '');
  return bare.match(/\b[a-z]+(?:_[a-z0-9]+)+\b(?!\()/g) ?? [];
}

const known = new Set(
  Object.entries(metricCatalogue).flatMap(([name, { type }]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
);
describe('the metrics of the chart', () => {
  it('bring no object by default: neither kind nor label need be known to the cluster', async () => {
    const defaults = await rendered();
    expect(defaults.filter(({ kind }) => kinds.includes(kind))).toEqual([]);
  });

  it('are scraped where the operator answers, with the namespaces of IndexedRepos left as they are', () => {
    const { selector, endpoints } = (the('ServiceMonitor') as Monitor).spec;
    const service = the('Service') as Service;
    expect(service.metadata.labels).toMatchObject(selector.matchLabels);
    const [endpoint] = endpoints;
    expect(endpoint).toMatchObject({ path: '/metrics', honorLabels: true });
    expect(service.spec.ports.map(({ name }) => name)).toContain(endpoint?.port);
  });

  it('carry the labels by which a Prometheus or a Grafana finds them', async () => {
    const labels = ['metrics.serviceMonitor.labels.release=prom', 'metrics.rules.labels.release=prom'];
    const labelled = await rendered(...all, ...labels.flatMap(label => ['--set', label]));
    const of = (kind: string) => labelled.find(object => object.kind === kind)?.metadata.labels;
    expect(of('ServiceMonitor')).toMatchObject({ release: 'prom' });
    expect(of('PrometheusRule')).toMatchObject({ release: 'prom' });
    expect(of('ConfigMap')).toMatchObject({ grafana_dashboard: '1' });
  });

  it('need the Service for a ServiceMonitor', async () => {
    await expect(rendered(...all, '--set', 'service.enabled=false')).rejects.toThrow('needs service.enabled');
  });

  it('refuse an interval that Prometheus would refuse', async () => {
    await expect(rendered('--set', 'metrics.serviceMonitor.interval=often')).rejects.toThrow('does not match pattern');
  });

  it('ask in rules and dashboard for nothing that the operator does not report', () => {
    const asked = [
      ...rules().map(rule => rule.expr),
      ...dashboard().panels.flatMap(panel => panel.targets.map(each => each.expr)),
    ];
    expect(asked.length).toBeGreaterThan(10);
    for (const expr of asked) {
      const names = metricsIn(expr);
      expect({ expr, names: names.length > 0 }).toEqual({ expr, names: true });
      expect({ expr, unknown: names.filter(name => !known.has(name)) }).toEqual({ expr, unknown: [] });
    }
    expect(metricsIn('rate(reindeer_runs_totals{outcome="Failed"}[5m])')).toEqual(['reindeer_runs_totals']);
  });

  it('send people to runbooks of their own where those are served elsewhere', async () => {
    const elsewhere = await rendered(...all, '--set', 'metrics.rules.runbooks=https://wiki.corp/reindeer/');
    const rule = elsewhere.find(object => object.kind === 'PrometheusRule') as Rules;
    const urls = rule.spec.groups.flatMap(group => group.rules.map(each => each.annotations['runbook_url']));
    expect(urls[0]).toBe('https://wiki.corp/reindeer/ReindeerRepositoryBehind.md');
    await expect(rendered('--set', 'metrics.rules.runbooks=wiki')).rejects.toThrow('does not match pattern');
  });

  it('say with every alert what it is and what to do', () => {
    expect(rules().map(rule => rule.alert)).toEqual([
      'ReindeerRepositoryBehind',
      'ReindeerRepositoryStalled',
      'ReindeerRepositoryNotReady',
      'ReindeerClusterNotReady',
      'ReindeerRemoteUnanswered',
      'ReindeerLockHeld',
      'ReindeerLockSilent',
      'ReindeerRunsFail',
      'ReindeerMismatch',
      'ReindeerTrouble',
      'ReindeerReconcileErrors',
      'ReindeerOperatorTwin',
      'ReindeerNobodyLeads',
    ]);
    for (const { alert, annotations } of rules()) {
      expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook_url']);
      expect(annotations['runbook_url']).toBe(`https://reindeer.dev/docs/runbooks/${alert}.md`);
    }
  });
});
