import { createReadStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { nulRecords } from '../../../git/records.ts';
import type { Change } from '../tree/change.ts';

/** A change with the size of the content that it needs, in bytes; absent where none is read or none is to be had. */
export type PlannedChange = { readonly change: Change; readonly sizeBytes?: number };

/**
 * The changes of a run, on disk: their number is known before the first is made (so a run that would delete nearly
 * everything is refused, and progress has an end), and memory does not grow with it.
 */
export class PlanFile {
  readonly #path: string;
  #count = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** How many changes were written. */
  get count(): number {
    return this.#count;
  }

  /** Replaces the content of the file. */
  async write(changes: AsyncIterable<PlannedChange>): Promise<void> {
    const file = createWriteStream(this.#path, { mode: 0o600 });
    const ended = finished(file);
    ended.catch(() => file.destroy());
    this.#count = 0;
    for await (const change of changes) {
      this.#count += 1;
      // NUL ends a record: a path may hold line ends of every kind.
      if (!file.write(`${JSON.stringify(change)}\0`)) await Promise.race([once(file, 'drain'), ended]);
    }
    file.end();
    await ended;
  }

  async *read(): AsyncGenerator<PlannedChange> {
    if (this.#count === 0) return;
    for await (const records of nulRecords(createReadStream(this.#path))) {
      for (const record of records) yield JSON.parse(record.toString('utf8')) as PlannedChange; // as `write` wrote it
    }
  }
}
