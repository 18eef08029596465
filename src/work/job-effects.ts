import { engineEffect } from '../alias/effects/engine-effect.ts';
import type { EngineHands } from '../alias/engine-hands.ts';
import type { Key, NewObject, Resource } from '../api/object.ts';
import { createOwned, type OnKube } from '../objects/create-owned.ts';
import { effect } from '../plan/effect.ts';
import { jobKeys } from './view.ts';

export const jobResource: Resource = { group: 'batch', version: 'v1', plural: 'jobs', kind: 'Job' };

export const createJob = effect({
  name: 'create-job',
  marks: ['is-watched', 'starts-work'],
  target: ({ job }: { readonly job: NewObject }) => job.metadata.name,
  details: ({ job }) => {
    const { [jobKeys.index]: index, [jobKeys.commit]: commit } = job.metadata.annotations ?? {};
    return { ...(index !== undefined && { index }), ...(commit !== undefined && { commit }) };
  },
  run: async ({ job }, { kube }: OnKube) => createOwned(kube, jobResource, job),
});

export const deleteJob = effect({
  name: 'delete-job',
  marks: ['is-watched'],
  target: ({ key }: { readonly key: Key; readonly uid: string }) => key.name,
  run: async ({ key, uid }, { kube }: OnKube) => {
    await kube.delete(jobResource, key, uid);
  },
});

/** The record of a run whose Job is over, or goes: its status holds by then what it said. */
export const forgetRun = engineEffect({
  name: 'forget-run',
  target: ({ uid }: { readonly uid: string; readonly partitions?: number }) => uid,
  run: async ({ uid, partitions }, { settings }: EngineHands) => settings.deleteRun(uid, partitions),
});
