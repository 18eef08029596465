import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { ControllerMeter, QueueMeter, ReconcileResult } from '../kube/meters.ts';
import { strategies } from '../runs/strategies.ts';
import type { EndedRun, RunKind, RunMeter, RunOutcome } from '../work/ended-run.ts';
import {
  type ClusterMetric,
  type DueMetric,
  clusterMetrics,
  type FieldMetric,
  type Label,
  metricCatalogue,
  type MetricEntry,
  type ProductMetric,
  type RepositoryMetric,
  repositoryMetrics,
  type TroubleMetric,
} from './metric-catalogue.ts';

/** One object at one moment; undefined = unknown, and no series. */
type ObjectFigures<Metric extends string> = {
  readonly namespace: string;
  readonly name: string;
  readonly values: Readonly<Record<Metric, number | undefined>>;
};
export type RepositoryFigures = ObjectFigures<RepositoryMetric>;
export type ClusterFigures = ObjectFigures<ClusterMetric>;

/** One thing that is in the way of one object. */
export type TroubleFigure = {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly reason: string;
};

/** One reason for which a rebuild is due. */
export type DueFigure = {
  readonly namespace: string;
  readonly name: string;
  readonly reason: string;
  readonly held: 'true' | 'false';
};

/** What is looked up at each scrape. */
export type Snapshot = {
  readonly lease: { readonly name: string; readonly held: boolean } | undefined;
  readonly watches: readonly { readonly name: string; readonly ageSeconds: number }[];
  readonly repositories: readonly RepositoryFigures[];
  readonly clusters: readonly ClusterFigures[];
  readonly troubles: readonly TroubleFigure[];
  readonly due: readonly DueFigure[];
  /** Another operator works on an engine in the same name. */
  readonly hasTwin: boolean;
};

const heavy = Object.values(strategies);
const kinds: readonly RunKind[] = ['Light', ...heavy.map(({ name }) => name)];
const writing: readonly RunKind[] = ['Light', ...heavy.filter(({ traits }) => traits.builds).map(({ name }) => name)];

function outcomesOf(kind: RunKind): readonly RunOutcome[] {
  return kind === 'Light'
    ? ['Succeeded', 'NoOp', 'Skipped', 'Failed']
    : ['Succeeded', 'Superseded', 'Aborted', 'RolledBack', 'Failed'];
}

type Labels = Partial<Record<Label, string>>;
type Name = FieldMetric | ProductMetric | RepositoryMetric | ClusterMetric | TroubleMetric | DueMetric;

