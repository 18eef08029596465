import type { Reason } from './reasons.ts';
/** Group, keys, condition types and every reason. Kubernetes names come from here and from nowhere else. */

export const group = 'reindeer.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;
export const category = 'reindeer';

/** Keys of annotations, labels and finalizers that Reindeer reads or writes. */
export const keys = {
  finalizer: `${group}/versions`,
  abandonCleanup: `${group}/abandon-cleanup`,
  runNow: `${group}/run-now`,
  takeOverFrom: `${group}/take-over-from`,
  alias: `${group}/alias`,
  repo: `${group}/repo`,
  request: `${group}/request`,
  run: `${group}/run`,
} as const;

/** `app.kubernetes.io/managed-by`, and `_meta.managedBy` of every index we create. */
export const managedBy = 'reindeer';

export const conditionTypes = {
  SearchCluster: ['Ready', 'Stalled', 'Paused'],
  IndexedRepo: ['Ready', 'Fresh', 'Reconciling', 'Stalled', 'Locked', 'Paused'],
  ReindexRequest: ['Succeeded', 'Finished', 'Reconciling', 'Stalled', 'Paused'],
} as const;

export type ConditionType = (typeof conditionTypes)[keyof typeof conditionTypes][number];

export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** A condition as every kind carries it (API conventions: standard shape, list map keyed by type). */
export type Condition = {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly reason: Reason;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
};
