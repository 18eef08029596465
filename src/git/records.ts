import type { Readable } from 'node:stream';

const nul = 0;
const lineEnd = 0x0a;

/**
 * Cuts a stream at NUL bytes, a batch of records for each piece that arrives; the NULs are left out. Records are views
 * of the pieces and are valid as long as anybody holds them.
 */
export async function* nulRecords(stream: Readable): AsyncGenerator<readonly Buffer[]> {
  let rest: Buffer | undefined;
  for await (const piece of stream) {
    const fresh = piece as Buffer; // no encoding is set on these streams
    const bytes = rest === undefined ? fresh : Buffer.concat([rest, fresh]);
    const records: Buffer[] = [];
    let start = 0;
    for (let end = bytes.indexOf(nul, start); end >= 0; end = bytes.indexOf(nul, start)) {
      records.push(bytes.subarray(start, end));
      start = end + 1;
    }
    rest = start === bytes.length ? undefined : bytes.subarray(start);
    if (records.length > 0) yield records;
  }
  if (rest !== undefined) throw new Error('git stopped in the middle of a record');
}

/** Reads lines and counted bytes in turn, as `cat-file --batch` prints them. */
export class BatchReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>; // no encoding is set on these streams
  }

  /** The next line without its end, or undefined at the end of the stream. */
  async line(): Promise<string | undefined> {
    let end = this.#bytes.indexOf(lineEnd);
    while (end < 0) {
      if (!(await this.#more())) {
        if (this.#bytes.length === 0) return undefined;
        throw new Error('git stopped in the middle of a line');
      }
      end = this.#bytes.indexOf(lineEnd);
    }
    const text = this.#bytes.toString('latin1', 0, end);
    this.#bytes = this.#bytes.subarray(end + 1);
    return text;
  }

  /** Exactly this many bytes. */
  async take(count: number): Promise<Buffer> {
    if (this.#bytes.length >= count) return this.#cut(count);
    const taken = Buffer.allocUnsafe(count);
    let filled = 0;
    while (filled < count) {
      if (this.#bytes.length === 0 && !(await this.#more())) throw new Error('git stopped in the middle of an object');
      const part = this.#cut(Math.min(count - filled, this.#bytes.length));
      filled += part.copy(taken, filled);
    }
    return taken;
  }

  #cut(count: number): Buffer {
    const part = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return part;
  }

  async #more(): Promise<boolean> {
    const next = await this.#pieces.next();
    if (next.done === true) return false;
    this.#bytes = this.#bytes.length === 0 ? next.value : Buffer.concat([this.#bytes, next.value]);
    return true;
  }
}
