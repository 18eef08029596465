import { randomUUID } from 'node:crypto';
import type { Key } from '../api/object.ts';
import { ConflictError, RefusedRequestError, RetryableError, TerminalError } from '../domain/errors.ts';
import { systemClock, type SteadyClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import type { ControllerMeter, ReconcileResult } from './meters.ts';
import type { WorkQueue } from './workqueue.ts';

/** `again`: look once more in `inMs`, however quiet the watches are. */
export type Outcome = { readonly is: 'done' } | { readonly is: 'again'; readonly inMs: number };

/** Brings one object closer to what it should be. It gets the key, never the event; the logger knows the key. */
export type Reconciler = (key: Key, log: Logger) => Promise<Outcome>;

export type ControllerOptions = {
  /** The kind that it reconciles; the `kind` of every log line. */
  readonly name: string;
  readonly queue: WorkQueue;
  readonly reconcile: Reconciler;
  /** Keys worked on at the same time. */
  readonly concurrency: number;
  readonly log: Logger;
  /** Default: nobody counts. */
  readonly meter?: ControllerMeter;
  /** Measures how long a reconcile takes; default the machine's. */
  readonly clock?: Pick<SteadyClock, 'elapsedMs'>;
};

/** A conflict means that the cache lags by one write: soon is soon enough. */
const conflictMaxMs = 1_000;
/** What was refused shows in a status, and has to go from there soon after it mended: no key sleeps for minutes. */
const refusedMaxMs = 20_000;

/**
 * runController({name, queue, reconcile, concurrency, log}): takes keys from the queue until it is shut down;
 * resolves when the last reconcile has ended.
 *
 * done -> back-off forgotten. again -> timer. ConflictError -> quick quiet retry. RetryableError and RefusedRequestError
 * -> back-off, one warn line. TerminalError -> one error line, not retried until something changes. Anything else is a bug: error
 * line with stack, back-off.
 */
export const runController = async (options: ControllerOptions): Promise<void> => {
  options.meter?.concurrency(options.concurrency);
  const workers = Array.from({ length: options.concurrency }, async () => work(options));
  await Promise.all(workers);
};

const work = async (options: ControllerOptions): Promise<void> => {
  const { queue, meter, clock = systemClock } = options;
  for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
    const beganMs = clock.elapsedMs();
    meter?.began();
    const result = await reconcileOnce(key, options);
    meter?.ended(result, (clock.elapsedMs() - beganMs) / 1000);
    queue.done(key);
  }
};

const reconcileOnce = async (
  key: Key,
  { name, queue, reconcile, log }: ControllerOptions,
): Promise<ReconcileResult> => {
  const child = log.child({ kind: name, namespace: key.namespace, name: key.name, reconcileId: randomUUID() });
  try {
    const outcome = await reconcile(key, child);
    queue.forget(key);
    if (outcome.is === 'done') return 'success';
    queue.addAfter(key, outcome.inMs);
    return 'requeue_after';
  } catch (error) {
    return retry(error, key, queue, child);
  }
};

const retry = (error: unknown, key: Key, queue: WorkQueue, log: Logger): ReconcileResult => {
  if (error instanceof ConflictError) {
    const inMs = queue.addRateLimited(key, { maxMs: conflictMaxMs });
    log.debug({ message: error.message, inMs }, 'conflict met');
    return 'requeue';
  }
  if (error instanceof RetryableError || error instanceof RefusedRequestError) {
    const inMs = queue.addRateLimited(key, { maxMs: refusedMaxMs });
    log.warn(
      { reason: error.reason, message: error.message, inMs: Math.round(inMs) },
      'reconcile failed, will be tried again',
    );
    return 'error';
  }
  if (error instanceof TerminalError) {
    queue.forget(key);
    log.error({ reason: error.reason, message: error.message }, 'reconcile failed, waits for a change');
    return 'terminal_error';
  }
  const inMs = queue.addRateLimited(key);
  log.error({ err: error, inMs: Math.round(inMs) }, 'reconcile failed unexpectedly');
  return 'error';
};
