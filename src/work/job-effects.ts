import { engineEffect } from '../alias/effects/engine-effect.ts';
import type { EngineHands } from '../alias/engine-hands.ts';
import type { Key } from '../api/object.ts';
import { effect } from '../plan/effect.ts';
import type { Assignment } from './assignment.ts';
import type { PodPlace } from './pod-place.ts';
import type { AtWork } from './workplace.ts';

export const createJob = effect({
  name: 'create-job',
  marks: ['is-watched', 'starts-work'],
  target: ({ assignment }: Start) => assignment.id,
  details: ({ assignment: { work } }) => ({
    index: work.index,
    ...(work.program === 'index' && { commit: work.commit }),
  }),
  run: async ({ assignment, place }, { workplace }: AtWork) => workplace.start(assignment, place),
});

type Start = {
  readonly assignment: Assignment;
  /** Undefined where the program that drives the run does the work itself. */
  readonly place: PodPlace | undefined;
};

export const deleteJob = effect({
  name: 'delete-job',
  marks: ['is-watched'],
  target: ({ key }: { readonly key: Key; readonly uid: string }) => key.name,
  run: async ({ key, uid }, { workplace }: AtWork) => workplace.stop(key, uid),
});

/** The record of a run whose Job is over, or goes: its status holds by then what it said. */
export const forgetRun = engineEffect({
  name: 'forget-run',
  target: ({ uid }: { readonly uid: string; readonly partitions?: number }) => uid,
  run: async ({ uid, partitions }, { settings }: EngineHands) => settings.deleteRun(uid, partitions),
});
