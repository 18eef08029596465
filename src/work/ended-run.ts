import type { ReindexRequest } from '../api/reindex-request.ts';

/** A light run, or a run of a strategy. */
export type RunKind = 'Light' | ReindexRequest['spec']['strategy'];
export type RunOutcome = 'Succeeded' | 'NoOp' | 'Skipped' | 'Superseded' | 'Aborted' | 'RolledBack' | 'Failed';

/** One run that ended, told once. */
export type EndedRun = {
  readonly kind: RunKind;
  readonly outcome: RunOutcome;
  /** From its lock or its Job on; undefined = it never began. */
  readonly seconds: number | undefined;
  /** Who found that the version does not hold what it should. */
  readonly mismatch?: 'worker' | 'operator' | undefined;
  /** Sums over the Jobs of the run, as far as their pods could still be asked. */
  readonly documents: { readonly written: number; readonly deleted: number };
  readonly bulkRetries: number;
};

/** What the reconcilers tell of runs. */
export type RunMeter = { ended(run: EndedRun): void; switched(kind: RunKind): void };
