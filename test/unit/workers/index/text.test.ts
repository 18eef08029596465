import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decode } from '../../../../src/workers/index/decode.ts';
import { languageOf } from '../../../../src/workers/index/language.ts';
import { searchWords } from '../../../../src/workers/index/words.ts';

describe('bytes are read as', () => {
  it.each<[string, Buffer, object]>([
    ['an empty text', Buffer.alloc(0), { text: '', encoding: 'utf-8', eol: 'none' }],
    ['ASCII', Buffer.from('a\nb\n'), { text: 'a\nb\n', encoding: 'utf-8', eol: 'lf' }],
    ['UTF-8', Buffer.from('ü\u{1f600}'), { text: 'ü\u{1f600}', encoding: 'utf-8', eol: 'none' }],
    ['CRLF', Buffer.from('a\r\nb\r\n'), { text: 'a\nb\n', eol: 'crlf' }],
    ['mixed line ends', Buffer.from('a\r\nb\nc\rd'), { text: 'a\nb\nc\rd', eol: 'mixed' }],
    ['an empty first line and CRLF', Buffer.from('\na\r\n'), { text: '\na\n', eol: 'mixed' }],
    ['UTF-8 with a mark', Buffer.from('\ufeffa'), { text: 'a', encoding: 'utf-8-bom' }],
    ['UTF-16 little-endian', Buffer.from('\ufeffaü', 'utf16le'), { text: 'aü', encoding: 'utf-16le' }],
    ['UTF-16 big-endian', Buffer.from('\ufeffaü', 'utf16le').swap16(), { text: 'aü', encoding: 'utf-16be' }],
    ['windows-1252', Buffer.from([0x80, 0xe9]), { text: '€é', encoding: 'windows-1252' }],
  ])('%s', (_, bytes, expected) => {
    expect(decode(bytes)).toMatchObject({ is: 'text', ...expected });
  });

  it.each<[string, Buffer]>([
    ['a NUL', Buffer.from('a\0b')],
    ['half a pair in UTF-16', Buffer.from([0xff, 0xfe, 0x00, 0xd8])],
    ['an odd number of bytes in UTF-16', Buffer.from([0xff, 0xfe, 0x61])],
    ['a mark and what is no UTF-8', Buffer.from([0xef, 0xbb, 0xbf, 0xff])],
  ])('binary for %s', (_, bytes) => {
    expect(decode(bytes)).toEqual({ is: 'binary' });
  });

  it('text without CRLF and without half characters, whatever they are', () => {
    const isFine = (array: Uint8Array): boolean => {
      const decoded = decode(Buffer.from(array));
      return decoded.is === 'binary' || (decoded.text.isWellFormed() && !decoded.text.includes('\r\n'));
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), isFine));
  });
});

describe('the words of', () => {
  it.each([
    ['parseHTTPRequest2', 'parsehttprequest2 parse http request 2'],
    ['foo_bar.baz', 'foo_bar foo bar baz'],
    ['a.b.c', 'a b c'],
    ['Word word WORD', 'word'],
    ['src/git/url.ts', 'src git url ts'],
    ['größeÄnderung', 'größeänderung gr öß e änderung'],
    ['x'.repeat(65), ''],
    ['', ''],
  ])('%s are %j', (text, words) => {
    const split = searchWords(text).split(' ');
    // Where letters beyond ASCII are cut is not promised; that the whole is found is.
    if (/^[\x00-\x7f]*$/.test(text)) expect(split.join(' ')).toBe(words);
    else expect(split).toContain(words.split(' ')[0]);
  });

  it('any text do not depend on the texts before', () => {
    const naive = (text: string): string => {
      const found = text.match(/[A-Za-z0-9_$\u0080-\uffff]+/g)?.filter(name => name.length <= 64) ?? [];
      const forms = found.flatMap(name => {
        const parts = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[\u0080-\uffff]+/g) ?? [];
        return [name, ...parts].map(form => form.toLowerCase());
      });
      return [...new Set(forms)].join(' ');
    };
    const names = fc.stringMatching(/^[A-Za-z0-9_$\u00e4]{1,4}$/);
    const texts = fc.array(
      fc.array(names, { maxLength: 30 }).map(list => list.join(' ')),
      { maxLength: 10 },
    );
    fc.assert(fc.property(texts, list => list.every(text => searchWords(text) === naive(text))));
    // More names than are remembered, in one text and in many.
    const numbers = (from: number, count: number): string =>
      Array.from({ length: count }, (_, i) => `name${from + i}x`).join(' ');
    for (let i = 0; i < 12; i += 1)
      expect(searchWords(numbers(i * 7000, 7000)) === naive(numbers(i * 7000, 7000))).toBe(true);
    expect(searchWords(numbers(0, 90_000)) === naive(numbers(0, 90_000))).toBe(true);
  });
});

describe('the language of', () => {
  it.each([
    ['src/a.ts', 'typescript', 'code'],
    ['A.TSX', 'typescript', 'code'],
    ['docs/README.md', 'markdown', 'doc'],
    ['LICENSE', 'text', 'doc'],
    ['deploy/Dockerfile', 'dockerfile', 'code'],
    ['constructor', 'unknown', 'code'],
    ['a.constructor', 'unknown', 'code'],
    ['a.__proto__', 'unknown', 'code'],
    ['.gitignore', 'unknown', 'code'],
  ])('%s is %s, %s', (filePath, language, type) => {
    expect(languageOf(filePath)).toEqual({ language, type });
  });
});
