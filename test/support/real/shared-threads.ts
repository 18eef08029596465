import { availableParallelism } from 'node:os';
import { systemClock } from '../../../src/runtime/clock.ts';
import type { DocumentPool } from '../../../src/workers/index/documents/document-pool.ts';

/** The threads of a test file, which all its runs share; those of the product have their own, as no two are in one process. */
let pool: Promise<DocumentPool> | undefined;
let isOpen = false;

/** From here on they are there for whoever asks. */
export function shareThreads(): void {
  isOpen = true;
}

/** Undefined where nothing would end them. */
export function sharedThreads(): (() => Promise<DocumentPool>) | undefined {
  return isOpen ? () => (pool ??= start()) : undefined;
}

export async function endThreads(): Promise<void> {
  await (await pool)?.close();
}

/** Loaded when it is needed: most test files make no documents. */
async function start(): Promise<DocumentPool> {
  const { DocumentPool } = await import('../../../src/workers/index/documents/document-pool.ts');
  return new DocumentPool({ size: availableParallelism(), clock: systemClock, signal: new AbortController().signal });
}