/**
 * The operator's metrics in a registry of their own. Everything that counts goes through the meters; what has a state
 * of its own (leases, watches, IndexedRepos) is handed over at each scrape, so that what is gone leaves no series.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();
  /** Tells of runs. */
  readonly runs: RunMeter;

  constructor() {
    for (const [name, entry] of Object.entries(metricCatalogue)) this.#register(name, entry);
    this.runs = {
      ended: run => this.#runEnded(run),
      switched: kind => this.#add('reindeer_switches_total', { kind }),
    };
    this.#beginAtZero();
  }

  /** Adds `process_*` and `nodejs_*`; not in tests, because some of these observe the whole process for ever. */
  addProcessMetrics(): void {
    // The default looks at the event loop a hundred times a second: most of what an operator at rest would do.
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: 1000 });
  }

  /** `controller` is a kind in small letters; its queue has the same name. */
  queue(controller: string): QueueMeter {
    const labels = { name: controller, controller };
    const depth = this.#gauge('workqueue_depth').labels(labels);
    const added = this.#counter('workqueue_adds_total').labels(labels);
    const retried = this.#counter('workqueue_retries_total').labels(labels);
    const waited = this.#histogram('workqueue_queue_duration_seconds').labels(labels);
    const worked = this.#histogram('workqueue_work_duration_seconds').labels(labels);
    depth.set(0);
    added.inc(0);
    retried.inc(0);
    return {
      depth: keys => depth.set(keys),
      added: () => added.inc(),
      retried: () => retried.inc(),
      waited: seconds => waited.observe(seconds),
      worked: seconds => worked.observe(seconds),
    };
  }

  controller(controller: string): ControllerMeter {
    const active = this.#gauge('controller_runtime_active_workers').labels({ controller });
    const seconds = this.#histogram('controller_runtime_reconcile_time_seconds').labels({ controller });
    active.set(0);
    const count = (result: ReconcileResult, by: number): void => {
      const isTerminal = result === 'terminal_error';
      this.#add('controller_runtime_reconcile_total', { controller, result: isTerminal ? 'error' : result }, by);
      if (isTerminal || result === 'error') this.#add('controller_runtime_reconcile_errors_total', { controller }, by);
      if (isTerminal) this.#add('controller_runtime_terminal_reconcile_errors_total', { controller }, by);
    };
    for (const result of ['success', 'requeue_after', 'requeue', 'terminal_error'] as const) count(result, 0);
    return {
      concurrency: reconciles =>
        this.#gauge('controller_runtime_max_concurrent_reconciles').set({ controller }, reconciles),
      began: () => active.inc(),
      ended: (result, took) => {
        active.dec();
        seconds.observe(took);
        count(result, 1);
      },
    };
  }

  /** One request to the API server; `code` is undefined when no answer came. */
  asked(method: string, code: number | undefined): void {
    this.#add('rest_client_requests_total', { code: code === undefined ? '<error>' : String(code), method });
  }

  /** Everything in the text format of Prometheus. */
  async text({ lease, watches, repositories, clusters, troubles, due, hasTwin }: Snapshot): Promise<string> {
    this.#gauge('reindeer_operator_twin').set(hasTwin ? 1 : 0);
    if (lease) this.#gauge('leader_election_master_status').set({ name: lease.name }, lease.held ? 1 : 0);
    for (const { name, ageSeconds } of watches)
      this.#gauge('reindeer_watch_age_seconds').set({ resource: name }, ageSeconds);
    this.#show(Object.keys(repositoryMetrics) as RepositoryMetric[], repositories);
    this.#show(Object.keys(clusterMetrics) as ClusterMetric[], clusters);
    this.#showEach('reindeer_trouble', troubles);
    this.#showEach('reindeer_rebuild_due', due);
    return this.#registry.metrics();
  }

  #show<Metric extends RepositoryMetric | ClusterMetric>(
    metrics: readonly Metric[],
    objects: readonly ObjectFigures<Metric>[],
  ): void {
    for (const metric of metrics) {
      const gauge = this.#gauge(metric);
      gauge.reset();
      for (const { namespace, name, values } of objects) {
        const value = values[metric];
        if (value !== undefined) gauge.set({ namespace, name }, value);
      }
    }
  }

  /** A series for each of these, and for nothing else. */
  #showEach(name: TroubleMetric | DueMetric, figures: readonly Labels[]): void {
    const gauge = this.#gauge(name);
    gauge.reset();
    for (const labels of figures) gauge.set(labels, 1);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  #runEnded({ kind, outcome, seconds, mismatch, documents, bulkRetries }: EndedRun): void {
    this.#add('reindeer_runs_total', { kind, outcome });
    if (outcome === 'Succeeded' && seconds !== undefined)
      this.#histogram('reindeer_run_duration_seconds').observe({ kind }, seconds);
    if (mismatch !== undefined) this.#add('reindeer_verification_mismatches_total', { check: mismatch });
    this.#add('reindeer_documents_written_total', { kind }, documents.written);
    this.#add('reindeer_documents_deleted_total', { kind }, documents.deleted);
    this.#add('reindeer_bulk_retries_total', { kind }, bulkRetries);
  }

  /** A counter that first appears with 1 shows no increase: all that can come are there from the start. */
  #beginAtZero(): void {
    for (const kind of kinds) {
      for (const outcome of outcomesOf(kind)) this.#add('reindeer_runs_total', { kind, outcome }, 0);
      this.#histogram('reindeer_run_duration_seconds').zero({ kind });
    }
    for (const { name: kind } of heavy) this.#add('reindeer_switches_total', { kind }, 0);
    for (const kind of writing) {
      this.#add('reindeer_documents_written_total', { kind }, 0);
      this.#add('reindeer_documents_deleted_total', { kind }, 0);
      this.#add('reindeer_bulk_retries_total', { kind }, 0);
    }
    for (const check of ['worker', 'operator']) this.#add('reindeer_verification_mismatches_total', { check }, 0);
  }

  #register(name: string, { type, help, labels, buckets }: MetricEntry): void {
    const options = { name, help, labelNames: labels, registers: [this.#registry] };
    switch (type) {
      case 'counter':
        return void this.#counters.set(name, new Counter(options));
      case 'gauge':
        return void this.#gauges.set(name, new Gauge(options));
      case 'histogram':
        return void this.#histograms.set(
          name,
          new Histogram({ ...options, ...(buckets && { buckets: [...buckets] }) }),
        );
      default:
        return type satisfies never;
    }
  }

  #add(name: Name, labels: Labels, by = 1): void {
    this.#counter(name).inc(labels, by);
  }

  #counter(name: Name): Counter {
    return known(this.#counters, name);
  }

  #gauge(name: Name): Gauge {
    return known(this.#gauges, name);
  }

  #histogram(name: Name): Histogram {
    return known(this.#histograms, name);
  }
}

function known<T>(metrics: ReadonlyMap<string, T>, name: Name): T {
  const metric = metrics.get(name);
  if (metric === undefined) throw new Error(`${name} is of another type in the catalogue`);
  return metric;
}
