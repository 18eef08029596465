import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { collectionPath, objectPath } from '../../src/kube/paths.ts';
import { inLanes } from '../harness/bare-api.ts';
import { comparedCase, ownCase } from '../harness/cases.ts';
import { lanes, onKubeStage, unwatched, watched, type KubeStage, type SeenRepo } from '../harness/kube-stage.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { compare, measurePairs } from '../harness/pairs.ts';
import { targets } from '../targets.ts';

/**
 * K1: new resources until each has a status that speaks of it. They are paused: a run would be bounded by the engine and by
 * `limits`, and a thousand versions do not fit on one node. What is left is what the control plane alone has to do.
 */
export const convergeMetric: Metric = { id: 'K1', title: 'new resources come to rest', run: measure };

const kept = 4;

async function measure({ profile }: BenchContext): Promise<readonly Case[]> {
  const total = profile === 'quick' ? 1000 : 10_000;
  // The first batch warms up and is dropped.
  const batch = total / (kept + 1);
  return onKubeStage(async stage => {
    const names = batches(batch);
    const sample = await aConverged(stage);
    const pairs = await measurePairs(
      kept,
      () => converge(stage, names('ours')),
      () => bareWrites(stage, names('bare'), sample),
    );
    const rate = (seconds: number): number => batch / seconds;
    const note = 'paused resources; both sides with the creation; peer: no Go operator of the same shape is built';
    return [
      comparedCase(
        { case: `${total} new resources`, unit: 'resources/s', target: targets.K1.rateOfCeiling, note },
        'limit',
        compare(pairs, rate, rate),
      ),
      ...requestCases(stage, total),
    ];
  });
}

function batches(size: number): (prefix: string) => readonly string[] {
  let count = 0;
  return prefix => {
    count += 1;
    return Array.from({ length: size }, (_, at) => `${prefix}-${count}-${at}`);
  };
}

/** One resource that the operator has dealt with: its status is what the bare loop writes too. */
async function aConverged(stage: KubeStage): Promise<SeenRepo> {
  await stage.createRepos(watched, ['sample']);
  await stage.untilObserved(watched, ['sample']);
  return stage.seen(watched, 'sample') as SeenRepo; // it was just seen
}

/** Seconds from the first creation to the last status. */
async function converge(stage: KubeStage, names: readonly string[]): Promise<number> {
  let lastMs = 0;
  stage.onSeen = ({ metadata, status }) => {
    if (status?.observedGeneration === metadata.generation) lastMs = performance.now();
  };
  const begunMs = performance.now();
  await stage.createRepos(watched, names);
  await stage.untilObserved(watched, names);
  stage.onSeen = () => undefined;
  return (lastMs - begunMs) / 1000;
}

/** The same resources where nobody looks, and for each the two writes that it takes: status and event. */
async function bareWrites(
  { api, createRepos }: KubeStage,
  names: readonly string[],
  sample: SeenRepo,
): Promise<number> {
  const begunMs = performance.now();
  await createRepos(unwatched, names);
  const events = collectionPath({ group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event' }, unwatched);
  await inLanes(names, lanes, async name => {
    const path = objectPath(indexedRepoResource, { namespace: unwatched, name }, 'status');
    await api.call('PATCH', path, { status: sample.status });
    await api.call('POST', events, eventOf(name));
  });
  return (performance.now() - begunMs) / 1000;
}

function eventOf(name: string): object {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: `${name}.paused`, namespace: unwatched },
    eventTime: new Date().toISOString().replace('Z', '000Z'),
    reportingController: 'reindeer.dev/operator',
    reportingInstance: 'bench',
    action: 'Reconcile',
    type: 'Normal',
    reason: 'PausedBySpec',
    note: 'spec.paused is true: nothing new starts',
    regarding: { apiVersion: 'reindeer.dev/v1alpha1', kind: 'IndexedRepo', namespace: unwatched, name },
  };
}

/** What the operator asked of the API server for them, counted in its audit log. */
function requestCases(stage: KubeStage, total: number): readonly Case[] {
  const about = stage.operatorRequests().filter(({ requestURI }) => /\/(indexedrepos\/|events)/.test(requestURI));
  const reads = about.filter(({ verb }) => verb === 'get' || verb === 'list').length;
  const note = 'counted in the audit log; creation by the user not included';
  // The sample is one more.
  const each = (count: number): number => count / (total + 1);
  return [
    ownCase({ case: 'writes for each new resource', unit: 'requests', target: targets.K1.writesPerResource, note }, [
      each(about.length - reads),
    ]),
    ownCase({ case: 'reads for each new resource', unit: 'requests', target: targets.K1.readsPerResource, note }, [
      each(reads),
    ]),
  ];
}
