import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cutLines, type Piece } from '../../../../../src/workers/index/syntax/lines.ts';

const sizes = { target: 20, max: 50 };
const parts = (text: string): readonly string[] =>
  cutLines(text, sizes).map(({ start, end }) => text.slice(start, end));

/** Text as repositories have it: words, blank lines, indents, long lines, characters outside of the first plane. */
const texts = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.constantFrom('', ' ', '\t\t', 'word', 'x'.repeat(120), '\u{1f600}'.repeat(30), ' '.repeat(400)),
    ),
    { maxLength: 60 },
  )
  .map(lines => lines.join('\n'));

const dense = (text: string): number => text.replace(/[ \t-\r]/g, '').length;
/** A pair of surrogates is never cut: a piece that ends with one may hold one unit more. */
const overhang = (part: string): number => (/[\udc00-\udfff]$/.test(part) ? 1 : 0);

describe('lines are cut into pieces', () => {
  it('that are the text, one after another', () => {
    fc.assert(fc.property(texts, text => parts(text).join('') === text));
  });

  it('without a gap, none of them empty', () => {
    const isSeamless = (pieces: readonly Piece[]): boolean =>
      pieces.every((piece, i) => piece.start === (pieces[i - 1]?.end ?? 0) && piece.end > piece.start);
    fc.assert(fc.property(texts, text => isSeamless(cutLines(text, sizes))));
  });

  it('none of which is larger than the maximum', () => {
    fc.assert(
      fc.property(texts, text =>
        parts(text).every(
          part => dense(part) - overhang(part) <= sizes.max && part.length - overhang(part) <= sizes.max * 4,
        ),
      ),
    );
  });

  it('none of which holds half a character', () => {
    const isWhole = (part: string): boolean => part.isWellFormed();
    fc.assert(fc.property(texts, text => !text.isWellFormed() || parts(text).every(isWhole)));
  });

  it('whose lines are those of the text', () => {
    const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;
    const areRight = (text: string): boolean =>
      cutLines(text, sizes).every(
        ({ start, end, startLine, endLine }) => startLine === lineAt(text, start) && endLine === lineAt(text, end - 1),
      );
    fc.assert(fc.property(texts, areRight));
  });

  it('that do not depend on what follows, but for the last two', () => {
    const startsAlike = (text: string, more: string): boolean => {
      const alone = parts(`${text}\n`).slice(0, -2);
      return parts(`${text}\n${more}`).slice(0, alone.length).join('|') === alone.join('|');
    };
    fc.assert(fc.property(texts, texts, startsAlike));
  });

  it.each<[string, string, readonly string[]]>([
    ['nothing into nothing', '', []],
    ['a short text into one', 'a\nb\n', ['a\nb\n']],
    ['at a line end when the target is reached', `${'a'.repeat(20)}\n${'b'.repeat(20)}\n`, [`${'a'.repeat(20)}\n`, `${'b'.repeat(20)}\n`]],
    ['rather at a blank line', `${'a'.repeat(12)}\n\n${'b'.repeat(12)}\nc\n`, [`${'a'.repeat(12)}\n\n`, `${'b'.repeat(12)}\nc\n`]],
    ['but not at one that comes too early', `a\n\n${'b'.repeat(20)}\n`, [`a\n\n${'b'.repeat(20)}\n`]],
    ['with a small tail joined', `${'a'.repeat(20)}\nb\n`, [`${'a'.repeat(20)}\nb\n`]],
    ['inside a line that is too long by itself', 'x'.repeat(120), ['x'.repeat(50), 'x'.repeat(50), 'x'.repeat(20)]],
  ])('%s', (_, text, expected) => {
    expect(parts(text)).toEqual(expected);
  }); // prettier-ignore
});
