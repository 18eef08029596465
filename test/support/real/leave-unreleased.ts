import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { IndexedVersion } from './an-indexed-version.ts';
import { isVersionBulk } from '../checks/bulk-lines.ts';
import type { FaultStage, WorkerJob } from './fault-stage.ts';
import { forward } from './http-fault-proxy.ts';
import { shortenLease } from './shorten-lease.ts';

type Job = Omit<WorkerJob, 'jobUid' | 'engineUrl' | 'version'> & { readonly version: IndexedVersion };

/** A worker dies in the middle of its bulks and leaves its lease held: whoever comes next has to take over and to fence. */
export async function leaveUnreleased(stage: FaultStage, job: Job): Promise<void> {
  const proxy = await stage.proxy();
  const worker = stage.work({ ...job, engineUrl: proxy.url, jobUid: randomUUID() });
  proxy.fate = exchange => {
    if (isVersionBulk(exchange)) worker.signal('SIGKILL');
    return forward;
  };
  expect(await worker.ended).toMatchObject({ signal: 'SIGKILL' });
  await shortenLease(job.version);
}
