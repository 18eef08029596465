import { withJitter } from '../../domain/back-off.ts';
import { bounded } from '../../domain/bounded-text.ts';
import { ConflictError, RetryableError, TerminalError } from '../../domain/errors.ts';
import { BlockedError, LostReplyError } from '../../engine/errors.ts';
import type { BulkItem, Documents } from '../../engine/port.ts';
import type { SteadyClock } from '../../runtime/clock.ts';
import { itemError, itemVerdict, type ItemVerdict } from './bulk-item.ts';
import type { Operation } from './operation.ts';

export type SenderOptions = {
  readonly documents: Documents;
  readonly target: string;
  /** Largest body but for its last operation, and the first one; bodies shrink while the engine refuses them or is slow, and grow back. */
  readonly bulkBytes: number;
  readonly clock: SteadyClock;
  /** Aborted with the error to end with: checked before every request. */
  readonly signal: AbortSignal;
  /** 0 to 1, for the spread of pauses. */
  readonly random: () => number;
  /** A request was sent and never answered: it may still be carried out, whatever becomes of its repetition. */
  readonly onLostReply: () => void;
  /** Some operations are about to be sent again. */
  readonly onRetry?: () => void;
  /** What an item means. Absent: versions are tokens of leases. */
  readonly verdict?: (item: BulkItem) => ItemVerdict;
  /** Told of each operation once, when it is done. */
  readonly onDone?: (item: BulkItem) => void;
};

/** An operation that the engine will never take, and why. */
export type RefusedOperation = { readonly operation: Operation; readonly reason: string };

/** Pauses before each further try, taken between half and whole: at most 16.2 s in all, longer than a lease lasts. */
const pausesMs: readonly number[] = [200, 400, 800, 1600, 3200, 5000, 5000];
const smallestBodyBytes = 64 * 1024;
/** Renewals of the lease wait in the engine's queue behind bulks, and have a third of the lease: 5 s. */
const slowBulkMs = 2000;

