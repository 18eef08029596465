import type { Resource } from '../api/object.ts';
import type { Kube } from '../kube/port.ts';
import { createOwned } from '../objects/create-owned.ts';
import { jobManifest } from './manifest.ts';
import type { Workplace } from './workplace.ts';

export const jobResource: Resource = { group: 'batch', version: 'v1', plural: 'jobs', kind: 'Job' };

/** Assignments as Jobs of Kubernetes, one each. */
export function kubeJobs(kube: Kube): Workplace {
  return {
    start: async (assignment, place) => {
      if (!place) throw new Error(`the Job ${assignment.id} was asked for without a place`);
      await createOwned(kube, jobResource, jobManifest(assignment, place));
    },
    stop: async (key, uid) => {
      await kube.delete(jobResource, key, uid);
    },
  };
}
