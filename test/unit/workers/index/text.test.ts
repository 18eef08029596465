import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { searchWords } from '../../../../src/workers/index/documents/words.ts';
import { languageOf } from '../../../../src/workers/index/syntax/language.ts';
import { decode } from '../../../../src/workers/index/tree/decode.ts';

/** Little-endian. */
function utf32(text: string): Buffer {
  return Buffer.concat(
    Array.from(text, character => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(character.codePointAt(0) ?? 0);
      return bytes;
    }),
  );
}

describe('bytes are read as', () => {
  it.each<[string, Buffer, object]>([
    ['an empty text', Buffer.alloc(0), { text: '', encoding: 'utf-8', eol: 'none' }],
    ['ASCII', Buffer.from('a\nb\n'), { text: 'a\nb\n', encoding: 'utf-8', eol: 'lf' }],
    ['UTF-8', Buffer.from('ü\u{1f600}'), { text: 'ü\u{1f600}', encoding: 'utf-8', eol: 'none' }],
    ['a lone CR where there is no LF', Buffer.from('a\rb\r'), { text: 'a\nb\n', eol: 'cr' }],
    ['CRLF', Buffer.from('a\r\nb\r\n'), { text: 'a\nb\n', eol: 'crlf' }],
    ['mixed line ends', Buffer.from('a\r\nb\nc\rd'), { text: 'a\nb\nc\rd', eol: 'mixed' }],
    ['an empty first line and CRLF', Buffer.from('\na\r\n'), { text: '\na\n', eol: 'mixed' }],
    ['UTF-8 with a mark', Buffer.from('\ufeffa'), { text: 'a', encoding: 'utf-8-bom' }],
    ['UTF-16 little-endian', Buffer.from('\ufeffaü', 'utf16le'), { text: 'aü', encoding: 'utf-16le' }],
    ['UTF-16 big-endian', Buffer.from('\ufeffaü', 'utf16le').swap16(), { text: 'aü', encoding: 'utf-16be' }],
    ['UTF-16 with a second mark', Buffer.from('\ufeff\ufeffa', 'utf16le'), { text: '\ufeffa', encoding: 'utf-16le' }],
    [
      'UTF-32 little-endian',
      utf32('\ufeffa\r\n\u{1f600}'),
      { text: 'a\n\u{1f600}', encoding: 'utf-32le', eol: 'crlf' },
    ],
    ['UTF-32 big-endian', utf32('\ufeffclass').swap32(), { text: 'class', encoding: 'utf-32be' }],
    ['windows-1252', Buffer.from([0x80, 0xe9]), { text: '€é', encoding: 'windows-1252' }],
  ])('%s', (_, bytes, expected) => {
    expect(decode(bytes)).toMatchObject({ is: 'text', ...expected });
  });

  it.each<[string, Buffer]>([
    ['a NUL', Buffer.from('a\0b')],
    ['half a pair in UTF-16', Buffer.from([0xff, 0xfe, 0x00, 0xd8])],
    ['an odd number of bytes in UTF-16', Buffer.from([0xff, 0xfe, 0x61])],
    ['U+0000 in UTF-16', Buffer.from('\ufeffa\0', 'utf16le')],
    ['U+0000 in UTF-32', utf32('\ufeffa\0')],
    ['half a pair in UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0, 0xd8, 0, 0])],
    ['no character in UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0, 0, 0x11, 0])],
    ['a part of a character in UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61])],
    ['a PDF without a NUL', Buffer.from('%PDF-1.7\n1 0 obj\n')],
    ['a JPEG without a NUL', Buffer.from('\xff\xd8\xff\xe0JFIF\x01\x02\xff', 'latin1')],
    [
      'compressed data',
      deflateRawSync(Buffer.from(`${'some text ä'.repeat(3)}${Math.PI}`)).filter(byte => byte !== 0) as Buffer,
    ],
    ['a mark and what is no UTF-8', Buffer.from([0xef, 0xbb, 0xbf, 0xff])],
  ])('binary for %s', (_, bytes) => {
    expect(decode(bytes)).toEqual({ is: 'binary' });
  });

  it('text without CRLF and without half characters, whatever they are', () => {
    const isFine = (array: Uint8Array): boolean => {
      const decoded = decode(Buffer.from(array));
      return decoded.is !== 'text' || (decoded.text.isWellFormed() && !decoded.text.includes('\r\n'));
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), isFine));
  });
});

describe('text that is older than Unicode', () => {
  /** A comment among code; the bytes are what `iconv` makes of it. */
  const code = (comment: string): Buffer => {
    const lines = '\n */\nint main(int argc, char **argv) {\n  return argc > 1 ? puts(argv[1]) : 0;\n}\n';
    return Buffer.from(`/* ${`${comment}\n`.repeat(2)}${lines}`, 'latin1');
  };

  it.each([
    [
      'windows-1251',
      'windows-1251',
      'Эта функция складывает все аргументы',
      '\xdd\xf2\xe0 \xf4\xf3\xed\xea\xf6\xe8\xff \xf1\xea\xeb\xe0\xe4\xfb\xe2\xe0\xe5\xf2 \xe2\xf1\xe5 \xe0\xf0\xe3\xf3\xec\xe5\xed\xf2\xfb',
    ],
    [
      'KOI8-R',
      'koi8-r',
      'Эта функция складывает все аргументы',
      '\xfc\xd4\xc1 \xc6\xd5\xce\xcb\xc3\xc9\xd1 \xd3\xcb\xcc\xc1\xc4\xd9\xd7\xc1\xc5\xd4 \xd7\xd3\xc5 \xc1\xd2\xc7\xd5\xcd\xc5\xce\xd4\xd9',
    ],
    [
      'GBK',
      'gb18030',
      '这个函数计算所有参数',
      '\xd5\xe2\xb8\xf6\xba\xaf\xca\xfd\xbc\xc6\xcb\xe3\xcb\xf9\xd3\xd0\xb2\xce\xca\xfd',
    ],
    [
      'Shift-JIS',
      'shift_jis',
      'この関数は引数の合計',
      '\x82\xb1\x82\xcc\x8a\xd6\x90\x94\x82\xcd\x88\xf8\x90\x94\x82\xcc\x8d\x87\x8cv',
    ],
    ['French', 'windows-1252', 'où les élèves reçoivent la tâche', 'o\xf9 les \xe9l\xe8ves re\xe7oivent la t\xe2che'],
  ])('in %s is %s', (_, encoding, comment, bytes) => {
    const decoded = decode(code(bytes));
    expect(decoded).toMatchObject({ is: 'text', encoding });
    expect(decoded).toHaveProperty('text', expect.stringContaining(comment));
  });

  it('is of no known encoding when nothing makes sense of most of it', () => {
    const greek =
      '\xc1\xf5\xf4\xde \xe7 \xf3\xf5\xed\xdc\xf1\xf4\xe7\xf3\xe7 \xf5\xf0\xef\xeb\xef\xe3\xdf\xe6\xe5\xe9 \xf4\xef \xdc\xe8\xf1\xef\xe9\xf3\xec\xe1 ';
    expect(decode(Buffer.from(greek.repeat(4), 'latin1'))).toEqual({ is: 'unknown encoding' });
    expect(decode(code('\xe7\xe7\xe7'))).toMatchObject({ is: 'text', encoding: 'windows-1252' });
  });
});

describe('the words of', () => {
  it.each([
    ['parseHTTPRequest2', 'parsehttprequest2 parse http request 2'],
    ['foo_bar.baz', 'foo_bar foo bar baz'],
    ['a.b.c', 'a b c'],
    ['Word word WORD', 'word'],
    ['src/git/url.ts', 'src git url ts'],
    ['größeÄnderung', 'größeänderung größe änderung'],
    ['Král', 'král'],
    ['Kra\u0301l', 'král'],
    ['KuźmińskiŁódź_świt', 'kuźmińskiłódź_świt kuźmiński łódź świt'],
    ['ДобрыйДень2', 'добрыйдень2 добрый день 2'],
    ['get用户Name', 'get用户name get 用户 name'],
    ['नमस्ते', 'नमस्ते'],
    ['“so”—it “is”', 'so it is'],
    ['a\u{1f600}b \u{1d4b3}y', 'a b \u{1d4b3}y'],
    ['x'.repeat(65), ''],
    ['', ''],
  ])('%s are %j', (text, words) => {
    expect(searchWords(text)).toBe(words);
  });

  it('any text do not depend on the texts before', () => {
    const naive = (text: string): string => {
      const found = text.match(/[\p{L}\p{M}\p{N}_$]+/gu)?.filter(name => name.length <= 64) ?? [];
      const forms = found.flatMap(name => {
        const parts = name.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|[0-9]+|\p{Lo}+/gu) ?? [];
        return [name, ...parts].map(form => form.toLowerCase());
      });
      return [...new Set(forms)].join(' ');
    };
    const names = fc.stringMatching(/^[A-Za-z0-9_$äŁ字—]{1,4}$/);
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