/** Sends operations until each is taken or refused; only those that failed are sent again. */
export class BulkSender {
  readonly #options: SenderOptions;
  #bodyBytes: number;
  /** Half of the smallest body that was too large for the engine, or for a proxy before it. */
  #mostBytes: number;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#bodyBytes = options.bulkBytes;
    this.#mostBytes = options.bulkBytes;
  }

  /** How large a body should be now, in bytes. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /**
   * Gives the operations that were refused. Throws TerminalError(LockLost) when a newer writer is at work,
   * TerminalError(RequestTooLarge) for an operation that is too large by itself, RetryableError(DiskFull), what the engine
   * said last when all tries were in vain, or what the signal carries.
   */
  async send(operations: readonly Operation[]): Promise<readonly RefusedOperation[]> {
    const refused: RefusedOperation[] = [];
    let left: Left = { operations, why: undefined };
    for (const pauseMs of [...pausesMs, undefined]) {
      left = await this.#sendParts(left.operations, refused);
      if (left.operations.length === 0) return refused;
      if (pauseMs === undefined) break;
      this.#options.onRetry?.();
      await this.#options.clock.sleep(withJitter(pauseMs, this.#options.random), this.#options.signal);
    }
    throw inVain(left);
  }

  /** What has to be sent again. */
  async #sendParts(operations: readonly Operation[], refused: RefusedOperation[]): Promise<Left> {
    const { clock } = this.#options;
    const again: Operation[] = [];
    let why: Error | undefined;
    let slowestMs = 0;
    for (const part of partsOf(operations, this.#bodyBytes)) {
      const sentMs = clock.elapsedMs();
      const answer = await this.#request(part);
      slowestMs = Math.max(slowestMs, clock.elapsedMs() - sentMs);
      const left = answer instanceof Error ? { operations: part, why: answer } : this.#sorted(part, answer, refused);
      again.push(...left.operations);
      why = left.why ?? why;
    }
    if (again.length > 0 || slowestMs > slowBulkMs) this.#shrink();
    else if (slowestMs < slowBulkMs / 2) this.#grow();
    return { operations: again, why };
  }

  #shrink(): void {
    const { bulkBytes } = this.#options;
    this.#bodyBytes = Math.max(Math.min(smallestBodyBytes, bulkBytes), this.#bodyBytes / 2);
  }

  #grow(): void {
    this.#bodyBytes = Math.min(this.#mostBytes, this.#bodyBytes + this.#options.bulkBytes / 8);
  }

  /** The items, or why all of it has to be sent again. */
  async #request(operations: readonly Operation[]): Promise<readonly BulkItem[] | Error> {
    const { documents, target, signal } = this.#options;
    signal.throwIfAborted();
    const body = Buffer.concat(operations.map(operation => operation.bytes));
    try {
      const { items } = await documents.bulk(body, { target, requireAlias: true });
      return items;
    } catch (error) {
      if (error instanceof ConflictError) throw lockLost({ cause: error });
      if (error instanceof LostReplyError) this.#options.onLostReply();
      // A lost reply too: every operation is the same when it is done twice.
      if (error instanceof RetryableError && !isDiskFull(error)) return error;
      if (!isTooLarge(error) || operations.length === 1) throw error;
      this.#mostBytes = Math.min(this.#mostBytes, body.length / 2);
      this.#bodyBytes = Math.min(this.#bodyBytes, body.length);
      return error;
    }
  }

  #sorted(operations: readonly Operation[], items: readonly BulkItem[], refused: RefusedOperation[]): Left {
    if (items.length !== operations.length) {
      throw new Error(`a bulk of ${operations.length} operations was answered with ${items.length} items`);
    }
    const { verdict = itemVerdict, onDone } = this.#options;
    let why: Error | undefined;
    const again = operations.filter((operation, i) => {
      const item = items[i];
      if (item === undefined) return true;
      switch (verdict(item)) {
        case 'done':
          onDone?.(item);
          return false;
        case 'again':
          why = itemError(item);
          return true;
        case 'refused':
          refused.push({ operation, reason: `${item.errorType ?? item.status}: ${item.errorReason ?? ''}` });
          return false;
        case 'shut-out':
          throw lockLost();
        case 'disk-full':
          throw itemError(item);
      }
    });
    return { operations: again, why };
  }
}

/** What is to be sent again, and what the engine said last about some of it. */
type Left = { readonly operations: readonly Operation[]; readonly why: Error | undefined };

function isTooLarge(error: unknown): error is TerminalError {
  return error instanceof TerminalError && error.reason === 'RequestTooLarge';
}

/** A block of somebody may be a take-over's, which lasts a moment; one for want of space lasts. */
function isDiskFull(error: RetryableError): boolean {
  return error instanceof BlockedError && error.reason === 'DiskFull';
}

/** The reason of the last refusal, not a guess: "does not answer" only where nothing answered. */
function inVain({ operations, why }: Left): RetryableError {
  const reason = why instanceof RetryableError || why instanceof TerminalError ? why.reason : 'EngineUnavailable';
  const said = why === undefined ? '' : `: ${why.message}`;
  return new RetryableError(reason, bounded(`the engine did not take ${operations.length} documents in time${said}`));
}

function lockLost(options?: ErrorOptions): TerminalError {
  return new TerminalError('LockLost', 'a newer writer is at work on this version: this one stops', options);
}

/** A part is full when it reaches the size, as a batch is: one that was just taken goes out as it is. */
function* partsOf(operations: readonly Operation[], bodyBytes: number): Generator<readonly Operation[]> {
  let part: Operation[] = [];
  let bytes = 0;
  for (const operation of operations) {
    part.push(operation);
    bytes += operation.bytes.length;
    if (bytes < bodyBytes) continue;
    yield part;
    part = [];
    bytes = 0;
  }
  if (part.length > 0) yield part;
}
