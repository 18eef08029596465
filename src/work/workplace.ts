import type { Key } from '../api/object.ts';
import type { Assignment } from './assignment.ts';
import type { PodPlace } from './pod-place.ts';

/** Where assignments are done: in Jobs of Kubernetes, or in the program that drives the run. */
export type Workplace = {
  /** Begins one; where it was begun already it goes on. */
  start(assignment: Assignment, place: PodPlace | undefined): Promise<void>;
  /** Ends one wherever it is; it can be given again. */
  stop(key: Key, uid: string): Promise<void>;
};

/** What an effect on work works with. */
export type AtWork = { readonly workplace: Workplace };
