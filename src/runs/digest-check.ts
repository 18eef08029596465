import { isOfIndexing, type WorkerResult } from '../work/contract.ts';
import type { Observed, ObservedJob } from './observed.ts';
import type { Check } from './query-check.ts';

/** What the workers of this run say of the text that they read back; none where nothing is wanted or was said. */
export function digestChecks(o: Observed): readonly Check[] {
  const said = o.jobs.filter(({ state }) => state === 'succeeded').map(job => ({ job, digest: digestSaidBy(job) }));
  if (wantsFullDigest(o)) {
    const silent = said.find(({ digest }) => digest?.of !== 'Full');
    if (silent !== undefined || said.length === 0)
      return [{ name: digestName, result: 'Unclear', message: unsaid(silent?.job) }];
  }
  const latest = said
    .flatMap(({ digest }) => digest ?? [])
    .filter(({ files }) => files > 0)
    .at(-1);
  if (latest === undefined) return [];
  const [files, chunks] = [latest.files, latest.chunks].map(count => String(count));
  const which = latest.of === 'Full' ? 'every file' : 'a sample of what was written last';
  return [
    {
      name: digestName,
      result: 'Pass',
      message: `digest of ${which}: ${files} files put together of ${chunks} chunks, and as many are their text`,
    },
  ];
}

function digestSaidBy({ said }: ObservedJob): WorkerResult['digest'] {
  return said?.result && isOfIndexing(said.result) ? said.result.digest : undefined;
}

export const digestName = 'digest';

export function wantsFullDigest({ request }: Observed): boolean {
  return request.spec.verify?.digest === 'Full';
}

function unsaid(job: ObservedJob | undefined): string {
  if (job === undefined) return 'digest: no Job of this run says what it read back';
  return `digest: Job ${job.key.name} (${job.image}) does not say that it read every file back`;
}
