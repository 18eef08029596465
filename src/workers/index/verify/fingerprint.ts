import { hash } from 'node:crypto';
import { pathBytes } from '../tree/paths.ts';

const modulus = 1n << 128n;
const nul = Buffer.alloc(1);

/** What the fingerprint of a version is made of: one per file document. */
export type FingerprintEntry = {
  readonly filePath: string;
  readonly mode: string;
  readonly oid: string;
  readonly state: 'indexed' | 'skipped';
};

/**
 * An order-free sum over entries, modulo 2^128: parts that were counted apart add up, and an entry can be taken out
 * again. Two sets of entries with the same sum are the same set for every purpose but a deliberate attack.
 */
export class Fingerprint {
  #sum: bigint;

  /** Goes on from one that was printed; '' is the empty set. */
  constructor(printed = '') {
    this.#sum = printed === '' ? 0n : BigInt(`0x${printed}`);
  }

  add(entry: FingerprintEntry): void {
    this.#sum = (this.#sum + termOf(entry)) % modulus;
  }

  remove(entry: FingerprintEntry): void {
    this.#sum = (this.#sum + modulus - termOf(entry)) % modulus;
  }

  /** Adds all entries of another one, as it was printed. */
  join(printed: string): void {
    this.#sum = (this.#sum + new Fingerprint(printed).#sum) % modulus;
  }

  /** 32 hexadecimal digits. */
  toString(): string {
    return this.#sum.toString(16).padStart(32, '0');
  }
}

function termOf({ filePath, mode, oid, state }: FingerprintEntry): bigint {
  const parts = [pathBytes(filePath), nul, Buffer.from(mode), nul, Buffer.from(oid), nul, Buffer.from(state)];
  const digest = hash('sha256', Buffer.concat(parts), 'hex');
  return BigInt(`0x${digest.slice(0, 32)}`);
}
