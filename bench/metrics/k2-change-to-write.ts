import { setTimeout as sleep } from 'node:timers/promises';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { objectPath } from '../../src/kube/paths.ts';
import { ownCase } from '../harness/cases.ts';
import { onKubeStage, unwatched, watched, type KubeStage, type SeenRepo } from '../harness/kube-stage.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { targets } from '../targets.ts';

/** K2: how long after a change of the spec the write that answers it is seen, at a steady rate of changes. */
export const changeToWriteMetric: Metric = { id: 'K2', title: 'change to write', run: measure };

const resources = 1000;
/** Slow enough that none waits for another. */
const everyMs = 200;

async function measure({ profile }: BenchContext): Promise<readonly Case[]> {
  const changes = profile === 'quick' ? 100 : 1500;
  return onKubeStage(async stage => {
    const names = Array.from({ length: resources }, (_, at) => `repo-${at}`);
    await stage.createRepos(watched, names);
    await stage.untilObserved(watched, names);
    await stage.untilQuiet();
    const bare = names.slice(0, 100);
    await stage.createRepos(unwatched, bare);
    const ours = await latencies(stage, watched, names, changes);
    const limit = await latencies(stage, unwatched, bare, changes);
    return (['p50', 'p99'] as const).map(part => {
      const at = part === 'p50' ? 0.5 : 0.99;
      const said = {
        case: `${part} of ${changes} changes among ${resources} resources`,
        unit: 'ms',
        target: part === 'p50' ? targets.K2.medianOfPeer : targets.K2.slowestOfPeer,
        note: 'limit = a bare watch that writes; peer: no Go operator of the same shape is built',
      };
      return { ...ownCase(said, [quantile(ours, at)], { limit: quantile(limit, at) }), interval: null };
    });
  });
}

/** Milliseconds from sending each change to seeing the status that speaks of it. */
async function latencies(
  stage: KubeStage,
  namespace: string,
  names: readonly string[],
  changes: number,
): Promise<readonly number[]> {
  const sentMs = new Map<string, number>();
  const found: number[] = [];
  stage.onSeen = repo => {
    const { name, generation, namespace: where } = repo.metadata;
    if (where !== namespace) return;
    if (repo.status?.observedGeneration !== generation) {
      if (namespace === unwatched && sentMs.has(name)) void answer(stage, repo);
      return;
    }
    const sent = sentMs.get(name);
    if (sent === undefined) return;
    found.push(performance.now() - sent);
    sentMs.delete(name);
  };
  const pending: Promise<unknown>[] = [];
  for (let at = 0; at < changes; at += 1) {
    const name = names[at % names.length] ?? '';
    sentMs.set(name, performance.now());
    const path = objectPath(indexedRepoResource, { namespace, name });
    pending.push(stage.api.call('PATCH', path, { spec: { freshWithin: `${10 + Math.floor(at / names.length)}m` } }));
    await sleep(everyMs);
  }
  await Promise.all(pending);
  await stage.untilObserved(namespace, names);
  stage.onSeen = () => undefined;
  return found;
}

/** What no operator can do without: one delivery, one write. */
async function answer({ api }: KubeStage, { metadata }: SeenRepo): Promise<void> {
  const path = objectPath(indexedRepoResource, { namespace: unwatched, name: metadata.name }, 'status');
  await api.call('PATCH', path, { status: { observedGeneration: metadata.generation } });
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
