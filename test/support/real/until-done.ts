import { exitCodes } from '../../../src/api/exit-codes.ts';
import { randomUUID } from 'node:crypto';
import type { IndexedVersion } from './an-indexed-version.ts';
import type { FaultStage, WorkerJob } from './fault-stage.ts';
import { shortenLease } from './shorten-lease.ts';

const podsAtMost = 8;
/** With these the Job controller makes another pod. */
const again: readonly (number | null)[] = [exitCodes.retry, exitCodes.transient];

type Job = Omit<WorkerJob, 'jobUid' | 'version'> & { readonly version: IndexedVersion; readonly jobUid?: string };

/** One Job, pod after pod as its controller would make them, until one ends well; answers how many there were. */
export async function untilDone(
  stage: FaultStage,
  job: Job,
  betweenPods: () => Promise<void> = async () => undefined,
): Promise<number> {
  const jobUid = job.jobUid ?? randomUUID();
  for (let pods = 1; pods <= podsAtMost; pods += 1) {
    const worker = stage.work({ ...job, jobUid });
    const { code } = await worker.ended;
    if (code === 0) return pods;
    if (!again.includes(code))
      throw new Error(`the worker ended with ${code ?? 'a signal'}: ${worker.output.slice(-1500)}`);
    await betweenPods();
    await shortenLease(job.version);
  }
  throw new Error(`not done after ${podsAtMost} pods`);
}
