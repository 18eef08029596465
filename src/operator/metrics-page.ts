import {
  clusterMetrics,
  dueMetrics,
  fieldMetrics,
  type Label,
  labelMeanings,
  type MetricEntry,
  productMetrics,
  repositoryMetrics,
  troubleMetrics,
} from './metric-catalogue.ts';

/** `docs/metrics.md`: every metric of the operator with type, unit, labels and meaning. */
export function metricsPage(): string {
  return `${[
    '# Metrics',
    about,
    '## Of the product',
    tableOf(productMetrics),
    '## Of each IndexedRepo',
    'Looked up at each scrape and reported by the replica that holds the lease alone; when an IndexedRepo is gone, so are its series. There are ten per IndexedRepo at most.',
    tableOf(repositoryMetrics),
    '## Of each SearchCluster',
    'Looked up and reported as those of IndexedRepos are.',
    tableOf(clusterMetrics),
    '## Of what is in the way',
    'Looked up and reported as those of IndexedRepos are. `docs/situations.md` says which reason stands for what.',
    tableOf(troubleMetrics),
    '## Of rebuilds that are due',
    'Looked up and reported as those of IndexedRepos are. `docs/gitops.md` says which reason begins one by itself.',
    tableOf(dueMetrics),
    '## Of the control plane',
    'Names, labels and meanings are those of controller-runtime and client-go.',
    tableOf(fieldMetrics),
    '## Of the process',
    'What the client library says of the process: `process_*` (CPU, memory, file descriptors, start time) under the names that client libraries of all languages share, and `nodejs_*` (event loop, heap, garbage collection, version).',
    '## Labels',
    labelTable(),
  ].join('\n\n')}\n`;
}

const about = `The operator answers \`/metrics\` on port 8080, beside \`/healthz\` and \`/readyz\`, in the text format of Prometheus. The
chart makes a ServiceMonitor with \`metrics.serviceMonitor.enabled=true\`, alerts with \`metrics.rules.enabled=true\` and a
Grafana dashboard with \`metrics.dashboard.enabled=true\`; all are off by default. Each alert has a page in \`docs/runbooks\`. No
label holds a commit, a message or a uid.

What workers did is counted once, when their run has ended, from what its pods said last: a pod that nobody could ask any
more is not counted. Counters begin at 0 in every process, as \`rate()\` and \`increase()\` expect.`;

function tableOf(metrics: Readonly<Record<string, MetricEntry>>): string {
  const rows = Object.entries(metrics).map(
    ([name, { type, unit, labels, help }]) =>
      `| \`${name}\` | ${type} | ${unit} | ${labels.map(label => `\`${label}\``).join(', ')} | ${help} |`,
  );
  return ['| Metric | Type | Unit | Labels | Meaning |', '|---|---|---|---|---|', ...rows].join('\n');
}

function labelTable(): string {
  const rows = Object.entries(labelMeanings as Readonly<Record<Label, string>>).map(
    ([label, meaning]) => `| \`${label}\` | ${meaning} |`,
  );
  return ['| Label | Its values |', '|---|---|', ...rows].join('\n');
}
