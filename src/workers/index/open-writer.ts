import { BulkWriter } from '../bulk/bulk-writer.ts';
import type { Run } from './run.ts';

/** The writer of a run: through the write alias of its lease, within its limits. */
export function openWriter({ input, ports, target, reporter, onLostReply }: Run, onWritten: () => void): BulkWriter {
  return new BulkWriter({
    documents: ports.engine.documents,
    target,
    bulkBytes: input.bulkBytes,
    concurrency: input.bulkConcurrency,
    clock: ports.clock,
    signal: ports.signal,
    random: ports.random,
    onLostReply,
    onRetry: () => reporter.bulkRetried(),
    onWritten,
  });
}
