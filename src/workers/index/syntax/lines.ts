/** A piece of a text: offsets in UTF-16 units, `end` excluded; lines count from 1, both included. */
export type Piece = {
  readonly start: number;
  readonly end: number;
  readonly startLine: number;
  readonly endLine: number;
};

/** Sizes count characters that are not white space, in UTF-16 units; for a pair that lies across the limit, one unit more. */
export type PieceSizes = { readonly target: number; readonly max: number };

/** White space is cheap to search but not to store: a piece holds at most this many characters for each one of `max`. */
const blankAllowance = 4;
/** A last piece smaller than this part of the target joins the one before it. */
export const smallPart = 1 / 8;

/** The most characters of a piece, white space included. */
export function maxLengthOf({ max }: PieceSizes): number {
  return max * blankAllowance;
}

/**
 * Cuts a text into pieces that, one after another, are the text: no gap, no overlap. A piece ends at a blank line near the
 * target size where there is one, else at a line end; only a line that is too long by itself is cut inside, between two
 * characters. The same text always gives the same pieces.
 */
export function cutLines(text: string, sizes: PieceSizes): readonly Piece[] {
  const cutter = new LineCutter(text, sizes);
  for (let start = 0; start < text.length;) {
    const lineEnd = text.indexOf('\n', start);
    const end = lineEnd < 0 ? text.length : lineEnd + 1;
    cutter.line(start, end);
    start = end;
  }
  return cutter.finish();
}

/** A place between two lines, and what lies between the start of the open piece and it. */
type Mark = { readonly offset: number; readonly line: number; readonly dense: number };

class LineCutter {
  readonly #text: string;
  readonly #sizes: PieceSizes;
  readonly #maxLength: number;
  readonly #pieces: Piece[] = [];
  /** Start of the open piece. */
  #start: Mark = { offset: 0, line: 1, dense: 0 };
  /** End of the last line seen: the open piece reaches to here. */
  #end: Mark = { offset: 0, line: 1, dense: 0 };
  /** After the last blank line of the open piece. */
  #blank: Mark | undefined;
  /** Characters that are not white space in the last piece that was closed. */
  #lastDense = 0;

  constructor(text: string, sizes: PieceSizes) {
    this.#text = text;
    this.#sizes = sizes;
    this.#maxLength = maxLengthOf(sizes);
  }

  /** Dense counts grow over the whole text; differences are what counts. */
  line(start: number, end: number): void {
    const { target, max } = this.#sizes;
    const dense = denseLength(this.#text, start, end);
    if (!this.#fits(this.#end.dense + dense, end)) this.#cutAt(this.#end);
    const before = this.#end;
    this.#end = { offset: end, line: before.line + 1, dense: before.dense + dense };
    if (dense > max || end - start > this.#maxLength) {
      this.#cutInside(before);
      return;
    }
    if (dense === 0) this.#blank = this.#end;
    while (this.#end.dense - this.#start.dense >= target) this.#cutAt(this.#bestMark());
  }

  finish(): readonly Piece[] {
    const tail = this.#end.dense - this.#start.dense;
    const last = this.#pieces.at(-1);
    const joins =
      last !== undefined &&
      tail < this.#sizes.target * smallPart &&
      tail + this.#lastDense <= this.#sizes.max &&
      this.#end.offset - last.start <= this.#maxLength;
    if (joins && this.#end.offset > this.#start.offset) {
      this.#pieces[this.#pieces.length - 1] = { ...last, end: this.#end.offset, endLine: this.#end.line - 1 };
    } else {
      this.#cutAt(this.#end);
    }
    return this.#pieces;
  }

  #fits(dense: number, end: number): boolean {
    return dense - this.#start.dense <= this.#sizes.max && end - this.#start.offset <= this.#maxLength;
  }

  #bestMark(): Mark {
    const blank = this.#blank;
    if (blank === undefined || blank.offset <= this.#start.offset) return this.#end;
    return blank.dense - this.#start.dense >= this.#sizes.target / 2 ? blank : this.#end;
  }

  #cutAt(mark: Mark): void {
    if (mark.offset <= this.#start.offset) return;
    this.#pieces.push({
      start: this.#start.offset,
      end: mark.offset,
      startLine: this.#start.line,
      endLine: mark.line - 1,
    });
    this.#lastDense = mark.dense - this.#start.dense;
    this.#start = mark;
    this.#blank = undefined;
  }

  /** The line from `before` to the end is too long for a piece: cut wherever a piece is full. */
  #cutInside(before: Mark): void {
    let start = before.offset;
    let dense = 0;
    for (let i = before.offset; i < this.#end.offset; i += 1) {
      const full = dense >= this.#sizes.max || i - start >= this.#maxLength;
      if (full && !isLowSurrogate(this.#text, i)) {
        this.#pieces.push({ start, end: i, startLine: before.line, endLine: before.line });
        start = i;
        dense = 0;
      }
      if (!isBlank(this.#text.charCodeAt(i))) dense += 1;
    }
    this.#start = { offset: start, line: before.line, dense: before.dense };
    this.#end = { ...this.#end, dense: before.dense + dense };
    this.#cutAt(this.#end);
  }
}

function denseLength(text: string, start: number, end: number): number {
  let dense = 0;
  for (let i = start; i < end; i += 1) if (!isBlank(text.charCodeAt(i))) dense += 1;
  return dense;
}

/** Space, tab and line ends: the white space that code is laid out with. */
export function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function isLowSurrogate(text: string, i: number): boolean {
  const code = text.charCodeAt(i);
  return code >= 0xdc00 && code <= 0xdfff;
}
