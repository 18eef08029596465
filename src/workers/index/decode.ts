import { isAscii, isUtf8 } from 'node:buffer';

export type Encoding = 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'utf-16be' | 'windows-1252';
export type LineEnds = 'lf' | 'crlf' | 'mixed' | 'none';

/** Text with LF line ends and no byte order mark, and what it looked like before. */
export type Decoded =
  | { readonly is: 'text'; readonly text: string; readonly encoding: Encoding; readonly eol: LineEnds }
  | { readonly is: 'binary' };

/** Git itself looks this far for a NUL. */
const binaryProbeBytes = 8000;

/**
 * Text out of the bytes of a file. A byte order mark decides; then a NUL in the first 8000 bytes means binary; then strict
 * UTF-8; whatever is left is read as windows-1252, which gives every byte a character. UTF-16 with half a pair is binary.
 */
export function decode(bytes: Buffer): Decoded {
  const marked = byMark(bytes);
  if (marked !== undefined) return marked;
  if (bytes.subarray(0, binaryProbeBytes).includes(0)) return { is: 'binary' };
  if (isAscii(bytes)) return textOf(bytes.toString('latin1'), 'utf-8');
  if (isUtf8(bytes)) return textOf(bytes.toString('utf8'), 'utf-8');
  return textOf(new TextDecoder('windows-1252').decode(bytes), 'windows-1252');
}

function byMark(bytes: Buffer): Decoded | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    const rest = bytes.subarray(3);
    return isUtf8(rest) && !rest.includes(0) ? textOf(rest.toString('utf8'), 'utf-8-bom') : { is: 'binary' };
  }
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16(bytes, 'utf-16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return utf16(bytes, 'utf-16be');
  return undefined;
}

function utf16(bytes: Buffer, encoding: 'utf-16le' | 'utf-16be'): Decoded {
  try {
    return textOf(new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding);
  } catch {
    return { is: 'binary' };
  }
}

function textOf(text: string, encoding: Encoding): Decoded {
  const eol = lineEnds(text);
  const normal = eol === 'crlf' || eol === 'mixed' ? text.replaceAll('\r\n', '\n') : text;
  return { is: 'text', text: normal, encoding, eol };
}

function lineEnds(text: string): LineEnds {
  if (!text.includes('\n')) return 'none';
  if (!text.includes('\r\n')) return 'lf';
  return /(?:^|[^\r])\n/.test(text) ? 'mixed' : 'crlf';
}
