import { isAscii, isUtf8 } from 'node:buffer';
import { isBinaryFormat, isMostlyControl, legacyText, type LegacyEncoding } from './legacy-encoding.ts';

type MarkedEncoding = 'utf-8-bom' | 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be';
export type Encoding = 'utf-8' | MarkedEncoding | LegacyEncoding;
export type LineEnds = 'lf' | 'crlf' | 'cr' | 'mixed' | 'none';

/** Text with LF line ends and no byte order mark, and what it looked like before. */
export type Decoded =
  | { readonly is: 'text'; readonly text: string; readonly encoding: Encoding; readonly eol: LineEnds }
  | { readonly is: 'binary' }
  /** Text, but nobody can say in which alphabet. */
  | { readonly is: 'unknown encoding' };

/** Git itself looks this far for a NUL. */
const binaryProbeBytes = 8000;

/**
 * Text out of the bytes of a file. A byte order mark decides; then a NUL in the first 8000 bytes means binary; then strict
 * UTF-8; what is left is in one of the older encodings. What a mark promises has to hold, and holds no U+0000.
 */
export function decode(bytes: Buffer): Decoded {
  const marked = byMark(bytes);
  if (marked !== undefined) return marked.is === 'binary' ? marked : textOf(marked.text, marked.encoding);
  if (bytes.subarray(0, binaryProbeBytes).includes(0)) return { is: 'binary' };
  if (isBinaryFormat(bytes)) return { is: 'binary' };
  if (isAscii(bytes)) return textOf(bytes.toString('latin1'), 'utf-8');
  if (isUtf8(bytes)) return textOf(bytes.toString('utf8'), 'utf-8');
  if (isMostlyControl(bytes)) return { is: 'binary' };
  const legacy = legacyText(bytes);
  return legacy === undefined ? { is: 'unknown encoding' } : textOf(legacy.text, legacy.encoding);
}

/**
 * A file that configures us, as Git reads it: bytes with LF or CRLF line ends and no mark. Those that Git would not make lines
 * of, UTF-16, UTF-32 and a lone CR as line end, are brought into that form; what a mark promises in vain is empty.
 */
export function configurationBytes(bytes: Buffer): Buffer {
  const marked = byMark(bytes);
  const plain = marked === undefined ? bytes : Buffer.from(marked.is === 'binary' ? '' : marked.text);
  return plain.includes(0x0a) ? plain : Buffer.from(plain.toString('latin1').replaceAll('\r', '\n'), 'latin1');
}

type Marked =
  { readonly is: 'text'; readonly text: string; readonly encoding: MarkedEncoding } | { readonly is: 'binary' };

/** Longest first: the mark of UTF-32 begins with that of UTF-16. */
const marks: readonly (readonly [Buffer, MarkedEncoding, (rest: Buffer) => string])[] = [
  [Buffer.from([0xff, 0xfe, 0, 0]), 'utf-32le', rest => utf32(rest, 'readUInt32LE')],
  [Buffer.from([0, 0, 0xfe, 0xff]), 'utf-32be', rest => utf32(rest, 'readUInt32BE')],
  [Buffer.from([0xef, 0xbb, 0xbf]), 'utf-8-bom', rest => strict('utf-8', rest)],
  [Buffer.from([0xff, 0xfe]), 'utf-16le', rest => strict('utf-16le', rest)],
  [Buffer.from([0xfe, 0xff]), 'utf-16be', rest => strict('utf-16be', rest)],
];

function byMark(bytes: Buffer): Marked | undefined {
  const found = marks.find(([mark]) => bytes.subarray(0, mark.length).equals(mark));
  if (found === undefined) return undefined;
  const [mark, encoding, read] = found;
  try {
    const text = read(bytes.subarray(mark.length));
    return text.includes('\0') ? { is: 'binary' } : { is: 'text', text, encoding };
  } catch {
    return { is: 'binary' };
  }
}

/** Throws for what is not in this encoding. A second mark is a character of the text. */
function strict(encoding: string, bytes: Buffer): string {
  return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Throws for what is no UTF-32; Node itself does not know it. */
function utf32(bytes: Buffer, read: 'readUInt32LE' | 'readUInt32BE'): string {
  const characters: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) characters.push(String.fromCodePoint(bytes[read](at)));
  const text = characters.join('');
  if (!text.isWellFormed()) throw new RangeError('half a pair');
  return text;
}

function textOf(text: string, encoding: Encoding): Decoded {
  const eol = lineEnds(text);
  return { is: 'text', text: withLineFeeds(text, eol), encoding, eol };
}

function withLineFeeds(text: string, eol: LineEnds): string {
  if (eol === 'cr') return text.replaceAll('\r', '\n');
  return eol === 'crlf' || eol === 'mixed' ? text.replaceAll('\r\n', '\n') : text;
}

/** A lone CR ends a line where nothing else does; beside LF it is a character, as Git and most editors have it. */
function lineEnds(text: string): LineEnds {
  if (!text.includes('\n')) return text.includes('\r') ? 'cr' : 'none';
  if (!text.includes('\r\n')) return 'lf';
  return /(?:^|[^\r])\n/.test(text) ? 'mixed' : 'crlf';
}
