import { isBlank } from './lines.ts';

/** What cutting asks of a text again and again: characters that are not white space, and lines. Built in one pass. */
export class TextMap {
  readonly text: string;
  /** How many characters before an offset are not white space. */
  readonly #dense: Uint32Array;
  readonly #lineStarts: readonly number[];

  constructor(text: string) {
    this.text = text;
    this.#dense = new Uint32Array(text.length + 1);
    const lineStarts = [0];
    let dense = 0;
    for (let i = 0; i < text.length; i += 1) {
      this.#dense[i] = dense;
      const code = text.charCodeAt(i);
      if (code === 0x0a) lineStarts.push(i + 1);
      else if (!isBlank(code)) dense += 1;
    }
    this.#dense[text.length] = dense;
    this.#lineStarts = lineStarts;
  }

  /** Characters in `[start, end)` that are not white space. */
  dense(start: number, end: number): number {
    return (this.#dense[end] ?? 0) - (this.#dense[start] ?? 0);
  }

  /** The line of an offset, from 1. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  /** Where a line begins; lines count from 1. */
  startOfLine(line: number): number {
    return this.#lineStarts[line - 1] ?? this.text.length;
  }

  /** The first character from `start` on, before `end`, that is not white space; `end` where there is none. */
  firstDense(start: number, end: number): number {
    let at = start;
    while (at < end && isBlank(this.text.charCodeAt(at))) at += 1;
    return at;
  }
}
