import type { BulkItem } from '../../engine/port.ts';
import { copiedItemVerdict, isThere } from '../bulk/bulk-item.ts';
import { BulkSender } from '../bulk/bulk-sender.ts';
import type { Operation } from '../bulk/operation.ts';
import type { CopyPace, CopyParts } from './parts.ts';

/** A document that the candidate does not take as it is. */
export type RefusedDocument = { readonly id: string; readonly reason: string };

export type Refusals = {
  readonly count: number;
  /** A hundred of them at most. */
  readonly first: readonly RefusedDocument[];
};

const mostNamed = 100;

/** Sends operations through the write alias of a candidate, some bulks at a time, and counts what became of them. */
export class CopyWriter {
  readonly #sender: BulkSender;
  readonly #concurrency: number;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #first: RefusedDocument[] = [];
  #refused = 0;
  #taken = 0;
  #conflicts = 0;
  #error: Error | undefined;

  constructor(parts: CopyParts, target: string, { bulkBytes, concurrency }: CopyPace) {
    const { engine, clock, signal, random, onLostReply = () => undefined, onRetry } = parts;
    this.#concurrency = concurrency;
    this.#sender = new BulkSender({
      ...{ documents: engine.documents, target, bulkBytes, clock, signal, random, onLostReply },
      ...(onRetry && { onRetry }),
      verdict: copiedItemVerdict,
      onDone: item => this.#count(item),
    });
  }

  /** Operations that changed the candidate: a delete of what is not there does not. */
  get taken(): number {
    return this.#taken;
  }

  /** Operations whose document stands there already, in this version or a higher one. */
  get conflicts(): number {
    return this.#conflicts;
  }

  get refused(): Refusals {
    return { count: this.#refused, first: this.#first };
  }

  /** Resolves when they are on their way. Throws what ended an earlier bulk, once none is under way any more. */
  async add(operations: readonly Operation[]): Promise<void> {
    while (this.#error === undefined && this.#inFlight.size >= this.#concurrency) await Promise.race(this.#inFlight);
    if (this.#error !== undefined) return this.finish();
    const sent: Promise<void> = this.#send(operations).finally(() => this.#inFlight.delete(sent));
    this.#inFlight.add(sent);
  }

  /** Resolves when the engine has answered everything. */
  async finish(): Promise<void> {
    await Promise.all(this.#inFlight);
    if (this.#error !== undefined) throw this.#error;
  }

  /** A document that cannot even be sent. */
  refuse(refused: RefusedDocument): void {
    this.#refused += 1;
    if (this.#first.length < mostNamed) this.#first.push(refused);
  }

  async #send(operations: readonly Operation[]): Promise<void> {
    try {
      const refused = await this.#sender.send(operations);
      for (const { operation, reason } of refused) this.refuse({ id: operation.id, reason });
    } catch (error) {
      this.#error ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  #count(item: BulkItem): void {
    if (isThere(item)) this.#conflicts += 1;
    else if (item.status < 300) this.#taken += 1;
  }
}
