import { keys, managedBy } from '../api/meta.ts';
import type { NewObject } from '../api/object.ts';
import { labelValue } from '../domain/child-name.ts';
import { declarationHash } from '../domain/declaration-hash.ts';
import type { Assignment, Work } from './assignment.ts';
import { completionOf, failurePolicyOf } from './completion.ts';
import type { PodPlace } from './pod-place.ts';
import { podSpec } from './pod.ts';
import { jobKeys } from './view.ts';

/** The Job that does an assignment at this place. Create-only: never patched afterwards. */
export function jobManifest(assignment: Assignment, place: PodPlace): NewObject {
  const { work } = assignment;
  // Ours last: whatever the installation adds, they win.
  const labels = {
    ...place.workers.labels,
    'app.kubernetes.io/name': managedBy,
    'app.kubernetes.io/managed-by': managedBy,
    'app.kubernetes.io/component': 'worker',
    'app.kubernetes.io/instance': labelValue(place.repo ?? work.alias),
    ...(place.repo !== undefined && { [keys.repo]: labelValue(place.repo) }),
    [keys.alias]: labelValue(work.alias),
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: assignment.id,
      namespace: place.namespace,
      labels,
      annotations: {
        ...place.workers.annotations,
        [jobKeys.index]: work.index,
        ...(work.program === 'index' && { [jobKeys.commit]: work.commit, [jobKeys.base]: work.base }),
        [jobKeys.round]: String(assignment.attempt),
        [jobKeys.template]: templateHash(assignment, place),
        ...(work.partitions > 1 && { [jobKeys.partitions]: String(work.partitions) }),
      },
      ownerReferences: [place.owner],
    },
    spec: jobSpec({ ...assignment, ...place }, labels),
  };
}

type PodJob = Assignment & PodPlace;

function jobSpec(job: PodJob, labels: object): object {
  const division = { partitions: job.work.partitions, podRetries: job.podRetries };
  return {
    ...completionOf(division),
    activeDeadlineSeconds: job.deadlineSeconds,
    // A replacement starts only when the old pod is gone: two workers of one Job would only wait for each other.
    podReplacementPolicy: 'Failed',
    podFailurePolicy: failurePolicyOf(division),
    template: { metadata: { labels, ...podAnnotations(job) }, spec: podSpec(job) },
  };
}

/**
 * What is declared about the pods of a run, by whoever declares it: the object, its SearchCluster, the operator. What
 * belongs to this one assignment (its mode, commits, version, grant and division) is no part of it.
 */
export function templateHash(assignment: Assignment, place: PodPlace): string {
  const anyOne = { ...assignment, ...place, step: '', attempt: 0, token: 0, work: anyWork(assignment.work) };
  return declarationHash(jobSpec(anyOne, place.workers.labels));
}

function anyWork(work: Work): Work {
  if (work.program === 'index') return { ...work, mode: 'full', commit: '', base: '', index: '', partitions: 1 };
  return { program: 'copy', alias: work.alias, from: '', index: '', number: 0, partitions: 1 };
}

function podAnnotations({ workers }: PodPlace): { readonly annotations?: object } {
  return Object.keys(workers.annotations).length === 0 ? {} : { annotations: workers.annotations };
}
