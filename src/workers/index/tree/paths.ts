import { isUtf8 } from 'node:buffer';
import type { JsonObject } from '../../../domain/json.ts';

/** What a percent-encoded path holds, and what a plain path must therefore not hold. */
const encodedMark = /%(?:25|[89A-F][0-9A-F])/i;

/**
 * The path as it stands in documents: as it is where it is UTF-8, else with every byte above 0x7f and every `%` written
 * as `%XX`. A plain path that could be mistaken for an encoded one is encoded too, so {@link pathBytes} always finds back.
 */
export function filePathOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) return percentEncoded(bytes);
  const text = bytes.toString('utf8');
  return encodedMark.test(text) ? text.replaceAll('%', '%25') : text;
}

/** True for a path that {@link filePathOf} encoded: it does not sort where the tree has it. */
export function isEncodedPath(filePath: string): boolean {
  return encodedMark.test(filePath);
}

/** The bytes that Git has for a path of a document. */
export function pathBytes(filePath: string): Buffer {
  if (!isEncodedPath(filePath)) return Buffer.from(filePath, 'utf8');
  const parts = filePath.split(/(%[0-9A-F]{2})/i);
  return Buffer.concat(parts.map((part, i) => (i % 2 === 1 ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part))));
}

function percentEncoded(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) {
    const plain = byte < 0x80 && byte !== 0x25;
    text += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

/** The last part of a path. */
export function baseName(filePath: string): string {
  return filePath.slice(filePath.lastIndexOf('/') + 1);
}

/** Filters by folder reach this deep, and hold so many characters: those of a path of a thousand folders would outweigh the rest. */
const mostPrefixes = 64;
const longestPrefixes = 16 * 1024;

/** The fields that say where a file lies. The root is the empty path. */
export function directoryFields(filePath: string): JsonObject {
  const folders = filePath.split('/').slice(0, -1);
  return {
    directoryPath: folders.join('/'),
    directoryName: folders.at(-1) ?? '',
    directoryDepth: folders.length,
    directoryPrefixes: prefixesOf(folders),
  };
}

function prefixesOf(folders: readonly string[]): readonly string[] {
  const prefixes: string[] = [];
  let length = 0;
  let prefix = '';
  for (const folder of folders.slice(0, mostPrefixes)) {
    prefix = prefixes.length === 0 ? folder : `${prefix}/${folder}`;
    length += prefix.length;
    if (length > longestPrefixes) break;
    prefixes.push(prefix);
  }
  return prefixes;
}
