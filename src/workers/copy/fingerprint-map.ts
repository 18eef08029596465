import { hash } from 'node:crypto';

/** 64 bits of a hash: of as many ids as one shard can hold, two share one in far less than one of a million indices. */
export type Fingerprint = readonly [number, number];

export function fingerprintOf(text: string | Uint8Array): Fingerprint {
  const digest = hash('sha256', text, 'buffer');
  // 0, 0 is an empty place.
  return [digest.readUInt32LE(0), digest.readUInt32LE(4) || 1];
}

const wordsOfPlace = 4;
const firstPlaces = 1024;

/**
 * Fingerprints by fingerprint, in 32 to 64 bytes each: what stands in an index is compared without keeping a text of it. Open
 * addressing, at most half full.
 */
export class FingerprintMap {
  #words = new Uint32Array(firstPlaces * wordsOfPlace);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  set([low, high]: Fingerprint, [valueLow, valueHigh]: Fingerprint): void {
    if (2 * (this.#size + 1) > this.#places()) this.#double();
    const at = this.#placeOf(low, high);
    if (this.#words[at + 1] === 0) this.#size += 1;
    this.#words.set([low, high, valueLow, valueHigh], at);
  }

  get([low, high]: Fingerprint): Fingerprint | undefined {
    const at = this.#placeOf(low, high);
    if (this.#words[at + 1] === 0) return undefined;
    return [this.#words[at + 2] ?? 0, this.#words[at + 3] ?? 0];
  }

  *keys(): Generator<Fingerprint> {
    for (let at = 0; at < this.#words.length; at += wordsOfPlace)
      if (this.#words[at + 1] !== 0) yield [this.#words[at] ?? 0, this.#words[at + 1] ?? 0];
  }

  #places(): number {
    return this.#words.length / wordsOfPlace;
  }

  /** Where it stands, or would. */
  #placeOf(low: number, high: number): number {
    const mask = this.#places() - 1;
    for (let place = low & mask; ; place = (place + 1) & mask) {
      const at = place * wordsOfPlace;
      const isIt = this.#words[at] === low && this.#words[at + 1] === high;
      if (isIt || this.#words[at + 1] === 0) return at;
    }
  }

  #double(): void {
    const before = this.#words;
    this.#words = new Uint32Array(2 * before.length);
    for (let at = 0; at < before.length; at += wordsOfPlace) {
      const [low = 0, high = 0] = [before[at], before[at + 1]];
      if (high !== 0) this.#words.set(before.subarray(at, at + wordsOfPlace), this.#placeOf(low, high));
    }
  }
}

/** About 128 MB at most for one round. */
const mostOfRound = 2_000_000;

/** How many rounds are needed for so many documents, each over the ids that {@link isInRound} says. */
export function roundsFor(documents: number): number {
  return Math.max(1, Math.ceil(documents / mostOfRound));
}

export function isInRound([, high]: Fingerprint, round: number, rounds: number): boolean {
  return high % rounds === round;
}
