import { analyse } from 'chardet';

/** Older encodings that are told apart, by the names that the standard of the web gives them. */
const eastAsian = ['Shift_JIS', 'EUC-JP', 'EUC-KR', 'GB18030', 'Big5'] as const;
const cyrillic = ['windows-1251', 'KOI8-R', 'ISO-8859-5'] as const;
type Detected = Lowercase<(typeof eastAsian)[number] | (typeof cyrillic)[number]>;
export type LegacyEncoding = 'windows-1252' | Detected;

/** So much of a file is looked at. */
const probeBytes = 64 * 1024;

/** Two bytes for a character are rules that chance does not keep; letters of one byte are told apart by their frequency. */
const surePairs = 50;
const sureLetters = 15;

/** Letters beyond ASCII stand alone or in twos in languages of Latin letters, in words of them in others. */
const longRun = 3;

/** Below so many bytes, or this share of all, what cannot be read is a name in a comment: the rest is worth finding. */
const garbageBytes = 100;
const garbageShare = 0.1;

/**
 * The text of bytes that are no UTF-8, in the encoding that explains them best; undefined where none does and a good part of
 * the text would be garbage. Windows-1252, which gives every byte a character, is for languages of Latin letters, and for
 * the few bytes of others that nothing can be told from.
 */
export function legacyText(bytes: Buffer): { readonly text: string; readonly encoding: LegacyEncoding } | undefined {
  const probe = bytes.subarray(0, probeBytes);
  const runs = probe.toString('latin1').match(/[\x80-\xff]+/g) ?? [];
  const high = runs.reduce((sum, run) => sum + run.length, 0);
  const inLongRuns = runs.reduce((sum, run) => sum + (run.length >= longRun ? run.length : 0), 0);
  const pairs = analyse(probe).find(({ name, confidence }) => isOneOf(eastAsian, name) && confidence >= surePairs);
  const isLatin = inLongRuns * 2 < high;
  // The second byte of a pair may be ASCII, so pairs are looked for in whatever runs there are.
  const read = pairs && strictly(bytes, pairs.name);
  if (read !== undefined && (!isLatin || isRich(read.text))) return read;
  if (isLatin) return windows1252(bytes);
  // Letters of ASCII would be counted as letters of the language that is looked for.
  const [letters] = analyse(Buffer.from(runs.join(' '), 'latin1'));
  const isSure = letters !== undefined && isOneOf(cyrillic, letters.name) && letters.confidence >= sureLetters;
  const written = isSure ? strictly(bytes, letters.name) : undefined;
  return written ?? (high >= garbageBytes && high > probe.length * garbageShare ? undefined : windows1252(bytes));
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

/** Pairs of a script of East Asia make characters of that script. */
function isRich(text: string): boolean {
  const beyond = text.match(/[^\x00-\x7f]/gu) ?? [];
  const letters = text.match(/[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]/gu) ?? [];
  return (
    letters.length * 2 > beyond.length && /[\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]|\p{scx=Han}{2}/u.test(text)
  );
}

function strictly(bytes: Buffer, name: string) {
  try {
    const encoding = name.toLowerCase() as Detected; // one of the lists above
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding };
  } catch {
    return undefined;
  }
}

function windows1252(bytes: Buffer) {
  return { text: new TextDecoder('windows-1252').decode(bytes), encoding: 'windows-1252' } as const;
}

/** How files begin that are no text, of those whose first bytes may hold no NUL. */
const magic: readonly Buffer[] = [
  '%PDF-',
  '\xff\xd8\xff',
  '\x89PNG\r\n\x1a\n',
  'GIF87a',
  'GIF89a',
  'PK\x03\x04',
  '\x1f\x8b\x08',
  'BZh9',
  '\x28\xb5\x2f\xfd',
].map(text => Buffer.from(text, 'latin1'));

/** True for the formats of files that are known by their first bytes. */
export function isBinaryFormat(bytes: Buffer): boolean {
  return magic.some(start => bytes.subarray(0, start.length).equals(start));
}

/** Nobody types these; in what is compressed one byte in ten is among them. */
const mostControl = 0.01;

/** True where control characters other than white space and escapes make up more than a hundredth. */
export function isMostlyControl(bytes: Buffer): boolean {
  const probe = bytes.subarray(0, probeBytes);
  let control = 0;
  for (const byte of probe) if (byte < 0x20 && (byte < 0x07 || byte > 0x0d) && byte !== 0x1b) control += 1;
  return control > probe.length * mostControl;
}
