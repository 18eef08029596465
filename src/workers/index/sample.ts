import { hash } from 'node:crypto';

const smallestSample = 50;
const oneIn = 1000;

/** How many of `files` are looked at closely: at least 50, at most one in a thousand beyond that. */
export function sampleSize(files: number): number {
  return Math.max(smallestSample, Math.ceil(files / oneIn));
}

/**
 * Picks a fixed number of paths out of a stream, each with the same chance. The seed decides, so a repeated run looks at
 * the same ones.
 */
export class Sample {
  readonly #seed: string;
  readonly #size: number;
  /** The smallest keys so far, ascending. */
  readonly #picked: { readonly key: string; readonly filePath: string }[] = [];

  constructor(seed: string, size: number) {
    this.#seed = seed;
    this.#size = size;
  }

  offer(filePath: string): void {
    const key = hash('sha256', `${this.#seed}\0${filePath}`, 'hex');
    const last = this.#picked.at(-1);
    if (this.#picked.length >= this.#size && last !== undefined && key >= last.key) return;
    const place = this.#picked.findIndex(picked => picked.key > key);
    this.#picked.splice(place < 0 ? this.#picked.length : place, 0, { key, filePath });
    if (this.#picked.length > this.#size) this.#picked.pop();
  }

  get filePaths(): readonly string[] {
    return this.#picked.map(picked => picked.filePath);
  }
}
