import { isOfIndexing } from './contract.ts';
import type { LastWords } from './pods.ts';

/** What the workers of these Jobs say that they did, in sum; what nobody heard counts as nothing. */
export function documentsOf(jobs: readonly LastWords[]): {
  readonly documents: { readonly written: number; readonly deleted: number };
  readonly bulkRetries: number;
} {
  const results = jobs.flatMap(job => job.said?.result ?? []);
  const sum = (of: (result: (typeof results)[number]) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const written = sum(result => (isOfIndexing(result) ? result.chunks : result.documents).written);
  const deleted = sum(result => (isOfIndexing(result) ? result.chunks : result.documents).deleted);
  return {
    documents: { written, deleted },
    bulkRetries: sum(result => result.bulkRetries),
  };
}

/** Between two times of a status or of a Job; never negative, since two clocks may have written them. */
export function secondsBetween(started: string, ended: string): number {
  return Math.max(0, (Date.parse(ended) - Date.parse(started)) / 1000);
}
