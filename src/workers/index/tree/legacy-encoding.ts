import { analyse } from 'chardet';

/** Older encodings that are told apart, by the names that the standard of the web gives them. */
const eastAsian = ['Shift_JIS', 'EUC-JP', 'EUC-KR', 'GB18030', 'Big5'] as const;
const cyrillic = ['windows-1251', 'KOI8-R', 'ISO-8859-5'] as const;
type Detected = Lowercase<(typeof eastAsian)[number] | (typeof cyrillic)[number]>;
export type LegacyEncoding = 'windows-1252' | Detected;

/** So much of a file is looked at, and of its lines beyond ASCII so much is given to the detector, which takes milliseconds. */
const probeBytes = 64 * 1024;
const evidenceBytes = 8 * 1024;

/** Two bytes for a character are rules that chance does not keep; letters of one byte are told apart by their frequency. */
const surePairs = 50;
const sureLetters = 15;
/** Fewer letters have no frequency. */
const leastLetters = 20;

/** Below so many bytes, or this share of all, what cannot be read is a name in a comment: the rest is worth finding. */
const garbageBytes = 100;
const garbageShare = 0.1;

type Legacy = { readonly text: string; readonly encoding: LegacyEncoding };

/**
 * The text of bytes that are no UTF-8, in the encoding that explains them best; undefined where none does and a good part of
 * the text would be garbage. Windows-1252, which gives every byte a character, is for languages of Latin letters, and for
 * the few bytes of others that nothing can be told from.
 */
export function legacyText(bytes: Buffer): Legacy | undefined {
  const probe = bytes.subarray(0, probeBytes).toString('latin1');
  const runs = probe.match(/[\x80-\xff]+/g) ?? [];
  const high = runs.join('');
  if (isLatin(runs, high)) return windows1252(bytes);
  const lines = probe.split('\n').filter(line => /[\x80-\xff]/.test(line));
  // Letters of ASCII would be counted as letters of the language that is looked for.
  const letters = high.length < leastLetters ? '' : runs.join(' ');
  const found = detected(lines.join('\n'), eastAsian, surePairs) ?? detected(letters, cyrillic, sureLetters);
  const read = found === undefined ? undefined : strictly(bytes, found);
  const isMuch = high.length >= garbageBytes && high.length > probe.length * garbageShare;
  return read ?? (isMuch ? undefined : windows1252(bytes));
}

/** Letters beyond ASCII stand alone or in twos in languages of Latin letters, in words of them in others. */
const longRun = 3;

/** Few bytes in runs, and few that are no letters in windows-1252 and first halves of pairs elsewhere. */
function isLatin(runs: readonly string[], high: string): boolean {
  const inLongRuns = runs.reduce((sum, run) => sum + (run.length >= longRun ? run.length : 0), 0);
  const firstHalves = high.match(/[\x80-\x9f]/g)?.length ?? 0;
  return inLongRuns * 2 < high.length && firstHalves * 4 < high.length;
}

/** What the detector finds likeliest, where that is one of these encodings and it is so sure. */
function detected(text: string, names: readonly string[], sure: number): string | undefined {
  const [best] = analyse(Buffer.from(text.slice(0, evidenceBytes), 'latin1'));
  return best !== undefined && names.includes(best.name) && best.confidence >= sure ? best.name : undefined;
}

function strictly(bytes: Buffer, name: string): Legacy | undefined {
  try {
    const encoding = name.toLowerCase() as Detected; // one of the lists above
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding };
  } catch {
    return undefined;
  }
}

function windows1252(bytes: Buffer): Legacy {
  return { text: new TextDecoder('windows-1252').decode(bytes), encoding: 'windows-1252' };
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
