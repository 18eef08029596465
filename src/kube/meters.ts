/** How a reconcile ended, in the words of controller-runtime. */
export type ReconcileResult = 'success' | 'requeue_after' | 'requeue' | 'error' | 'terminal_error';

/** What a work queue tells; all durations in seconds. */
export type QueueMeter = {
  depth(keys: number): void;
  added(): void;
  retried(): void;
  waited(seconds: number): void;
  worked(seconds: number): void;
};

/** What the loop over a queue tells. */
export type ControllerMeter = {
  concurrency(reconciles: number): void;
  began(): void;
  ended(result: ReconcileResult, seconds: number): void;
};
