import type { Metric } from './harness/metric.ts';
import { checksMetric } from './metrics/c8-checks.ts';
import { documentsMetric } from './metrics/g1-documents.ts';
import { fullIndexMetric } from './metrics/g2-full-index.ts';
import { incrementalMetric } from './metrics/g3-incremental.ts';
import { fetchedBytesMetric } from './metrics/g4-fetched-bytes.ts';
import { renamesMetric } from './metrics/g5-renames.ts';
import { jobStartMetric } from './metrics/j1-job-start.ts';
import { convergeMetric } from './metrics/k1-converge.ts';
import { changeToWriteMetric } from './metrics/k2-change-to-write.ts';
import { resyncMetric } from './metrics/k3-resync.ts';
import { idleMetric } from './metrics/k4-idle.ts';
import { memoryMetric } from './metrics/k5-memory.ts';
import { abortMetric } from './metrics/l1-abort.ts';
import { rollbackMetric } from './metrics/l2-rollback.ts';
import { switchMetric } from './metrics/l3-switch.ts';
import { memoryLimitMetric } from './metrics/m1-memory-limit.ts';

/** Everything that can be measured, in the order in which it is. */
export const metrics: readonly Metric[] = [
  documentsMetric,
  fullIndexMetric,
  incrementalMetric,
  fetchedBytesMetric,
  renamesMetric,
  jobStartMetric,
  convergeMetric,
  changeToWriteMetric,
  resyncMetric,
  idleMetric,
  memoryMetric,
  checksMetric,
  abortMetric,
  rollbackMetric,
  switchMetric,
  memoryLimitMetric,
];
