import { workerPods, type WorkerPods } from '../../../src/work/worker-pods.ts';

/** What every Job gets from an installation that says nothing of its own. */
export const plainWorkers: WorkerPods = workerPods.parse({});
