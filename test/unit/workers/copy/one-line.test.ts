import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { onOneLine } from '../../../../src/workers/copy/one-line.ts';

const put = (text: string): string => onOneLine(Buffer.from(text)).toString();

describe('a document on one line', () => {
  it.each([
    ['has no line break: as it is', '{"a": "//" } // end', '{"a": "//" } // end'],
    ['is indented', '{\n  "a": 1\r\n}', '{   "a": 1\r }'],
    ['has a comment that a break ends', '{"a":1, // one "\n"b":2}', '{"a":1,          "b":2}'],
    ['has a comment over lines', '{/* "\n*/"a":1}', '{       "a":1}'],
    [
      'has what looks like a comment in a text',
      '{"a":"http://x /* \\" //",\n"b":1}',
      '{"a":"http://x /* \\" //", "b":1}',
    ],
    ['has a backslash at the end of a text', '{"a":"\\\\",\n"b//":1}', '{"a":"\\\\", "b//":1}'],
    ['has a break in a text, which is not allowed', '{"a":"x\ny"}', '{"a":"x\\ny"}'],
  ])('that %s', (_, text, expected) => {
    expect(put(text)).toBe(expected);
  });

  it('has the same value, and is not changed a second time', () => {
    fc.assert(
      fc.property(fc.json(), json => {
        const indented = JSON.stringify(JSON.parse(json), undefined, 2);
        const line = put(indented);
        expect(JSON.parse(line)).toEqual(JSON.parse(json));
        expect(line).not.toContain('\n');
        expect(put(line)).toBe(line);
      }),
    );
  });
});
