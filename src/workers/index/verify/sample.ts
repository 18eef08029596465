import { hash } from 'node:crypto';

const smallestSample = 50;
const oneIn = 1000;

/** How many of `files` are looked at closely: at least 50, at most one in a thousand beyond that. */
export function sampleSize(files: number): number {
  return Math.max(smallestSample, Math.ceil(files / oneIn));
}

/** The path comes back with every chunk: this many characters of it in all are not worth a look. */
const longestAnswer = 4 * 1024 * 1024;

/** A file to look at, with the number of chunks that it was cut into. */
export type SampledFile = { readonly filePath: string; readonly chunks: number };

/**
 * Picks a fixed number of files out of a stream, each with the same chance. The seed decides, so a repeated run looks at
 * the same ones.
 */
export class Sample {
  readonly #seed: string;
  readonly #size: number;
  /** The smallest keys so far, ascending. */
  readonly #picked: { readonly key: string; readonly file: SampledFile }[] = [];

  constructor(seed: string, size: number) {
    this.#seed = seed;
    this.#size = size;
  }

  offer(file: SampledFile): void {
    if (file.filePath.length * file.chunks > longestAnswer) return;
    const key = hash('sha256', `${this.#seed}\0${file.filePath}`, 'hex');
    const last = this.#picked.at(-1);
    if (this.#picked.length >= this.#size && last !== undefined && key >= last.key) return;
    const place = this.#picked.findIndex(picked => picked.key > key);
    this.#picked.splice(place < 0 ? this.#picked.length : place, 0, { key, file });
    if (this.#picked.length > this.#size) this.#picked.pop();
  }

  get files(): readonly SampledFile[] {
    return this.#picked.map(picked => picked.file);
  }
}

/** Cuts a sample into groups that each fit into one answer of the engine: at most `mostChunks`, or a single file. */
export function groupsOf(files: readonly SampledFile[], mostChunks: number): readonly (readonly SampledFile[])[] {
  const groups: SampledFile[][] = [];
  let chunks = Number.POSITIVE_INFINITY;
  for (const file of files) {
    if (chunks + file.chunks > mostChunks) {
      groups.push([]);
      chunks = 0;
    }
    groups.at(-1)?.push(file);
    chunks += file.chunks;
  }
  return groups;
}
