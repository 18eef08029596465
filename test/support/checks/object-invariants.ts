import { setTimeout as sleep } from 'node:timers/promises';
import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { jobResource } from '../../../src/work/kube-jobs.ts';
import type { ControlStage } from '../real/control-stage.ts';
import type { FaultRecord } from './fault-table.ts';
import type { Observer } from './invariants.ts';

type Observed = Pick<KubeObject, 'metadata'> & {
  readonly status?: { readonly observedGeneration?: number | undefined };
};

const everyMs = 500;
/** I10: of a namespace; finished ones are kept for a while. */
const jobsAtMost = 30;

/**
 * Samples what the API server shows into the record of a row: I7, observedGeneration never falls and never runs ahead; I8,
 * no password in any object of ours or in anything that was printed; I10, Jobs are bounded. Nothing is counted while the
 * API server is away.
 */
export function observeObjects(stage: ControlStage, record: FaultRecord): Observer {
  const highest = new Map<string, number>();
  let isStopped = false;
  const sample = async (): Promise<void> => {
    const repos = await stage.kube.list<Observed>(indexedRepoResource, stage.namespace);
    const jobs = await stage.kube.list(jobResource, stage.namespace);
    // An engine without users has no password.
    const secrets = [stage.node.password, stage.git.password].filter(each => each !== '');
    const printed = JSON.stringify([repos, jobs]) + stage.printed() + stage.jobs.output;
    record.sampled([
      ...repos.flatMap(repo => generationProblems(repo, highest)),
      ...(secrets.some(secret => printed.includes(secret)) ? ['I8: a password was printed'] : []),
      ...(jobs.length <= jobsAtMost ? [] : [`I10: there are ${jobs.length} Jobs`]),
    ]);
  };
  const watching = (async () => {
    while (!isStopped) {
      await sample().catch(() => undefined);
      await sleep(everyMs);
    }
  })();
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    isStopped = true;
    return (stopping ??= watching.then(sample));
  };
  record.atEnd(stop);
  return { stop };
}

/** I7 of one object; `highest` is what was seen of each so far, by uid. */
export function generationProblems({ metadata, status }: Observed, highest: Map<string, number>): readonly string[] {
  const { uid, name, generation } = metadata;
  const seen = status?.observedGeneration ?? 0;
  const before = highest.get(uid) ?? 0;
  highest.set(uid, Math.max(seen, before));
  return [
    ...(seen >= before ? [] : [`I7: observedGeneration of ${name} fell from ${before} to ${seen}`]),
    ...(seen <= generation ? [] : [`I7: ${name} observes generation ${seen} of ${generation}`]),
  ];
}
