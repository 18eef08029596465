import type { IndexedVersion } from './an-indexed-version.ts';

/**
 * Makes the lease that a dead or halted writer left behind one of a second, as if it had asked for no more: who comes next
 * waits for as long as the record says. Nothing else of the take-over is shortened.
 */
export async function shortenLease({ settings, index }: Pick<IndexedVersion, 'settings' | 'index'>): Promise<void> {
  await settings.changeVersion(index, record =>
    record.writer.held ? { ...record, writer: { ...record.writer, leaseSeconds: 1 } } : record,
  );
}
