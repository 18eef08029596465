import type { Metric } from './harness/metric.ts';
import { documentsMetric } from './metrics/g1-documents.ts';

/** Everything that can be measured, in the order in which it is. */
export const metrics: readonly Metric[] = [documentsMetric];
