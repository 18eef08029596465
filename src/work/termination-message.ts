import { isOfIndexing, terminationMessageMaxBytes, type CopyResult, type WorkerResult } from './contract.ts';

/** The result as JSON that fits into what the kubelet keeps: errors are shortened, then dropped, until it does. */
export function terminationMessage(result: WorkerResult | CopyResult): string {
  for (const longest of [800, 300, 100, 0]) {
    const errors = longest === 0 ? [] : result.errors.slice(0, 5).map(error => error.slice(0, longest));
    const text = JSON.stringify({ ...result, errors });
    if (Buffer.byteLength(text) <= terminationMessageMaxBytes) return text;
  }
  const short = { ...result, errors: [], reason: result.reason.slice(0, 100) };
  return JSON.stringify({ ...short, ...(isOfIndexing(result) && { branch: '' }) });
}
