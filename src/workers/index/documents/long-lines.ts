import type { Language } from '../syntax/language.ts';

/** Smaller files are worth their few pieces, however they are laid out. Characters. */
const smallestMinified = 20_000;
/** Longer lines are not written by hand. */
const longLine = 500;
/** So much of the text stands in long lines. */
const minifiedShare = 0.9;

/** Code that nobody wrote by hand: 20,000 characters or more, nine tenths of them in lines of more than 500. Prose never is. */
export function isMinified(text: string, type: Language['type']): boolean {
  if (type === 'doc' || text.length < smallestMinified) return false;
  let inLongLines = 0;
  for (const { start, end } of linesOf(text)) if (end - start > longLine) inLongLines += end - start;
  return inLongLines > text.length * minifiedShare;
}

/** A longer line holds data, not words. */
const longestLine = 20_000;
/** What is kept of one at either end: it says what the data is, and leaves quotes and brackets closed. */
const keptAtEnds = 500;
const omission = '…';

/**
 * The text with the middle of every line taken out that is too long: what is around it keeps its line. A line of prose may
 * be as long as it likes; in that only data does not go through, which holds no white space.
 */
export function withoutLongLines(text: string, type: Language['type']): string {
  let kept = '';
  let copied = 0;
  for (const { start, end } of linesOf(text)) {
    if (end - start <= longestLine) continue;
    const line = text.slice(start, end);
    kept += text.slice(copied, start);
    kept += type === 'doc' ? line.replace(/\S+/g, run => (run.length > longestLine ? ends(run) : run)) : ends(line);
    copied = end;
  }
  return copied === 0 ? text : kept + text.slice(copied);
}

function ends(line: string): string {
  const head = line.slice(0, keptAtEnds);
  const tail = line.slice(-keptAtEnds);
  // Never half of a pair.
  return `${head.isWellFormed() ? head : head.slice(0, -1)}${omission}${tail.isWellFormed() ? tail : tail.slice(1)}`;
}

/** Where each line begins and ends, its LF left out. */
function* linesOf(text: string): Generator<{ readonly start: number; readonly end: number }> {
  for (let start = 0; start < text.length;) {
    const lineEnd = text.indexOf('\n', start);
    const end = lineEnd < 0 ? text.length : lineEnd;
    yield { start, end };
    start = end + 1;
  }
}
