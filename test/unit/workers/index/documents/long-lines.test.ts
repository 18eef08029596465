import { describe, expect, it } from '@jest/globals';
import { isMinified, withoutLongLines } from '../../../../../src/workers/index/documents/long-lines.ts';

const functions = (count: number): string =>
  Array.from({ length: count }, (_, i) => `export function f${i}(): number {\n  return ${i};\n}\n`).join('');

describe('a file is minified', () => {
  it.each<[string, string, 'code' | 'doc', boolean]>([
    ['when it is one long line of code', 'var a=1;'.repeat(10_000), 'code', true],
    ['below its licence', `${'// words of a licence\n'.repeat(30)}${'var a=1;'.repeat(10_000)}`, 'code', true],
    ['in many lines that are long', `${'x'.repeat(2000)}\n`.repeat(20), 'code', true],
    ['but not when it is small', 'x'.repeat(19_999), 'code', false],
    [
      'but not for one literal among functions',
      `${functions(300)}const data = '${'A'.repeat(25_000)}';\n`,
      'code',
      false,
    ],
    ['but not when it is prose', `${'word '.repeat(250)}\n\n`.repeat(100), 'doc', false],
    ['but not when it is empty', '', 'code', false],
  ])('%s', (_, text, type, minified) => {
    expect(isMinified(text, type)).toBe(minified);
  });
});

describe('a line of more than 20,000 characters', () => {
  const long = `const data = '${'A'.repeat(25_000)}';`;

  it('costs itself, and no line beside it', () => {
    const text = withoutLongLines(`first\n${long}\nlast`, 'code');
    const lines = text.split('\n');
    expect(lines.map(line => line.slice(0, 16))).toEqual(['first', "const data = 'AA", 'last']);
    expect(lines[1]).toMatch(/^const data = 'A+…A+';$/);
    expect(text.length).toBeLessThan(1100);
    expect(withoutLongLines(text, 'code')).toBe(text);
  });

  it('is whole in prose, but for data in it', () => {
    const words = 'word '.repeat(10_000);
    expect(withoutLongLines(`a\n${words}\nb`, 'doc')).toBe(`a\n${words}\nb`);
    expect(withoutLongLines(`${words}${'A'.repeat(25_000)} end`, 'doc')).toMatch(/word A+…A+ end$/);
  });

  it('is never cut within a character', () => {
    for (const lead of ['', 'a']) {
      const text = withoutLongLines(`${lead}${'\u{1f600}'.repeat(15_000)}`, 'code');
      expect(text.isWellFormed()).toBe(true);
      expect(text).toContain('…');
    }
  });
});
